// Writes the Parquet files of this folder, and expected.json, what they hold. See README.md.
import fs from 'node:fs'
import zlib from 'node:zlib'
import parquetjs from '@dsnp/parquetjs'
import { DuckDBInstance } from '@duckdb/node-api'
import * as arrow from 'apache-arrow'
import { parquetWriteBuffer } from 'hyparquet-writer'
import * as wasm from 'parquet-wasm'

// Each file has columns: name -> { type, values }. A value is null, a text, or an array of such for a list.
const expected = {}

const hex = bytes => Buffer.from(bytes).toString('hex')
const micros = n => new Date(Number(n / 1000n)).toISOString().slice(0, 19) + '.' + String(((n % 1000000n) + 1000000n) % 1000000n).padStart(6, '0') + '0'
const text = value => value === null || value === undefined ? null : Array.isArray(value) ? value.map(text) : String(value)
const sparse = (values, every) => values.map((v, i) => i % every === every - 1 ? null : v)
const many = (count, make) => Array.from({ length: count }, (_, i) => make(i))
const column = (type, values) => ({ type, values: text(values) })

// ---- DuckDB: every type of its own, in each codec and version.
const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
const definitions = {
  flag: ['Boolean', 'i % 3 = 0'],
  tiny: ['Int32', '(i - 20)::tinyint'],
  small: ['Int32', '(i * 700 - 20000)::smallint'],
  whole: ['Int32', '(i * 50000000 - 1000000000)::integer'],
  long: ['Int64', '(i::hugeint * 200000000000000000 - 5000000000000000000)::bigint'],
  utiny: ['Int32', '(i * 4)::utinyint'],
  usmall: ['Int32', '(i * 1000)::usmallint'],
  uwhole: ['UInt32', '(i::bigint * 70000000)::uinteger'],
  ulong: ['UInt64', '(i::hugeint * 300000000000000000)::ubigint'],
  single: ['Float', '(i / 7.0 - 3)::float'],
  double: ['Double', '(i / 7.0 - 3)::double'],
  url: ['Text', "'https://example.com/picture/' || i || '.jpg'"],
  caption: ['Text', "['a red house', 'ein grünes Haus', '青い家', '🏠', ''][i % 5 + 1]"],
  hash: ['Bytes', "unhex(md5(i::varchar))"],
  day: ['Date', "('1965-12-30'::date + (i * 200)::integer)"],
  clock: ['Time', "('00:00:01.5'::time + interval (i * 1400) second + interval (i) microsecond)"],
  moment: ['Timestamp', "('1965-01-01 01:02:03'::timestamp + interval (i * 20000) hour + interval (i) microsecond)"],
  instant: ['Timestamp', "('2001-01-01 01:02:03+00'::timestamptz + interval (i * 777) minute)"],
  nanos: ['Timestamp', "('1969-12-31 23:59:00.0000005'::timestamp_ns + interval (i * 3) second)"],
  millis: ['Timestamp', "('2024-02-29 00:00:00.125'::timestamp_ms + interval (i) day)::timestamp_ms"],
  price: ['Decimal', '(i * 1.25 - 30)::decimal(9, 2)'],
  amount: ['Decimal', '(i::decimal(4, 0) * 123456789.0125 - 30)::decimal(18, 4)'],
  vast: ['Decimal', '(i::decimal(4, 0) * -1234567890123456.0125)::decimal(38, 4)'],
  id: ['Uuid', "md5(i::varchar)::uuid"],
  json: ['Json', `('{"i":' || i || '}')::json`],
  kind: ['Text', "['jpg', 'png'][i % 2 + 1]::kinds"],
  tags: ['Text', "case when i % 7 = 3 then [] else list_transform(range(i % 4), k -> case when k = 2 then null else 't' || (i + k) end) end", true],
  numbers: ['Int32', 'range(i % 5)::integer[]', true],
  boxes: [null, '[[1.5, i], []]'],
  shape: [null, "{'width': i, 'inner': {'height': case when i % 2 = 0 then i * 2 end}}"],
}
await duckdb.run("create type kinds as enum ('jpg', 'png')")
await duckdb.run("set timezone = 'UTC'")
const select = Object.entries(definitions)
  .map(([name, [, sql]], k) => `case when (i + ${k}) % 4 = 1 then null else ${sql} end as "${name}"`).join(',\n')
