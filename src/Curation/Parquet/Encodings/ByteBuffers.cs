namespace Sightline.Curation.Parquet;

/// <summary>
/// The arrays that the byte values of a batch lie in: the dictionary of the chunk and the pages that the batch reaches into. Values are not
/// copied out of them; a batch keeps what it needs, and it stays valid as long as somebody has it.
/// </summary>
internal sealed class ByteBuffers
{
    private List<byte[]> _arrays = [[]];

    /// <summary>The dictionary's values; always in the first place.</summary>
    internal void SetDictionary(byte[] array) => _arrays[0] = array;

    /// <returns>The place of an array, which is added if it is not the dictionary or the last one.</returns>
    internal int PlaceOf(byte[] array)
    {
        if (ReferenceEquals(array, _arrays[0]))
        {
            return 0;
        }

        if (!ReferenceEquals(array, _arrays[^1]))
        {
            _arrays.Add(array);
        }

        return _arrays.Count - 1;
    }

    /// <summary>Gives a batch its arrays, and begins with the dictionary alone for the next.</summary>
    internal byte[][] Take()
    {
        var taken = _arrays.ToArray();
        _arrays = [taken[0]];
        return taken;
    }
}
