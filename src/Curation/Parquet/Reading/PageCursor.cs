using System.Runtime.CompilerServices;

namespace Sightline.Curation.Parquet;

/// <summary>Goes through the values of a column chunk, from page to page.</summary>
internal sealed class PageCursor<T>(PageReader pages, ParquetColumn column, ByteBuffers buffers, int mostBytes) : IDisposable
    where T : unmanaged
{
    private T[]? _dictionary;
    private bool _hasData;
    private Page _page;
    private Decoder<T>? _values;

    /// <summary>Values of the page that are still to come, nulls included.</summary>
    internal int Left { get; private set; }

    public void Dispose() => pages.Dispose();

    /// <summary>Goes on to the next page that has values.</summary>
    /// <returns>False at the end of the chunk.</returns>
    /// <exception cref="InvalidDataException">A page is damaged.</exception>
    internal bool TryAdvance()
    {
        while (Left == 0)
        {
            if (!pages.TryNext(out _page))
            {
                return false;
            }

            if (_page.Header.Type == PageType.Dictionary)
            {
                ReadDictionary();
                continue;
            }

            _hasData = true;
            Left = _page.Header.Values;
            _values = Decoders.Create(_page.Header.Encoding, _page.Data, column, _dictionary, buffers, mostBytes);
        }

        return true;
    }

    /// <summary>Between pages, passes over those that hold no more values than are to be passed over, without unpacking them.</summary>
    /// <param name="most">Values, nulls included.</param>
    /// <returns>Values that were passed over.</returns>
    /// <exception cref="InvalidDataException">A page is damaged.</exception>
    internal int SkipPages(int most)
    {
        var passed = 0;
        while (Left == 0 && pages.TryPeek(out var header))
        {
            if (header.Type == PageType.Dictionary)
            {
                pages.TryNext(out _page);
                ReadDictionary();
            }
            else if (header.Values <= most - passed)
            {
                pages.Skip();
                passed += header.Values;
                _hasData = true;
            }
            else
            {
                break;
            }
        }

        return passed;
    }

    /// <summary>Reads the levels of the next values of the page, where the column has such.</summary>
    internal void ReadLevels(Span<byte> repetition, Span<byte> definition, int count)
    {
        _page.Repetition?.Read(repetition);
        _page.Definition?.Read(definition);
        Left -= count;
    }

    /// <summary>Reads the values that levels were read of, and puts them where their levels are the column's highest.</summary>
    /// <param name="levels">Empty where the column has no nulls.</param>
    internal void ReadValues(ReadOnlySpan<byte> levels, Span<T> into)
    {
        var most = (byte)column.MaxDefinition;
        var present = levels.IsEmpty ? into.Length : levels.Count(most);
        _values!.Read(into[..present]);

        // From the end on, so that nothing is overwritten before it is moved; below the first null, all are in place.
        for (int from = present, to = into.Length - 1; from <= to; to--)
        {
            into[to] = levels[to] == most ? into[--from] : default;
        }
    }

    private void ReadDictionary()
    {
        var (header, bytes) = (_page.Header, _page.Data);
        var least = column.Physical switch
        {
            PhysicalType.ByteArray => sizeof(int),
            PhysicalType.FixedLengthByteArray => column.TypeLength,
            _ => Unsafe.SizeOf<T>(),
        };
        if (_dictionary is not null || _hasData)
        {
            throw new InvalidDataException("a dictionary comes after other pages.");
        }

        if (header.Encoding is not (PageEncoding.Plain or PageEncoding.PlainDictionary) || typeof(T) == typeof(bool))
        {
            throw new InvalidDataException($"there are no dictionaries of {column.Physical} with the encoding {header.Encoding}.");
        }

        if ((long)header.Values * least > bytes.Length)
        {
            throw new InvalidDataException($"a dictionary claims {header.Values} entries in {bytes.Length} bytes.");
        }

        buffers.SetDictionary(bytes.Array);
        _dictionary = new T[header.Values];
        Decoders.Create<T>(PageEncoding.Plain, bytes, column, null, buffers, mostBytes).Read(_dictionary);
    }
}
