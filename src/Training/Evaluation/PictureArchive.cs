using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Sightline.Models.Images;
using Sightline.Training.Data;

namespace Sightline.Training.Evaluation;

/// <summary>
/// A zip or folder of pictures. What is known of them stands in <c>captions.tsv</c> or <c>labels.tsv</c> (columns image or path, and of
/// split, lang, caption and label those that there are); without such a table, a picture's class is its folder, by the name that
/// <c>classes.tsv</c> (folder, name) gives it.
/// </summary>
internal sealed class PictureArchive : ITrainingData
{
    private static readonly string[] Tables = ["captions.tsv", "labels.tsv"];
    private static readonly string[] Endings = [".webp", ".jpg", ".jpeg", ".png"];

    private readonly Lock _reading = new();
    private readonly string _path;
    private readonly ZipArchive? _zip;
    private readonly List<(TrainingSample Sample, string Entry)> _samples = [];
    private readonly List<string> _labels = [];
    private readonly Lazy<string> _digest;

    private PictureArchive(string path, int side)
    {
        (_path, Side) = (path, side);
        _zip = Directory.Exists(path) ? null : ZipFile.OpenRead(path);
        _digest = new Lazy<string>(Hash);
    }

    public int Count => _samples.Count;

    public IReadOnlyList<string> Labels => _labels;

    public string Digest => _digest.Value;

    public int Side { get; }

    public TrainingSample this[int index] => _samples[index].Sample;

    internal static PictureArchive Open(string path, int side, string? split)
    {
        var archive = new PictureArchive(Path.GetFullPath(path), side);
        try
        {
            archive.ReadTables(split);
            return archive.Count > 0 ? archive
                : throw new InvalidDataException($"{path} holds no pictures{(split is null ? "" : $" of the split {split}")}.");
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <exception cref="InvalidDataException">The picture cannot be read; names it and the cause.</exception>
    public void ReadPixels(int index, Span<byte> pixels)
    {
        var (_, entry) = _samples[index];
        if (!ImageDecoder.TryDecode(ReadBytes(entry), new DecodeOptions(), out var image, out var fault))
        {
            throw new InvalidDataException($"{entry} in {_path} is no picture: {fault!.Detail}");
        }

        var square = Square(image!.Pixels, Side);
        var plane = Side * Side;
        for (var i = 0; i < plane; i++)
        {
            (pixels[i], pixels[plane + i], pixels[2 * plane + i]) = (square.Pixels[3 * i], square.Pixels[3 * i + 1], square.Pixels[3 * i + 2]);
        }
    }

    public void Dispose() => _zip?.Dispose();

    // The shorter side to the size, then the centre, as CLIP does.
    private static RgbImage Square(RgbImage image, int side)
    {
        var shorter = Math.Min(image.Width, image.Height);
        var (width, height) = ((int)((long)side * image.Width / shorter), (int)((long)side * image.Height / shorter));
        return PillowResample.ResizeAndCrop(
            image, width, height, new CropBox((width - side) / 2, (height - side) / 2, side, side), ResampleFilter.Bicubic);
    }

    private void ReadTables(string? split)
    {
        var entries = _zip is not null
            ? _zip.Entries.Select(e => e.FullName).ToHashSet()
            : Directory.EnumerateFiles(_path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_path, f)).ToHashSet();
        var table = Tables.FirstOrDefault(entries.Contains);
        if (table is null)
        {
            ReadClassFolders(entries);
            return;
        }

        var rows = Rows(table).ToList();
        foreach (var rowsOfOne in rows.Where(r => split is null || r.GetValueOrDefault("split") == split)
            .GroupBy(r => r.GetValueOrDefault("image") ?? r.GetValueOrDefault("path") ?? throw new InvalidDataException(
                $"{table} in {_path} has neither a column image nor path.")))
        {
            var entry = entries.Contains(rowsOfOne.Key) ? rowsOfOne.Key : $"images/{rowsOfOne.Key}";
            if (!entries.Contains(entry))
            {
                throw new InvalidDataException($"{table} names {rowsOfOne.Key}, which is not in {_path}.");
            }

            var captions = rowsOfOne.Where(r => r.GetValueOrDefault("caption") is { Length: > 0 })
                .Select(r => new TrainingCaption(r["caption"], r.GetValueOrDefault("lang") ?? "")).ToList();
            var label = rowsOfOne.First().GetValueOrDefault("label");
            _samples.Add((new TrainingSample(rowsOfOne.Key, captions, label is { Length: > 0 } ? NumberOf(label) : -1, 0), entry));
        }
    }

    private void ReadClassFolders(HashSet<string> entries)
    {
        var names = entries.Contains("classes.tsv") ? Rows("classes.tsv", ["folder", "name"]).ToDictionary(r => r["folder"], r => r["name"]) : [];
        foreach (var entry in entries.Where(e => Endings.Contains(Path.GetExtension(e).ToLowerInvariant())).Order(StringComparer.Ordinal))
        {
            var folder = Path.GetFileName(Path.GetDirectoryName(entry)) ?? "";
            var label = folder.Length == 0 ? -1 : NumberOf(names.GetValueOrDefault(folder, folder));
            _samples.Add((new TrainingSample(entry, [], label, 0), entry));
        }
    }

    private int NumberOf(string label)
    {
        var number = _labels.IndexOf(label);
        if (number < 0)
        {
            number = _labels.Count;
            _labels.Add(label);
        }

        return number;
    }

    // Each row by the names of its columns: those of the first line, unless they are given.
    private IEnumerable<Dictionary<string, string>> Rows(string entry, string[]? columns = null)
    {
        foreach (var line in Encoding.UTF8.GetString(ReadBytes(entry)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var cells = line.TrimEnd('\r').Split('\t');
            if (columns is null)
            {
                columns = cells;
                continue;
            }

            yield return columns.Zip(cells).ToDictionary(c => c.First, c => c.Second);
        }
    }

    private byte[] ReadBytes(string entry)
    {
        if (_zip is null)
        {
            return File.ReadAllBytes(Path.Combine(_path, entry));
        }

        lock (_reading)
        {
            using var stream = _zip.GetEntry(entry)!.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }
    }

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (sample, entry) in _samples)
        {
            var label = sample.Label < 0 ? "" : _labels[sample.Label];
            hash.AppendData(Encoding.UTF8.GetBytes($"{sample.Key}\0{label}\0{string.Join('\0', sample.Captions.Select(c => $"{c.Language}\t{c.Text}"))}\0\0"));
            hash.AppendData(ReadBytes(entry));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
