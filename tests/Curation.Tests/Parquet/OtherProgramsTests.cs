using System.Globalization;
using System.Text.Json;
using Sightline.Curation.Parquet;

namespace Sightline.Curation.Tests.Parquet;

/// <summary>What we write, others read; what DuckDB writes by the hundred thousand rows, we read.</summary>
public sealed class OtherProgramsTests(OtherPrograms programs) : IClassFixture<OtherPrograms>
{
    private const int Rows = 3000;

    private const string ReadByAll = """
        import fs from 'node:fs'
        import { DuckDBInstance } from '@duckdb/node-api'
        import * as arrow from 'apache-arrow'
        import { parquetReadObjects } from 'hyparquet'
        import { compressors } from 'hyparquet-compressors'
        import * as wasm from 'parquet-wasm'
        const [path] = process.argv.slice(2)
        const bytes = fs.readFileSync(path)
        const show = v => v === null || v === undefined ? null : typeof v === 'bigint' ? String(v) : v instanceof Date ? v.getTime()
          : v instanceof Uint8Array ? Buffer.from(v).toString('hex') : typeof v === 'object' ? JSON.stringify(v) : v
        const rows = objects => objects.map(o => Object.values(o).map(show))
        const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
        const ask = async sql => (await duckdb.runAndReadAll(sql, { path })).getRowObjectsJson()
        const table = arrow.tableFromIPC(wasm.readParquet(bytes).intoIPCStream())
        console.log(JSON.stringify({
          duckdb: (await ask(`select * replace (lower(hex(hash)) as hash, floor(epoch_us(seen) / 1000) as seen, id::varchar as id)
            from read_parquet($path)`)).map(o => Object.values(o)),
          arrow: rows([...table].map(row => row.toJSON()).map(o => ({ ...o, seen: o.seen && Math.floor(o.seen) }))),
          hyparquet: rows(await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), compressors, utf8: false })),
          micros: (await ask("select strftime(seen at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%f') s from read_parquet($path)")).map(o => o.s),
          schema: Object.fromEntries((await ask('describe select * from read_parquet($path)')).map(o => [o.column_name, o.column_type])),
          statistics: Object.fromEntries((await ask('select * from parquet_metadata($path) where row_group_id = 1'))
            .map(o => [o.path_in_schema, [o.num_values, o.stats_null_count, o.stats_min_value, o.stats_max_value, o.compression, o.encodings]])),
          found: (await ask("select id::varchar id from read_parquet($path) where url = 'https://example.com/2345.jpg' and width = 35")).map(o => o.id),
        }))
        """;

    private const string WriteMany = """
        import { DuckDBInstance } from '@duckdb/node-api'
        const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
        await duckdb.run(`create table t as select i as id, 'https://example.com/picture/' || i || '.jpg' as url,
          case when i % 5 = 0 then null else 'a caption of ' || (i % 1000) || repeat(' word', (i % 7)::integer) end as caption,
          (i * 7919 % 4096)::integer as width, case when i % 3 = 0 then null else i / 8.0 end::double as score, i % 64 = 0 as flag,
          case when i % 11 = 0 then null else list_transform(range(i % 4), k -> i + k) end as list from range(300000) r(i)`)
        for (const [name, options] of JSON.parse(process.argv[2])) {
          await duckdb.run(`copy (select * from t order by id) to '${name}' (format parquet, row_group_size 65536, ${options})`)
        }
        console.log('0')
        """;

    [Theory]
    [InlineData(ParquetCompression.None, "UNCOMPRESSED")]
    [InlineData(ParquetCompression.Snappy, "SNAPPY")]
    [InlineData(ParquetCompression.Zstandard, "ZSTD")]
    public async Task DuckDB_arrow_and_hyparquet_read_what_was_written(ParquetCompression compression, string codec)
    {
        var path = programs.PathOf("ours.parquet");
        await using (var stream = File.Create(path))
        {
            var options = new ParquetWriteOptions { Compression = compression, RowGroupRows = 1300, PageBytes = 8192, DictionaryBytes = 15_000 };
            SampleRows.Write(stream, Rows, options);
        }

        var answer = await programs.RunScriptAsync(ReadByAll, path);

        foreach (var reader in new[] { "duckdb", "arrow", "hyparquet" })
        {
            var rows = answer.GetProperty(reader);
            Assert.Equal(Rows, rows.GetArrayLength());
            for (var i = 0; i < Rows; i++)
            {
                Assert.Equal(SampleRows.Values(i).Select(Show), rows[i].EnumerateArray().Select(v => Show(v)));
            }
        }

        for (var i = 0; i < Rows; i++)
        {
            var seen = (DateTime?)SampleRows.Values(i)[9];
            Assert.Equal(seen?.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture), answer.GetProperty("micros")[i].GetString());
        }

