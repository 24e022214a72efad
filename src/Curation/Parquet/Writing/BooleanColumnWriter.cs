namespace Sightline.Curation.Parquet;

/// <summary>Writes booleans, a bit each (Encodings.md, PLAIN).</summary>
internal sealed class BooleanColumnWriter(ParquetField field, PageCompressor compressor, ParquetWriteOptions options)
    : ColumnWriter(field, compressor, options)
{
    private int _bits;
    private int _count;
    private bool _hasFalse;
    private bool _hasTrue;

    internal override void Add(bool value)
    {
        _bits |= (value ? 1 : 0) << _count++;
        (_hasFalse, _hasTrue) = (_hasFalse || !value, _hasTrue || value);
        if (_count == 8)
        {
            CompletePlain();
        }

        EndPlain();
    }

    private protected override void CompletePlain()
    {
        if (_count > 0)
        {
            Plain.GetSpan(1)[0] = (byte)_bits;
            Plain.Advance(1);
            (_bits, _count) = (0, 0);
        }
    }

    private protected override (byte[]? Least, byte[]? Most) TakeRange()
    {
        (byte[]?, byte[]?) range = _hasFalse || _hasTrue ? ([(byte)(_hasFalse ? 0 : 1)], [(byte)(_hasTrue ? 1 : 0)]) : (null, null);
        (_hasFalse, _hasTrue) = (false, false);
        return range;
    }
}
