using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sightline.Curation.Export;

/// <summary>One JSON object after the other, each on a line, in a buffer that is used again.</summary>
internal sealed class JsonRow : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _writer;
    private byte[] _line = [];

    internal JsonRow() =>
        _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    internal void Begin()
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
    }

    /// <summary>The object, without a line's end.</summary>
    internal ReadOnlySpan<byte> End()
    {
        _writer.WriteEndObject();
        _writer.Flush();
        return _buffer.WrittenSpan;
    }

    internal ReadOnlySpan<byte> EndLine()
    {
        End();
        _buffer.Write("\n"u8);
        return _buffer.WrittenSpan;
    }

    /// <summary>Null where there is no text.</summary>
    internal void Put(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            _writer.WriteNull(name);
            return;
        }

        _writer.WriteString(name, text);
    }

    internal void PutText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) => _writer.WriteString(name, text);

    internal void Put(ReadOnlySpan<byte> name, long number) => _writer.WriteNumber(name, number);

    /// <summary>Null where it is 0: not known.</summary>
    internal void PutSize(ReadOnlySpan<byte> name, int pixels)
    {
        if (pixels == 0)
        {
            _writer.WriteNull(name);
            return;
        }

        _writer.WriteNumber(name, pixels);
    }

    /// <summary>Null where it is no number.</summary>
    internal void Put(ReadOnlySpan<byte> name, float number)
    {
        if (!float.IsFinite(number))
        {
            _writer.WriteNull(name);
            return;
        }

        _writer.WriteNumber(name, number);
    }

    /// <param name="row">For the message.</param>
    /// <exception cref="ExportException">It is no JSON.</exception>
    internal void PutExtra(ReadOnlySpan<byte> extra, long row)
    {
        if (extra.IsEmpty)
        {
            _writer.WriteNull("extra"u8);
            return;
        }

        _writer.WritePropertyName("extra"u8);
        try
        {
            _writer.WriteRawValue(OnOneLine(extra));
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new ExportException($"The extra fields of pair {row} are no JSON: {e.Message} Import the dataset again.", e);
        }
    }

    /// <summary>The same JSON without line ends, until the next is asked for: outside strings they are white space, in strings they are
    /// escaped.</summary>
    internal ReadOnlySpan<byte> OnOneLine(ReadOnlySpan<byte> json)
    {
        if (json.IndexOfAny((byte)'\n', (byte)'\r') < 0)
        {
            return json;
        }

        if (_line.Length < json.Length)
        {
            _line = new byte[json.Length];
        }

        var line = _line.AsSpan(0, json.Length);
        json.CopyTo(line);
        line.Replace((byte)'\n', (byte)' ');
        line.Replace((byte)'\r', (byte)' ');
        return line;
    }

    public void Dispose() => _writer.Dispose();
}
