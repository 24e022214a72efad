using System.Buffers;

namespace Sightline.Curation.Import;

/// <summary>
/// A pair whose parts are files of one name: an image, its caption as .txt or .caption, and what else is known of it as a JSON object,
/// which has the caption where no text is. The whole text is the caption, its lines with it, without the white space around.
/// </summary>
/// <param name="isOwnExport">The object has the caption as it is, with the white space around it.</param>
internal sealed class SampleRow(PairRow row, ColumnNames names, bool isOwnExport)
{
    internal const int LongestText = 1 << 20;
    internal const int LongestJson = 16 << 20;

    private readonly JsonObjectRow _json = new(names);
    private readonly ArrayBufferWriter<byte> _jsonBytes = new(4096);
    private readonly ArrayBufferWriter<byte> _text = new(1024);
    private bool _hasFailed;

    /// <summary>In lower case, without the dot.</summary>
    internal static bool IsText(string ending) => ending is "txt" or "caption";

    internal bool HasImage { get; private set; }

    internal bool HasText { get; private set; }

    internal bool HasJson { get; private set; }

    internal bool IsEmpty => !HasImage && !HasText && !HasJson && !_hasFailed;

    internal void SetImage(ImageLocation location)
    {
        row.Locate(System.Text.Encoding.UTF8.GetBytes(location.ToString()));
        HasImage = true;
    }

    /// <summary>Where the text is to be put.</summary>
    internal Span<byte> NewText(int length)
    {
        HasText = true;
        return Room(_text, length);
    }

    /// <summary>Where the JSON is to be put.</summary>
    internal Span<byte> NewJson(int length)
    {
        HasJson = true;
        return Room(_jsonBytes, length);
    }

    /// <summary>A part is longer than any that is read.</summary>
    internal void FailTooLong(string name, long length, int longest) =>
        Fail("too_long", $"{name} has {length} bytes, and at most {longest} are read.");

    internal void Fail(string reason, string detail)
    {
        _hasFailed = true;
        row.Fail(reason, detail);
    }

    /// <summary>Hands on what was put together.</summary>
    /// <param name="key">Where the JSON has none.</param>
    internal void Submit(Place place, string key)
    {
        var text = isOwnExport && HasJson ? default : PairRow.Trim(_text.WrittenSpan);
        if (HasJson)
        {
            _json.Fill(_jsonBytes.WrittenSpan, row, JsonObjectRow.AllButImage, text);
        }

        if (!text.IsEmpty)
        {
            row.Set(PairColumn.Caption, text);
        }

        if (!row.Has(PairColumn.Key))
        {
            row.Set(PairColumn.Key, System.Text.Encoding.UTF8.GetBytes(key));
        }

        if (!HasImage)
        {
            row.Fail("no_image", "There is no image beside the text.");
        }

        row.Submit(place, 0);
        Forget();
    }

    private void Forget()
    {
        (HasImage, HasText, HasJson, _hasFailed) = (false, false, false, false);
        _text.ResetWrittenCount();
        _jsonBytes.ResetWrittenCount();
    }

    private static Span<byte> Room(ArrayBufferWriter<byte> buffer, int length)
    {
        buffer.ResetWrittenCount();
        var room = buffer.GetSpan(Math.Max(1, length))[..length];
        buffer.Advance(length);
        return room;
    }
}
