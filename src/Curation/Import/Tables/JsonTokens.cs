using System.Text.Json;

namespace Sightline.Curation.Import;

/// <summary>Walks through a JSON file of any length, of which it holds no more than the value at hand.</summary>
internal sealed class JsonTokens(SourceStream stream)
{
    private const int LongestValue = 64 << 20;

    private byte[] _bytes = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _isAtEnd;
    private bool _hasBegun;
    private JsonReaderState _state;

    /// <summary>Bytes of the text, unpacked, before the next token.</summary>
    internal long Offset { get; private set; }

    /// <summary>Bytes of the file that were read.</summary>
    internal long Position => stream.Position;

    /// <summary>Reads a token.</summary>
    /// <param name="text">Of a property's name, with its escapes.</param>
    /// <returns>None at the end of the text.</returns>
    /// <exception cref="JsonException">What follows is no JSON; nothing can be read beyond.</exception>
    /// <exception cref="InvalidDataException">The file cannot be unpacked further.</exception>
    internal JsonTokenType Read(out ReadOnlySpan<byte> text) => Read(isWhole: false, out text);

    /// <summary>Reads a whole value, with all that is in it; or the end of the array it might be in.</summary>
    /// <inheritdoc cref="Read(out ReadOnlySpan{byte})"/>
    internal JsonTokenType ReadValue(out ReadOnlySpan<byte> value) => Read(isWhole: true, out value);

    private JsonTokenType Read(bool isWhole, out ReadOnlySpan<byte> text)
    {
        if (!_hasBegun)
        {
            SkipByteOrderMark();
        }

        while (true)
        {
            var reader = new Utf8JsonReader(_bytes.AsSpan(_start, _end - _start), _isAtEnd, _state);
            var hasRead = reader.Read();
            var from = _start + (int)reader.TokenStartIndex;
            if (hasRead && (!isWhole || reader.TrySkip()))
            {
                (_state, Offset) = (reader.CurrentState, Offset + reader.BytesConsumed);
                _start += (int)reader.BytesConsumed;
                text = reader.TokenType == JsonTokenType.PropertyName ? reader.ValueSpan : _bytes.AsSpan(from, _start - from);
                return reader.TokenType switch
                {
                    // What was skipped ends with another token than it begins with.
                    JsonTokenType.EndObject when isWhole && text[0] == '{' => JsonTokenType.StartObject,
                    JsonTokenType.EndArray when isWhole && text[0] == '[' => JsonTokenType.StartArray,
                    var type => type,
                };
            }

            if (_isAtEnd)
            {
                text = default;
                return JsonTokenType.None;
            }

            Fill();
        }
    }

    private void Fill()
    {
        if (_end == _bytes.Length)
        {
            var kept = _bytes.AsSpan(_start, _end - _start);
            if (kept.Length > LongestValue)
            {
                throw new JsonException($"A value is longer than {LongestValue} bytes.");
            }

            var bytes = kept.Length > _bytes.Length / 2 ? new byte[_bytes.Length * 2] : _bytes;
            kept.CopyTo(bytes);
            (_bytes, _start, _end) = (bytes, 0, kept.Length);
        }

        var read = stream.Read(_bytes.AsSpan(_end));
        _end += read;
        _isAtEnd = read == 0;
    }

    private void SkipByteOrderMark()
    {
        _hasBegun = true;
        while (_end < 3 && !_isAtEnd)
        {
            Fill();
        }

        if (_bytes.AsSpan(0, _end).StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            (_start, Offset) = (3, 3);
        }
    }
}
