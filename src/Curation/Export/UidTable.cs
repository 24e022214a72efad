using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Sightline.Curation.Export;

/// <summary>
/// DataComp's subset file: the uids, each once, sorted, as a NumPy array of <c>u8,u8</c>, high half first
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0).
/// </summary>
internal sealed class UidTable : ExportShardWriter
{
    internal const int HeaderLength = 128;

    private const int Digits = 32;
    private const int MostInMemory = 4_000_000;

    private readonly ExportFolder _folder;
    private readonly string _name;
    private readonly ExternalSort<UInt128> _uids;
    private readonly AtomicFile _file;

    internal UidTable(PlannedShard plan, ExportFolder folder)
        : base(plan)
    {
        (_folder, _name) = (folder, plan.Name + ".npy");
        _uids = new ExternalSort<UInt128>(folder.Work, MostInMemory);
        _file = AtomicFile.Create(folder.PathOf(_name));
    }

    internal override ExportShard Complete()
    {
        var stream = _file.Stream;
        stream.Write(Header(0));
        Span<byte> bytes = stackalloc byte[16];
        var (count, last) = (0L, UInt128.Zero);
        foreach (var uid in _uids.Sorted(CancellationToken.None))
        {
            if (count > 0 && uid == last)
            {
                continue;
            }

            BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)(uid >> 64));
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], (ulong)uid);
            stream.Write(bytes);
            (count, last) = (count + 1, uid);
        }

        stream.Position = 0;
        stream.Write(Header(count));
        _file.Commit();
        return Describe([_folder.Describe(_name)]) with { Exported = count, Repeated = Plan.Pairs - count };
    }

    public override void Dispose()
    {
        _uids.Dispose();
        _file.Dispose();
    }

    protected override void Write(in ExportedPair record, ImageRead? image)
    {
        var key = record.Pair.Key;
        if (key.Length != Digits || !UInt128.TryParse(key, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var uid))
        {
            throw new ExportException(
                $"The key of pair {record.Row}, \"{Encoding.UTF8.GetString(key)}\", is no uid: it has not {Digits} hexadecimal digits.");
        }

        _uids.Add(uid);
    }

    /// <summary>As long for every count: it is written again when the count is known.</summary>
    private static byte[] Header(long count)
    {
        var header = new byte[HeaderLength];
        header.AsSpan().Fill((byte)' ');
        byte[] start = [0x93, .. "NUMPY"u8, 1, 0, HeaderLength - 10, 0];
        start.CopyTo(header, 0);
        var shape = string.Create(
            CultureInfo.InvariantCulture, $"{{'descr': [('f0', '<u8'), ('f1', '<u8')], 'fortran_order': False, 'shape': ({count},), }}");
        Encoding.ASCII.GetBytes(shape, header.AsSpan(start.Length));
        header[^1] = (byte)'\n';
        return header;
    }
}