await duckdb.run(`create table t as select i::bigint as row_id, ${select} from range(60) r(i)`)
const shown = ([name, [type, , isList]]) => {
  const stamp = `strftime("${name}"::timestamp_ns, '%Y-%m-%dT%H:%M:%S.%n')`
  const sql = isList ? `list_transform("${name}", x -> x::varchar)`
    : type === 'Bytes' ? `lower(hex("${name}"))`
    : type === 'Timestamp' ? `left(${stamp}, 27)`
    : `"${name}"::varchar`
  return `${sql} as "${name}"`
}
const readable = Object.entries(definitions).filter(([, [type]]) => type)
const rows = (await duckdb.runAndReadAll(`select ${readable.map(shown).join(', ')} from t order by row_id`)).getRowObjectsJson()
const duck = { row_id: column('Int64', many(60, i => i)) }
for (const [name, [type]] of readable) duck[name] = column(type, rows.map(r => r[name]))
const shapes = (await duckdb.runAndReadAll('select shape.width::varchar w, shape.inner.height::varchar h from t order by row_id')).getRowObjectsJson()
duck['shape.width'] = column('Int64', shapes.map(r => r.w))
duck['shape.inner.height'] = column('Int64', shapes.map(r => r.h))
for (const [name, options] of Object.entries({
  'duckdb-v1-plain': 'parquet_version v1, compression uncompressed', 'duckdb-v1-snappy': 'parquet_version v1, compression snappy',
  'duckdb-v2-zstd': 'parquet_version v2, compression zstd', 'duckdb-v2-gzip': 'parquet_version v2, compression gzip',
  'duckdb-v1-brotli': 'parquet_version v1, compression brotli', 'duckdb-v2-lz4-raw': 'parquet_version v2, compression lz4_raw',
})) {
  await duckdb.run(`copy (select * from t order by row_id) to '${name}.parquet' (format parquet, ${options})`)
  expected[`${name}.parquet`] = duck
}

