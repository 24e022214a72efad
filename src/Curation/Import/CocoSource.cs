using System.Globalization;
using System.Text.Json;

namespace Sightline.Curation.Import;

/// <summary>
/// COCO's captions (https://cocodataset.org/#format-data): a pair for each caption, several an image. The images' table is in memory,
/// captions stream. Images are found in the folder that is given, or in one that COCO's layout has and that holds the first image;
/// elsewhere pairs have addresses alone. Places of faults are annotations, by their number in the file from 0.
/// </summary>
internal sealed class CocoSource(IReadOnlyList<string> files, PairSourceRequest request) : FileSource(Coco, files, request)
{
    internal const string Coco = "coco";

    private readonly PairSourceRequest _request = request;

    protected override void CheckFile(string file)
    {
        using var stream = SourceStream.Open(file);
        if (!TryFind(new JsonTokens(stream), "annotations"u8, file))
        {
            throw new PairSourceException($"{file} has no annotations, as COCO's captions have them.");
        }
    }

    protected override void ReadFile(string file, PairSink sink, CancellationToken cancellationToken)
    {
        var images = ReadImages(file, sink, cancellationToken);
        var folder = FindFolder(file, images) ?? (IsOwnExport ? ImagesOf(file) : null);
        using var row = NewRow(file, sink, folder);
        using var stream = SourceStream.Open(file);
        var tokens = new JsonTokens(stream);
        if (!TryFind(tokens, "annotations"u8, file))
        {
            throw new PairSourceException($"{file} has no annotations, as COCO's captions have them.");
        }

        // Without a folder the name of an image's file is one thing more that is known of it.
        var imageColumns = folder is null ? JsonObjectRow.AllButImage : JsonObjectRow.AllColumns;
        var reader = new Annotations(images, row, IsOwnExport, imageColumns & ~Bit(PairColumn.Key) & ~Bit(PairColumn.Caption));
        for (var i = 0L; ; i++)
        {
            var damage = reader.TryFill(tokens, out var isAtEnd);
            if (damage is not null)
            {
                sink.Fault(new Place("annotation", i).ToString(), "damaged", string.Create(
                    CultureInfo.InvariantCulture, $"What follows byte {tokens.Offset} cannot be read: {damage}"));
            }

            if (damage is not null || isAtEnd)
            {
                break;
            }

            row.Submit(new Place("annotation", i), i);
            if (i % 1024 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                sink.Advance(tokens.Position);
            }
        }

        sink.Advance(tokens.Position);
    }

