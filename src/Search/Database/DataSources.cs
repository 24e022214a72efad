using Npgsql;

namespace Sightline.Search;

/// <summary>Opens data sources the way Sightline uses them.</summary>
internal static class DataSources
{
    // Segments and vectors move by the megabyte: fewer, larger reads from the socket.
    private const int BufferBytes = 128 << 10;

    internal static NpgsqlDataSource Open(string connectionString) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connectionString) { ReadBufferSize = BufferBytes, WriteBufferSize = BufferBytes }.ConnectionString);
}