// ---- arrow-rs: each encoding asked for by column, small pages, several row groups.
const count = 300
const words = ['a red house', 'two cats', 'das Meer', '日本の山', '']
const arrowColumns = {
  plain_int: ['Int32', new arrow.Int32(), sparse(many(count, i => i * 7919 % 1000 - 500), 5), 'PLAIN'],
  delta_int: ['Int32', new arrow.Int32(), sparse(many(count, i => [-2147483648, 2147483647, i, -i][i % 4]), 7), 'DELTA_BINARY_PACKED'],
  delta_long: ['Int64', new arrow.Int64(), many(count, i => BigInt(i) * 1000003n - (i % 2 ? 9000000000000000000n : 0n)), 'DELTA_BINARY_PACKED'],
  delta_unsigned: ['UInt32', new arrow.Uint32(), many(count, i => 4294967295 - i), 'DELTA_BINARY_PACKED'],
  split_float: ['Float', new arrow.Float32(), sparse(many(count, i => Math.fround(i / 3)), 4), 'BYTE_STREAM_SPLIT'],
  split_double: ['Double', new arrow.Float64(), many(count, i => i === 7 ? -0 : i / 3), 'BYTE_STREAM_SPLIT'],
  split_int: ['Int32', new arrow.Int32(), many(count, i => i * 65537), 'BYTE_STREAM_SPLIT'],
  split_long: ['Int64', new arrow.Int64(), many(count, i => BigInt(i) << 40n), 'BYTE_STREAM_SPLIT'],
  half: ['Half', new arrow.Float16(), many(count, i => i / 4 - 20), 'BYTE_STREAM_SPLIT'],
  run_flags: ['Boolean', new arrow.Bool(), sparse(many(count, i => i % 50 < 30), 11), 'RLE'],
  plain_flags: ['Boolean', new arrow.Bool(), many(count, i => i % 3 === 1), 'PLAIN'],
  plain_text: ['Text', new arrow.Utf8(), sparse(many(count, i => words[i % 5] + i % 13), 6), 'PLAIN'],
  delta_length: ['Text', new arrow.Utf8(), sparse(many(count, i => words[i % 5].repeat(i % 3)), 6), 'DELTA_LENGTH_BYTE_ARRAY'],
  delta_bytes: ['Text', new arrow.Utf8(), sparse(many(count, i => `https://example.com/${i >> 3}/${i}.jpg`), 9), 'DELTA_BYTE_ARRAY'],
  dictionary: ['Text', new arrow.Utf8(), sparse(many(count, i => words[i % 5]), 8), 'dictionary'],
  dictionary_long: ['Int64', new arrow.Int64(), sparse(many(count, i => BigInt(i * i % 23)), 3), 'dictionary'],
  one_value: ['Text', new arrow.Utf8(), many(count, () => 'the same'), 'dictionary'],
  nulls: ['Text', new arrow.Utf8(), many(count, () => null), 'dictionary'],
  binary: ['Bytes', new arrow.Binary(), many(count, i => Uint8Array.of(i & 255, 0, 255)), 'PLAIN'],
  fixed: ['Bytes', new arrow.FixedSizeBinary(3), many(count, i => Uint8Array.of(1, i & 255, i >> 8)), 'DELTA_BYTE_ARRAY'],
  seconds: ['Timestamp', new arrow.TimestampMillisecond('UTC'), sparse(many(count, i => i * 86400000 - 5000000000), 5), 'DELTA_BINARY_PACKED'],
  scores: ['Float', new arrow.List(new arrow.Field('item', new arrow.Float32(), true)),
    sparse(many(count, i => sparse(many(i % 4, k => k + i / 2), 3)), 10), 'PLAIN'],
}
const shownArrow = {
  Bytes: v => v && hex(v),
  Timestamp: v => v === null ? null : micros(BigInt(v) * 1000n),
  Double: v => Object.is(v, -0) ? '-0' : v,
}
const vectors = {}
const rust = {}
for (const [name, [type, arrowType, values]] of Object.entries(arrowColumns)) {
  const halves = arrowType instanceof arrow.Float16
  vectors[name] = halves ? arrow.makeVector({ type: arrowType, data: Uint16Array.from(values, halfBits), length: count })
    : arrow.vectorFromArray(values, arrowType)
  rust[name] = column(type, values.map(v => (shownArrow[type] ?? (x => x))(v)))
}
function halfBits(value) {
  // Exact for the values here: small multiples of a quarter.
  if (value === 0) return 0
  const exponent = Math.floor(Math.log2(Math.abs(value)))
  return (value < 0 ? 0x8000 : 0) | (exponent + 15) << 10 | (Math.abs(value) / 2 ** exponent - 1) * 1024
}
const ipc = arrow.tableToIPC(new arrow.Table(vectors), 'stream')
for (const [name, version, codec] of [['arrow-rs-v1-snappy', 'V1', 'SNAPPY'], ['arrow-rs-v2-zstd', 'V2', 'ZSTD'], ['arrow-rs-v2-plain', 'V2', 'UNCOMPRESSED']]) {
  let builder = new wasm.WriterPropertiesBuilder()
    .setWriterVersion(wasm.WriterVersion[version]).setCompression(wasm.Compression[codec])
    .setMaxRowGroupSize(128).setDataPageSizeLimit(256).setWriteBatchSize(16).setCreatedBy('arrow-rs through parquet-wasm')
  for (const [column, [, , , encoding]] of Object.entries(arrowColumns)) {
    const path = column === 'scores' ? 'scores.list.item' : column
    builder = builder.setColumnDictionaryEnabled(path, encoding === 'dictionary')
    if (encoding !== 'dictionary') builder = builder.setColumnEncoding(path, wasm.Encoding[encoding])
  }
  fs.writeFileSync(`${name}.parquet`, wasm.writeParquet(wasm.Table.fromIPCStream(ipc), builder.build()))
  expected[`${name}.parquet`] = rust
}