    private static CocoImageTable ReadImages(string file, PairSink sink, CancellationToken cancellationToken)
    {
        var images = new CocoImageTable();
        using var stream = SourceStream.Open(file);
        var tokens = new JsonTokens(stream);
        if (!TryFind(tokens, "images"u8, file))
        {
            throw new PairSourceException($"{file} has no images, as COCO's captions have them.");
        }

        try
        {
            for (var i = 0L; tokens.ReadValue(out var json) is not (JsonTokenType.EndArray or JsonTokenType.None); i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!images.TryAdd(json))
                {
                    sink.Fault(new Place("image", i).ToString(), "bad_image", "The image has no id.");
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new PairSourceException($"{file} cannot be read beyond its byte {tokens.Offset}, in its images: {e.Message}", e);
        }

        return images;
    }

    /// <summary>Goes into a table of the file's one object.</summary>
    private static bool TryFind(JsonTokens tokens, ReadOnlySpan<byte> name, string file)
    {
        try
        {
            if (tokens.Read(out _) != JsonTokenType.StartObject)
            {
                return false;
            }

            while (tokens.Read(out var property) == JsonTokenType.PropertyName)
            {
                if (property.SequenceEqual(name))
                {
                    return tokens.Read(out _) == JsonTokenType.StartArray;
                }

                SkipValue(tokens);
            }

            return false;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new PairSourceException($"{file} cannot be read beyond its byte {tokens.Offset}: {e.Message}", e);
        }
    }

    // Token by token: a table is longer than what may be in memory.
    private static void SkipValue(JsonTokens tokens)
    {
        for (var depth = 0; ;)
        {
            depth += tokens.Read(out _) switch
            {
                JsonTokenType.StartArray or JsonTokenType.StartObject => 1,
                JsonTokenType.EndArray or JsonTokenType.EndObject => -1,
                _ => 0,
            };
            if (depth == 0)
            {
                return;
            }
        }
    }

    private ImageRoot? FindFolder(string file, CocoImageTable images)
    {
        if (_request.ImageFolder is not null)
        {
            return new ImageRoot(_request.ImageFolder);
        }

        if (images.First.FileName is not { } name)
        {
            return null;
        }

        var found = Candidates(file, images.First.Address).FirstOrDefault(folder => File.Exists(Path.Join(folder, name)));
        return found is null ? null : new ImageRoot(found);
    }

    /// <summary>Beside the file, and where it lies in annotations/ beside that: train2017/, val2017/, images/ and
    /// images/val2017/.</summary>
    private static IEnumerable<string> Candidates(string file, string? address)
    {
        var folder = Path.GetDirectoryName(file)!;
        var stem = Path.GetFileNameWithoutExtension(file);
        string[] splits = [stem[(stem.LastIndexOf('_') + 1)..], address?.Split('/') is [.., var split, _] ? split : "images"];
        string[] roots = Path.GetFileName(folder) == "annotations" ? [folder, Path.GetDirectoryName(folder)!] : [folder];
        return roots.SelectMany(root =>
            (string[])[root, Path.Join(root, "images"), ..
                splits.SelectMany(s => (string[])[Path.Join(root, s), Path.Join(root, "images", s)])]);
    }

    private static int Bit(PairColumn column) => 1 << (int)column;

    private sealed class Annotations(CocoImageTable images, PairRow row, bool isOwnExport, int imageColumns)
    {
        private const int OwnColumns = (1 << (int)PairColumn.Key) | (1 << (int)PairColumn.Caption);

        private static readonly ColumnNames OwnNames = new(new Dictionary<PairColumn, string>
        {
            [PairColumn.Key] = "id", [PairColumn.Caption] = "caption",
        });

        // Our own have the key beside the number, which is the row's.
        private static readonly ColumnNames OwnExportNames = new(
            new Dictionary<PairColumn, string> { [PairColumn.Key] = "key", [PairColumn.Caption] = "caption" }, "id", "image_id");

        private static readonly ColumnNames ImageNames = new(new Dictionary<PairColumn, string>
        {
            [PairColumn.Image] = "file_name", [PairColumn.Width] = "width", [PairColumn.Height] = "height",
        }, "id");

        private readonly JsonObjectRow _annotation = new(isOwnExport ? OwnExportNames : OwnNames);
        private readonly JsonObjectRow _image = new(ImageNames);

        /// <summary>Null, or why nothing can be read beyond.</summary>
        internal string? TryFill(JsonTokens tokens, out bool isAtEnd)
        {
            isAtEnd = false;
            try
            {
                isAtEnd = tokens.ReadValue(out var json) is JsonTokenType.EndArray or JsonTokenType.None;
                if (!isAtEnd)
                {
                    Fill(json);
                }

                return null;
            }
            catch (Exception e) when (e is JsonException or InvalidDataException)
            {
                return e.Message;
            }
        }

        private void Fill(ReadOnlySpan<byte> json)
        {
            _annotation.Fill(json, row, OwnColumns);
            if (!CocoImageTable.TryReadNumber(json, "image_id"u8, out var id))
            {
                row.Fail("bad_annotation", "The annotation has no image_id.");
            }
            else if (!images.TryGet(id, out var image))
            {
                row.Fail("unknown_image", string.Create(CultureInfo.InvariantCulture, $"There is no image {id} in the file."));
            }
            else
            {
                _image.Fill(image, row, imageColumns);
            }
        }
    }
}
