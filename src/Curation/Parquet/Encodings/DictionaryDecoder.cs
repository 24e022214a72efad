namespace Sightline.Curation.Parquet;

/// <summary>Values by their places in the chunk's dictionary (Encodings.md, RLE_DICTIONARY; PLAIN_DICTIONARY is its older name).</summary>
internal sealed class DictionaryDecoder<T> : Decoder<T>
    where T : unmanaged
{
    private readonly T[] _dictionary;
    private readonly RunReader? _indices;

    /// <param name="bytes">A byte with the width of an index, then the indices; nothing at all where the page has nulls alone.</param>
    internal DictionaryDecoder(EncodedBytes bytes, T[] dictionary)
    {
        _dictionary = dictionary;
        _indices = bytes.Length == 0 ? null : new RunReader(bytes.From(1), bytes.Span[0]);
    }

    internal override void Read(Span<T> into)
    {
        Span<uint> packed = stackalloc uint[256];
        while (into.Length > 0)
        {
            var count = (_indices ?? throw TooShort()).Next(into.Length, packed, out var isRun, out var index);
            if (isRun)
            {
                into[..count].Fill(index < (uint)_dictionary.Length ? _dictionary[index] : throw OutOfRange(index));
            }
            else
            {
                for (var i = 0; i < count; i++)
                {
                    index = packed[i];
                    into[i] = index < (uint)_dictionary.Length ? _dictionary[index] : throw OutOfRange(index);
                }
            }

            into = into[count..];
        }
    }

    private InvalidDataException OutOfRange(uint index) => new($"a page asks for entry {index} of a dictionary of {_dictionary.Length}.");
}