// ---- hyparquet-writer: the annotations of older writers, and encodings of fixed lengths.
const nested = many(40, i => [[i], [i, i + 1]])
const decimals = many(40, i => BigInt(i) * 10n ** 20n - 5n)
const fixedSplit = many(40, i => Uint8Array.of(i, 2, 3, 4, 255 - i))
const schema = [
  { name: 'root', num_children: 5 },
  { name: 'nested', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', type: 'INT32', repetition_type: 'OPTIONAL' },
  { name: 'wide_decimal', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 12, repetition_type: 'OPTIONAL', converted_type: 'DECIMAL', precision: 28, scale: 3 },
  { name: 'fixed_split', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 5, repetition_type: 'REQUIRED' },
  { name: 'old_millis', type: 'INT64', repetition_type: 'OPTIONAL', converted_type: 'TIMESTAMP_MILLIS' },
  { name: 'old_enum', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED', converted_type: 'ENUM' },
]
const enums = many(40, i => ['jpg', 'png', 'webp'][i % 3])
const old = sparse(many(40, i => i * 1000003), 4)
fs.writeFileSync('hyparquet-v2-gzip.parquet', Buffer.from(parquetWriteBuffer({
  schema, codec: 'GZIP', compressors: { GZIP: bytes => zlib.gzipSync(bytes) }, rowGroupSize: 25, pageSize: 64,
  columnData: [
    { name: 'nested', data: nested }, { name: 'wide_decimal', data: decimals.map((d, i) => i % 9 === 8 ? null : d) },
    { name: 'fixed_split', data: fixedSplit, encoding: 'BYTE_STREAM_SPLIT' }, { name: 'old_millis', data: old.map(v => v === null ? null : BigInt(v)), encoding: 'DELTA_BINARY_PACKED' },
    { name: 'old_enum', data: enums.map(e => Buffer.from(e)) },
  ],
})))
expected['hyparquet-v2-gzip.parquet'] = {
  wide_decimal: column('Decimal', decimals.map((d, i) => i % 9 === 8 ? null : `${d < 0n ? '-' : ''}${(d < 0n ? -d : d) / 1000n}.${String((d < 0n ? -d : d) % 1000n).padStart(3, '0')}`)),
  fixed_split: column('Bytes', fixedSplit.map(hex)),
  old_millis: column('Timestamp', old.map(v => v === null ? null : micros(BigInt(v) * 1000n))),
  old_enum: column('Text', enums),
}

// ---- parquetjs: lists of the older layout, fields that repeat without being called a list, and INT96.
const js = new parquetjs.ParquetSchema({
  name: { type: 'UTF8', compression: 'SNAPPY' }, colours: { type: 'UTF8', repeated: true, compression: 'GZIP' },
  legacy: { type: 'LIST', optional: true, fields: { array: { type: 'INT32', repeated: true } } },
  width: { type: 'INT32', optional: true, compression: 'BROTLI' }, moment: { type: 'INT96', optional: true },
})
const writer = await parquetjs.ParquetWriter.openFile(js, 'parquetjs-v1.parquet', { useDataPageV2: false, rowGroupSize: 20 })
const jsRows = many(50, i => ({ name: `picture ${i}`, colours: many(i % 3, k => `colour ${k}`), legacy: i % 6 === 5 ? null : many(i % 4, k => i * 10 + k), width: i % 5 ? i * 10 : null, nanos: i % 7 ? 73588212000 + i * 1000 : null }))
for (const { name, colours, legacy, width, nanos } of jsRows) {
  await writer.appendRow({ name, colours, ...(legacy === null ? {} : { legacy: { array: legacy } }), ...(width === null ? {} : { width }), ...(nanos === null ? {} : { moment: nanos }) })
}
await writer.close()
// It writes day 0 always. The days are put in here; DuckDB says what the file then means.
const bytes = fs.readFileSync('parquetjs-v1.parquet')
jsRows.forEach(({ nanos }, i) => {
  if (nanos === null) return
  const value = Buffer.alloc(12)
  value.writeBigInt64LE(BigInt(nanos))
  // In its page, and in the statistics of pages and chunks.
  for (let at = bytes.indexOf(value); at >= 0; at = bytes.indexOf(value, at + 12)) bytes.writeInt32LE(2440588 + i * 365 - 3000, at + 8)
})
fs.writeFileSync('parquetjs-v1.parquet', bytes)
const moments = (await duckdb.runAndReadAll("select strftime(moment::timestamp, '%Y-%m-%dT%H:%M:%S.%f') || '0' m from 'parquetjs-v1.parquet'")).getRowObjectsJson()
expected['parquetjs-v1.parquet'] = {
  name: column('Text', jsRows.map(r => r.name)), colours: column('Text', jsRows.map(r => r.colours)),
  legacy: column('Int32', jsRows.map(r => r.legacy)), width: column('Int32', jsRows.map(r => r.width)), moment: column('Timestamp', moments.map(r => r.m)),
}

// One dataset is written once: files that hold the same refer to the first.
const first = new Map()
const out = Object.fromEntries(Object.entries(expected).map(([file, columns]) => {
  if (first.has(columns)) return [file, first.get(columns)]
  first.set(columns, file)
  return [file, columns]
}))
fs.writeFileSync('expected.json', '{\n' + Object.entries(out).map(([file, columns]) => ` ${JSON.stringify(file)}: ` + (typeof columns === 'string' ? JSON.stringify(columns)
  : '{\n' + Object.entries(columns).map(([name, c]) => `  ${JSON.stringify(name)}: ${JSON.stringify(c)}`).join(',\n') + '\n }')).join(',\n') + '\n}\n')
process.exit(0)
