using Npgsql;

namespace Sightline.Search;

/// <summary>Opens data sources the way Sightline uses them.</summary>
internal static class DataSources
{
    // Segments and vectors move by the megabyte: fewer, larger reads from the socket.
    private const int BufferBytes = 128 << 10;

    internal static NpgsqlDataSource Open(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { ReadBufferSize = BufferBytes, WriteBufferSize = BufferBytes };

        // Metrics carry the name; without one they would carry the connection string.
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = "sightline" }.Build();
    }
}
