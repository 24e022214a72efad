using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Sightline.Curation.Import;

/// <summary>
/// A pair while it is read: takes what a source says of it, column by column, and hands it to the sink, or a fault in its place. Everything
/// that is true of pairs whatever their format is decided here. Used again for each pair.
/// </summary>
internal sealed class PairRow : IDisposable
{
    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);

    private readonly PairSink _sink;
    private readonly bool _keepUncaptioned;
    private readonly ImageRoot? _images;
    private readonly byte[] _keyPrefix;
    private readonly byte[]? _keyFolder;
    private readonly ArrayBufferWriter<byte>[] _texts = new ArrayBufferWriter<byte>[PairColumns.Count];
    private readonly ArrayBufferWriter<byte> _extra = new(512);
    private readonly Utf8JsonWriter _extraWriter;
    private readonly ArrayBufferWriter<byte> _ownExtra = new(512);
    private readonly ArrayBufferWriter<byte> _allExtra = new(512);
    private int _width;
    private int _height;
    private float _similarity = float.NaN;
    private bool _hasExtra;
    private bool _isLocated;
    private string? _reason;
    private string _detail = "";

    /// <param name="images">Where images are looked for; null where the source locates them itself.</param>
    /// <param name="keyPrefix">Goes before the number of a pair that has no key.</param>
    /// <param name="keyFolder">Where not null, a pair without a key has the path of its image from this folder as one.</param>
    internal PairRow(PairSink sink, bool keepUncaptioned, ImageRoot? images, string keyPrefix, string? keyFolder)
    {
        (_sink, _keepUncaptioned, _images, _keyPrefix) = (sink, keepUncaptioned, images, Encoding.UTF8.GetBytes(keyPrefix));
        _keyFolder = keyFolder is null ? null : Encoding.UTF8.GetBytes(keyFolder.TrimEnd('/') + "/");
        for (var i = 0; i < _texts.Length; i++)
        {
            _texts[i] = new ArrayBufferWriter<byte>(256);
        }

        _extraWriter = new Utf8JsonWriter(_extra,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    public void Dispose() => _extraWriter.Dispose();

    /// <summary>Pairs handed on and faults, so far.</summary>
    internal long Submitted { get; private set; }

    internal bool Has(PairColumn column) => _texts[(int)column].WrittenCount > 0;

    /// <summary>Takes a column's text, UTF-8 or not; numbers as they are written.</summary>
    internal void Set(PairColumn column, ReadOnlySpan<byte> text)
    {
        switch (column)
        {
            case PairColumn.Width or PairColumn.Height:
                SetPixels(column, text);
                break;
            case PairColumn.Similarity:
                SetSimilarity(text);
                break;
            default:
                _texts[(int)column].ResetWrittenCount();
                _texts[(int)column].Write(text);
                break;
        }
    }

    /// <param name="value">Not a number where it is not known.</param>
    internal void Set(PairColumn column, double value)
    {
        if (column == PairColumn.Similarity)
        {
            _similarity = (float)value;
            return;
        }

        if (column is not (PairColumn.Width or PairColumn.Height))
        {
            Span<byte> text = stackalloc byte[32];
            value.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture);
            Set(column, text[..length]);
            return;
        }

        if (double.IsNaN(value))
        {
            return;
        }

        if (value is < 0 or > int.MaxValue || value != Math.Floor(value))
        {
            Fail("bad_number", string.Create(CultureInfo.InvariantCulture,
                $"The {PairColumns.NameOf(column)} is {value}, which is no number of pixels."));
            return;
        }

        SetPixels(column, (int)value);
    }

    /// <summary>The image's place where the source knows it: nothing more is asked of it.</summary>
    internal void Locate(ReadOnlySpan<byte> location)
    {
        Set(PairColumn.Image, location);
        _isLocated = true;
    }

    /// <summary>Keeps a text that is no column's.</summary>
    internal void AddExtra(string name, ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            FailEncoding(name);
            return;
        }

        StartExtra().WriteString(name, text);
    }

    /// <summary>Keeps a value that is no column's.</summary>
    /// <param name="name">UTF-8, without escapes.</param>
    /// <param name="json">Well formed.</param>
    internal void AddExtraJson(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        var writer = StartExtra();
        writer.WritePropertyName(name);
        writer.WriteRawValue(json, skipInputValidation: true);
    }

    /// <summary>Takes what an earlier import kept beside the columns, so that it does not come to lie one level deeper each time. What
    /// the source has under a name of its own goes before.</summary>
    /// <param name="json">A JSON object, well formed.</param>
    internal void SpreadExtra(ReadOnlySpan<byte> json)
    {
        _ownExtra.ResetWrittenCount();
        _ownExtra.Write(json);
    }

    internal Utf8JsonWriter StartExtra()
    {
        if (!_hasExtra)
        {
            _hasExtra = true;
            _extraWriter.WriteStartObject();
        }

        return _extraWriter;
    }

    /// <summary>There will be a fault and no pair; the first one said is the one told.</summary>
    internal void Fail(string reason, string detail)
    {
        if (_reason is null)
        {
            (_reason, _detail) = (reason, detail);
        }
    }

    /// <summary>Hands the pair, or its fault, to the sink, and forgets it.</summary>
    /// <param name="number">Of the pair in its file, from 0: its key if it has none.</param>
    internal void Submit(Place place, long number)
    {
        if (_reason is null)
        {
            Check();
        }

        if (_reason is not null)
        {
            _sink.Fault(place.ToString(), _reason, _detail);
        }
        else
        {
            if (!Has(PairColumn.Key))
            {
                MakeKey(number);
            }

            Add();
        }

        Clear();
        Submitted++;
    }

    /// <summary>Text without the white space around it (ASCII's).</summary>
    internal static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t\r\n\v\f"u8);

    private void Check()
    {
        for (var i = 0; i < _texts.Length; i++)
        {
            if (!Utf8.IsValid(_texts[i].WrittenSpan))
            {
                FailEncoding(PairColumns.NameOf((PairColumn)i));
                return;
            }
        }

        if (!_keepUncaptioned && Trim(_texts[(int)PairColumn.Caption].WrittenSpan).IsEmpty)
        {
            Fail("no_caption", "There is no caption.");
        }
        else if (CheckSha256())
        {
            CheckImage();
        }
    }

    private bool CheckSha256()
    {
        var hash = _texts[(int)PairColumn.Sha256];
        if (hash.WrittenCount == 0)
        {
            return true;
        }

        Span<byte> lower = stackalloc byte[64];
        if (hash.WrittenCount != 64
            || Ascii.ToLower(hash.WrittenSpan, lower, out _) != OperationStatus.Done || lower.ContainsAnyExcept(HexDigits))
        {
            Fail("bad_sha256", $"The SHA-256 is {Shown(hash.WrittenSpan)}, not 64 hexadecimal digits.");
            return false;
        }

        Set(PairColumn.Sha256, lower);
        return true;
    }

    private void CheckImage()
    {
        var image = _texts[(int)PairColumn.Image];
        if (!_isLocated && image.WrittenCount > 0 && IsAddress(image.WrittenSpan))
        {
            if (!Has(PairColumn.Url))
            {
                Set(PairColumn.Url, image.WrittenSpan);
            }

            image.ResetWrittenCount();
        }

        if (image.WrittenCount == 0)
        {
            if (!Has(PairColumn.Url))
            {
                Fail("no_image", "There is neither an image's address nor its file.");
            }
        }
        else if (!_isLocated)
        {
            if (_images!.TryLocate(image.WrittenSpan, out var location, out var reason, out var detail))
            {
                Set(PairColumn.Image, location);
                return;
            }

            Fail(reason, detail);
        }
    }

    internal static bool IsAddress(ReadOnlySpan<byte> text) =>
        Ascii.EqualsIgnoreCase(text[..Math.Min(7, text.Length)], "http://"u8)
        || Ascii.EqualsIgnoreCase(text[..Math.Min(8, text.Length)], "https://"u8);

    private void Add()
    {
        _sink.Add(new NewPair
        {
            Key = Text(PairColumn.Key),
            Caption = Text(PairColumn.Caption),
            Image = Text(PairColumn.Image),
            Url = Text(PairColumn.Url),
            Sha256 = Text(PairColumn.Sha256),
            Extra = FinishExtra(),
            Width = _width,
            Height = _height,
            Similarity = _similarity,
        });
    }

    private ReadOnlySpan<byte> FinishExtra()
    {
        if (!_hasExtra)
        {
            return _ownExtra.WrittenSpan;
        }

        _extraWriter.WriteEndObject();
        _extraWriter.Flush();
        if (_ownExtra.WrittenCount == 0)
        {
            return _extra.WrittenSpan;
        }

        _allExtra.ResetWrittenCount();
        _allExtra.Write(_extra.WrittenSpan[..^1]);
        var reader = new Utf8JsonReader(_ownExtra.WrittenSpan);
        for (reader.Read(); reader.Read() && reader.TokenType == JsonTokenType.PropertyName;)
        {
            var start = (int)reader.TokenStartIndex;
            var name = reader.ValueSpan;
            reader.Read();
            reader.Skip();
            if (!HasProperty(_extra.WrittenSpan, name))
            {
                _allExtra.Write(","u8);
                _allExtra.Write(_ownExtra.WrittenSpan[start..(int)reader.BytesConsumed]);
            }
        }

        _allExtra.Write("}"u8);
        return _allExtra.WrittenSpan;
    }

    /// <param name="name">As it is written in JSON.</param>
    private static bool HasProperty(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(json);
        for (reader.Read(); reader.Read() && reader.TokenType == JsonTokenType.PropertyName;)
        {
            if (reader.ValueSpan.SequenceEqual(name))
            {
                return true;
            }

            reader.Read();
            reader.Skip();
        }

        return false;
    }

    private void Clear()
    {
        _ownExtra.ResetWrittenCount();
        foreach (var text in _texts)
        {
            text.ResetWrittenCount();
        }

        (_width, _height, _similarity, _isLocated, _reason) = (0, 0, float.NaN, false, null);
        if (_hasExtra)
        {
            _hasExtra = false;
            _extraWriter.Reset();
            _extra.ResetWrittenCount();
        }
    }

    private ReadOnlySpan<byte> Text(PairColumn column) => _texts[(int)column].WrittenSpan;

    private void MakeKey(long number)
    {
        var key = _texts[(int)PairColumn.Key];
        if (_keyFolder is not null && Text(PairColumn.Image).StartsWith(_keyFolder))
        {
            key.Write(Text(PairColumn.Image)[_keyFolder.Length..]);
            return;
        }

        key.Write(_keyPrefix);
        Utf8Formatter.TryFormat(number, key.GetSpan(20), out var length);
        key.Advance(length);
    }

    private void SetPixels(PairColumn column, ReadOnlySpan<byte> text)
    {
        if (Utf8Parser.TryParse(text, out int pixels, out var read) && read == text.Length && pixels >= 0)
        {
            SetPixels(column, pixels);
        }
        else if (TryParse(column, text, out var value))
        {
            Set(column, value);
        }
    }

    private void SetPixels(PairColumn column, int pixels)
    {
        if (column == PairColumn.Width)
        {
            _width = pixels;
            return;
        }

        _height = pixels;
    }

    private void SetSimilarity(ReadOnlySpan<byte> text)
    {
        if (TryParse(PairColumn.Similarity, text, out var value))
        {
            _similarity = (float)value;
        }
    }

    /// <summary>Not a number for the ways in which tables say that a number is not there.</summary>
    private bool TryParse(PairColumn column, ReadOnlySpan<byte> text, out double value)
    {
        value = double.NaN;
        var trimmed = Trim(text);
        if (trimmed.IsEmpty || trimmed.SequenceEqual("None"u8) || trimmed.SequenceEqual("null"u8) || trimmed.SequenceEqual("nan"u8)
            || trimmed.SequenceEqual("NaN"u8) || trimmed.SequenceEqual("NA"u8)
            || trimmed.SequenceEqual("N/A"u8) || trimmed.SequenceEqual("\\N"u8))
        {
            return true;
        }

        if (double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value))
        {
            return true;
        }

        Fail("bad_number", $"The {PairColumns.NameOf(column)} is {Shown(text)}, which is no number.");
        return false;
    }

    private void FailEncoding(string name) => Fail("not_utf8", $"The {name} is not UTF-8.");

    internal static string Shown(ReadOnlySpan<byte> text) =>
        '"' + Encoding.UTF8.GetString(text[..Math.Min(text.Length, 200)]) + (text.Length > 200 ? "..." : "") + '"';
}
