using Sightline.Curation.Parquet;

namespace Sightline.Curation.Tests.Parquet;

/// <summary>Rows of every type that can be written; what each holds follows from its number.</summary>
internal static class SampleRows
{
    internal static IReadOnlyList<ParquetField> Fields { get; } =
    [
        new("id", ParquetType.Int64, IsOptional: false), new("url", ParquetType.Text, IsOptional: false), new("caption", ParquetType.Text),
        new("width", ParquetType.Int32), new("similarity", ParquetType.Float), new("score", ParquetType.Double), new("nsfw", ParquetType.Boolean),
        new("hash", ParquetType.Bytes), new("meta", ParquetType.Json), new("seen", ParquetType.Timestamp), new("never", ParquetType.Text),
        new("sure", ParquetType.Boolean, IsOptional: false),
    ];

    internal static void Write(Stream stream, int rows, ParquetWriteOptions options)
    {
        using var writer = new ParquetWriter(stream, Fields, options with { KeyValues = new Dictionary<string, string> { ["curation"] = "1" } });
        for (var i = 0; i < rows; i++)
        {
            var values = Values(i);
            writer.Set(0, (long)values[0]!);
            writer.Set(1, (string?)values[1]);
            writer.Set(2, (string?)values[2]);
            writer.Set(3, (long?)values[3]);
            writer.Set(4, (float?)values[4]);
            writer.Set(5, (double?)values[5]);
            writer.Set(6, (bool?)values[6]);
            if (values[7] is byte[] hash)
            {
                writer.Set(7, hash);
            }

            writer.Set(8, (string?)values[8]);
            writer.Set(9, (DateTime?)values[9]);
            writer.Set(11, (bool)values[11]!);
            writer.EndRow();
        }

        writer.Finish();
    }

    internal static object?[] Values(long row) =>
    [
        row * 1_000_003 - 7, $"https://example.com/{row}.jpg", row % 3 == 0 ? null : $"a picture of {row % 50}, größer",
        row % 100 < 20 ? null : (row / 7) - 300, row % 5 == 0 ? null : (float)(row / 1000.0), row % 11 == 0 ? null : row / 3.0,
        row % 4 == 0 ? null : row % 4 == 1, row % 6 == 0 ? null : new byte[] { (byte)row, (byte)(row >> 8), 0, 255 },
        row % 2 == 0 ? null : $$"""{"row":{{row % 9}}}""", row % 8 == 0 ? null : Seen(row), null,
        row / 512 % 2 == 0,
    ];

    /// <summary>Before 1970 on whole milliseconds: what is less is cut towards 1970 by some, away from it by others.</summary>
    private static DateTime Seen(long row) => DateTime.UnixEpoch.AddSeconds((row - 1000) * 86_399.5).AddMicroseconds(row > 1000 ? row : 0);
}