        Assert.Equal(
            "BIGINT VARCHAR VARCHAR INTEGER FLOAT DOUBLE BOOLEAN BLOB JSON TIMESTAMP WITH TIME ZONE VARCHAR BOOLEAN",
            string.Join(' ', answer.GetProperty("schema").EnumerateObject().Select(p => p.Value.GetString())));
        Assert.Equal($"{SampleRows.Values(2345)[0]}", Assert.Single(answer.GetProperty("found").EnumerateArray()).GetString());
        CheckStatistics(answer.GetProperty("statistics"), codec);
    }

    [Fact]
    public async Task Files_of_DuckDB_with_many_rows_are_read()
    {
        string[][] files = [["v1.parquet", "parquet_version v1, compression snappy"], ["v2.parquet", "parquet_version v2, compression zstd"]];
        await programs.RunScriptAsync(WriteMany, JsonSerializer.Serialize(files));

        foreach (var name in files.Select(f => f[0]))
        {
            using var file = ParquetFile.Open(programs.PathOf(name));
            Assert.Equal(300_000, file.Rows);
            Assert.InRange(file.RowGroups, 2, 10);
            foreach (var batch in file.Read(null, CancellationToken.None))
            {
                for (var row = 0; row < batch.Count; row++)
                {
                    CheckRow(batch, row, batch.FirstRow + row);
                }
            }
        }
    }

    private static void CheckRow(ParquetBatch batch, int row, long i)
    {
        var (caption, score, lists) = ((ParquetBytes)batch.Columns[2], (ParquetScalars<double>)batch.Columns[4], (ParquetLists)batch.Columns[6]);
        var wanted = (i, $"https://example.com/picture/{i}.jpg", i % 5 == 0, i * 7919 % 4096, i % 3 == 0, i % 64 == 0, i % 11 == 0);
        var read = (
            batch.Columns[0].Int64(row), batch.Columns[1].Text(row), caption.IsNull(row), batch.Columns[3].Int64(row), score.IsNull(row),
            batch.Columns[5].Boolean(row), lists.IsNull(row));
        Assert.Equal(wanted, read);
        if (i % 5 != 0)
        {
            Assert.Equal($"a caption of {i % 1000}{string.Concat(Enumerable.Repeat(" word", (int)(i % 7)))}", caption.Text(row));
        }

        if (i % 3 != 0)
        {
            Assert.Equal(i / 8.0, score.Values[row]);
        }

        var items = ((ParquetScalars<long>)lists.Items).Values[lists.ItemsOf(row)];
        Assert.Equal(i % 11 == 0 ? 0 : i % 4, items.Length);
        for (var k = 0; k < items.Length; k++)
        {
            Assert.Equal(i + k, items[k]);
        }
    }

    /// <summary>Of the second row group: rows 1300 to 2599.</summary>
    private static void CheckStatistics(JsonElement statistics, string codec)
    {
        var rows = Enumerable.Range(1300, 1300).Select(i => SampleRows.Values(i)).ToArray();
        for (var i = 0; i < SampleRows.Fields.Count; i++)
        {
            var found = statistics.GetProperty(SampleRows.Fields[i].Name);
            Assert.Equal("1300", Show(found[0]));
            Assert.Equal(Show((long)rows.Count(r => r[i] is null)), Show(found[1]));
            Assert.Equal(codec, found[4].GetString());
        }

        Assert.Equal($"{rows[0][0]} {rows[^1][0]}", Range("id"));
        Assert.Equal("https://example.com/1300.jpg https://example.com/2599.jpg", Range("url"));
        Assert.Equal("-112 71", Range("width"));
        Assert.Equal("false true", Range("nsfw"));
        Assert.Equal(" ", Range("never"));
        Assert.Contains("RLE_DICTIONARY", statistics.GetProperty("width")[5].GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("RLE_DICTIONARY", statistics.GetProperty("url")[5].GetString(), StringComparison.Ordinal);

        string Range(string column) => $"{statistics.GetProperty(column)[2]} {statistics.GetProperty(column)[3]}";
    }

    /// <summary>Numbers as they are, but for 64-bit ones, which JavaScript gives as text.</summary>
    private static object? Show(object? value) => value switch
    {
        long number => number.ToString(CultureInfo.InvariantCulture),
        float number => Show((double)number),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        bool or null => value,
        byte[] bytes => Convert.ToHexStringLower(bytes),
        DateTime moment => Show(Math.Floor((moment - DateTime.UnixEpoch).TotalMilliseconds)),
        JsonElement { ValueKind: JsonValueKind.Null } => null,
        JsonElement { ValueKind: JsonValueKind.True or JsonValueKind.False } flag => flag.GetBoolean(),
        JsonElement { ValueKind: JsonValueKind.Number } number => Show(number.GetDouble()),
        JsonElement text => text.GetString(),
        _ => value.ToString(),
    };
}
