using System.Globalization;

namespace Sightline.Curation;

/// <summary>
/// The pairs of a dataset in a folder of our own: parts of at most <see cref="PartRows"/> pairs, each a Parquet file with a file of facts
/// beside it and, once the images were looked at, files of measures and embeddings. Each file is there whole or not at all; parts are
/// numbered without a gap. Any number of threads may read, one process writes.
/// </summary>
public sealed class PairDataset(string folder)
{
    /// <summary>Pairs of every part but the last.</summary>
    public const int PartRows = 100_000;

    public string Folder => folder;

    /// <summary>Parts that are complete.</summary>
    public int CountParts()
    {
        var parts = 0;
        while (File.Exists(FactsPath(parts)))
        {
            parts++;
        }

        return parts;
    }

    /// <summary>Pairs of all parts that are complete.</summary>
    public long CountPairs()
    {
        var parts = CountParts();
        return parts == 0 ? 0 : ((long)(parts - 1) * PartRows) + CountRows(parts - 1);
    }

    /// <param name="number">From 0 to below <see cref="CountParts"/>.</param>
    /// <exception cref="IOException">A file of the part is gone.</exception>
    /// <exception cref="InvalidDataException">A file of the part is damaged.</exception>
    public PairPart ReadPart(int number, PartColumns columns, CancellationToken cancellationToken)
    {
        var pairs = PairFile.Read(PairsPath(number), (long)number * PartRows, columns & PartColumns.Texts, cancellationToken);
        return new PairPart(
            pairs,
            columns.HasFlag(PartColumns.Facts) ? Check(ReadFacts(number), pairs, number) : null,
            columns.HasFlag(PartColumns.Measures) ? Check(ReadMeasures(number), pairs, number) : null,
            columns.HasFlag(PartColumns.Embeddings) ? EmbeddingFile.Read(EmbeddingsPath(number)) : null);
    }

    /// <summary>Some pairs of a part with all that is known of them but their embeddings; of its files only what they are in is
    /// read.</summary>
    /// <param name="number">From 0 to below <see cref="CountParts"/>.</param>
    /// <param name="rows">Places in the part, ascending.</param>
    /// <returns>These alone, numbered from 0.</returns>
    /// <inheritdoc cref="ReadPart"/>
    internal PairPart ReadRows(int number, IReadOnlyList<int> rows, CancellationToken cancellationToken) => new(
        PairFile.ReadRows(PairsPath(number), PartColumns.Texts, rows, cancellationToken),
        RecordFile.Read<CaptionFacts>(FactsPath(number), CaptionFacts.Version, rows) ?? throw OtherVersion(number),
        RecordFile.Read<ImageMeasures>(MeasuresPath(number), ImageMeasures.Version, rows), null);

    /// <summary>Pairs of a part.</summary>
    internal int CountRows(int number) => RecordFile.Count<CaptionFacts>(FactsPath(number), CaptionFacts.Version) ?? throw OtherVersion(number);

    /// <summary>All parts in order.</summary>
    public IEnumerable<PairPart> ReadParts(PartColumns columns, CancellationToken cancellationToken)
    {
        var parts = CountParts();
        for (var i = 0; i < parts; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return ReadPart(i, columns, cancellationToken);
        }
    }

    /// <summary>Adds a part, facts last: with them it is complete.</summary>
    /// <param name="notes">Kept with the part.</param>
    internal void WritePart(int number, PairBatch pairs, ReadOnlySpan<CaptionFacts> facts, IReadOnlyDictionary<string, string> notes)
    {
        Directory.CreateDirectory(folder);
        PairFile.Write(PairsPath(number), pairs, notes);
        RecordFile.Write(FactsPath(number), CaptionFacts.Version, facts);
    }

    /// <summary>When a part's measures were written last, or else its facts.</summary>
    internal DateTime WrittenAt(int number) =>
        File.GetLastWriteTimeUtc(File.Exists(MeasuresPath(number)) ? MeasuresPath(number) : FactsPath(number));

    internal IReadOnlyDictionary<string, string> ReadNotes(int number) => PairFile.ReadNotes(PairsPath(number));

    internal ImageMeasures[]? ReadMeasures(int number) => RecordFile.Read<ImageMeasures>(MeasuresPath(number), ImageMeasures.Version);

    /// <summary>Deletes all parts.</summary>
    internal void Clear()
    {
        // Facts first: without them a part is not there.
        for (var part = CountParts() - 1; part >= 0; part--)
        {
            File.Delete(FactsPath(part));
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Says what was measured of a part's images. Embeddings are written first: measures tell which rows they have.</summary>
    /// <param name="measures">One for each pair.</param>
    /// <param name="embeddings">Null: none were made.</param>
    public void WriteMeasures(int number, ReadOnlySpan<ImageMeasures> measures, PartEmbeddings? embeddings)
    {
        if (embeddings is not null)
        {
            EmbeddingFile.Write(EmbeddingsPath(number), embeddings);
        }

        RecordFile.Write(MeasuresPath(number), ImageMeasures.Version, measures);
    }

    /// <summary>The files that say what a part's pairs are and what was measured of their images; the second may be missing.</summary>
    internal IReadOnlyList<string> FilesOf(int number) => [PairsPath(number), MeasuresPath(number)];

    private CaptionFacts[] ReadFacts(int number) => RecordFile.Read<CaptionFacts>(FactsPath(number), CaptionFacts.Version) ?? throw OtherVersion(number);

    private InvalidDataException OtherVersion(int number) =>
        new($"{FactsPath(number)} is of another version of this program: import the dataset again.");

    private static T[]? Check<T>(T[]? records, PairBatch pairs, int number) => records is null || records.Length == pairs.Count
        ? records
        : throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture, $"Part {number} has {pairs.Count} pairs and {records.Length} records of {typeof(T).Name}: import the dataset again."));

    private string PairsPath(int number) => PathOf("pairs", number, "parquet");

    private string FactsPath(int number) => PathOf("facts", number, "bin");

    private string MeasuresPath(int number) => PathOf("measures", number, "bin");

    private string EmbeddingsPath(int number) => PathOf("embeddings", number, "bin");

    private string PathOf(string what, int number, string ending) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{what}-{number:D5}.{ending}"));
}
