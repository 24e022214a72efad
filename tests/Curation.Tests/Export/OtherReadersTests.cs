using System.Text.Json;
using Sightline.Curation.Export;
using Sightline.Curation.Tests.Parquet;

namespace Sightline.Curation.Tests.Export;

/// <summary>DuckDB and hyparquet read an export's tables.</summary>
public sealed class OtherReadersTests(OtherPrograms programs) : IClassFixture<OtherPrograms>, IDisposable
{
    private const string ReadTables = """
        import fs from 'node:fs'
        import { DuckDBInstance } from '@duckdb/node-api'
        import { parquetReadObjects } from 'hyparquet'
        import { compressors } from 'hyparquet-compressors'
        const [shards, table, verdicts] = process.argv.slice(2)
        const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
        const ask = async (sql, path) => (await duckdb.runAndReadAll(sql, { path })).getRowObjectsJson()
        const bytes = fs.readFileSync(verdicts)
        const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
        const show = (_, v) => typeof v === 'bigint' ? Number(v) : v
        console.log(JSON.stringify({
          shards: await ask(`select key, status, error_message, caption, row::integer as row, width, sha256, extra->>'a' as a
            from read_parquet($path) order by row`, shards),
          table: await ask('select row::integer as row, key, caption, image, similarity from read_parquet($path) order by row', table),
          verdicts: await parquetReadObjects({ file, compressors }),
        }, show))
        """;

    private readonly ExportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Tables_of_shards_of_pairs_and_of_verdicts_say_what_was_exported()
    {
        var images = Enumerable.Range(0, 25).Select(i => _fixture.AddFile($"{i}.jpg", ExportFixture.Picture(i))).ToArray();
        images[7] = "/nowhere.jpg";
        _fixture.Write([.. images.Select((image, i) => new TestPair($"k{i}", $"cäption {i}", image, (ushort)(i % 5 == 0 ? 2 : 0))
        {
            Width = 16, Height = 12, Similarity = i / 8f, Extra = $"{{\"a\":\"{i}\"}}",
        })]);
        await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.WebDataset, "shards") with { ShardSize = 8 });
        await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.Parquet, "table"));
        await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.Verdicts, "verdicts"), _fixture.Source(new() { [1] = false }));

        var answer = await programs.RunScriptAsync(
            ReadTables, _fixture.PathOf("shards", "*.parquet"), _fixture.PathOf("table", "pairs.parquet"),
            _fixture.PathOf("verdicts", "verdicts.parquet"));

        var kept = Enumerable.Range(0, 25).Where(i => i % 5 != 0).ToArray();
        var shards = answer.GetProperty("shards").EnumerateArray().ToArray();
        Assert.Equal(
            kept.Select(i => $"{i} {(i == 7 ? "failed" : "success")} cäption {i} 16 {i}"),
            shards.Select(s => $"{s.GetProperty("row")} {Text(s, "status")} {Text(s, "caption")} {s.GetProperty("width")} {Text(s, "a")}"));
        Assert.StartsWith("missing: ", Text(shards[5], "error_message"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, shards[5].GetProperty("sha256").ValueKind);
        Assert.Equal("000010001", Text(shards[8], "key"));
        Assert.Equal(
            kept.Select(i => $"{i} k{i} cäption {i}"),
            answer.GetProperty("table").EnumerateArray().Select(t => $"{t.GetProperty("row")} {Text(t, "key")} {Text(t, "caption")}"));
        Assert.Equal(
            Enumerable.Range(0, 25).Select(i => i % 5 == 0 ? $"{i} k{i} drop too_long" : i == 1 ? "1 k1 drop by_hand" : $"{i} k{i} keep "),
            answer.GetProperty("verdicts").EnumerateArray().Select(
                v => $"{v.GetProperty("row")} {Text(v, "key")} {Text(v, "verdict")} {Text(v, "reason")}"));
    }

    private static string? Text(JsonElement row, string field) => row.TryGetProperty(field, out var value) ? value.GetString() : "";
}
