using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using NpgsqlTypes;
using Sightline.Search;

namespace Sightline.Curation;

/// <summary>All SQL for datasets, runs, decisions, exports and saved recipes. Thread-safe; each method is one statement.</summary>
public sealed partial class CurationStore(NpgsqlDataSource dataSource, TimeProvider time)
{
    // How reports are stored, and how a change of C#'s names does not change what is stored.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    private static async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<object> parameters)
    {
        var command = dataSource.CreateCommand(sql);
        foreach (var value in parameters)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new() { Value = value });
        }

        return command;
    }

    private static NpgsqlParameter AsJson<T>(T value) => RawJson(JsonSerializer.Serialize(value, Json));

    // PostgreSQL takes no zero in a text, and one may stand in a key or a caption.
    private static NpgsqlParameter RawJson(string json) => new() { Value = json.Replace("\\u0000", "\\ufffd", StringComparison.Ordinal), NpgsqlDbType = NpgsqlDbType.Jsonb };

    private static T FromJson<T>(NpgsqlDataReader reader, int column) => JsonSerializer.Deserialize<T>(reader.GetString(column), Json)!;

    private static T? FromOptionalJson<T>(NpgsqlDataReader reader, int column)
        where T : class => reader.IsDBNull(column) ? null : FromJson<T>(reader, column);

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private static JobId? Job(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : new JobId(reader.GetInt64(column));
}
