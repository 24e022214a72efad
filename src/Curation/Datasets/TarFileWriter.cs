using System.Diagnostics;
using System.Text;

namespace Sightline.Curation;

/// <summary>
/// Writes a tar of plain files (POSIX ustar, https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html), the same each time:
/// owner and group 0, mode 0644, time 0.
/// </summary>
/// <param name="stream">Can seek; stays the caller's to dispose.</param>
internal sealed class TarFileWriter(Stream stream)
{
    /// <summary>Bytes of the largest member, plus one: eleven octal digits.</summary>
    internal const long SizeLimit = 1L << 33;

    private const int BlockLength = 512;

    private static readonly byte[] Zeros = new byte[2 * BlockLength];

    private readonly byte[] _header = new byte[BlockLength];

    /// <summary>Begins a member: the caller writes its bytes, all of them, then calls <see cref="EndMember"/>.</summary>
    /// <param name="name">ASCII, at most 100 characters.</param>
    internal void BeginMember(string name, long length)
    {
        Debug.Assert(name.Length <= 100 && length < SizeLimit, "Names are ours, sizes were checked.");
        var header = _header.AsSpan();
        header.Clear();
        Encoding.ASCII.GetBytes(name, header);
        "0000644\0"u8.CopyTo(header[100..]);
        "0000000\0"u8.CopyTo(header[108..]);
        "0000000\0"u8.CopyTo(header[116..]);
        PutOctal(header.Slice(124, 11), length);
        "00000000000\0"u8.CopyTo(header[136..]);
        "        0"u8.CopyTo(header[148..]);
        "ustar\0"u8.CopyTo(header[257..]);
        "00"u8.CopyTo(header[263..]);
        var sum = 0;
        foreach (var b in header)
        {
            sum += b;
        }

        PutOctal(header.Slice(148, 6), sum);
        header[154] = 0;
        stream.Write(header);
    }

    /// <summary>Fills the member's last block.</summary>
    internal void EndMember(long length)
    {
        if (length % BlockLength != 0)
        {
            stream.Write(Zeros.AsSpan(0, BlockLength - (int)(length % BlockLength)));
        }
    }

    internal void AddMember(string name, ReadOnlySpan<byte> bytes)
    {
        BeginMember(name, bytes.Length);
        stream.Write(bytes);
        EndMember(bytes.Length);
    }

    /// <summary>Writes the two blocks that end a tar.</summary>
    internal void Finish() => stream.Write(Zeros);

    private static void PutOctal(Span<byte> digits, long value)
    {
        for (var i = digits.Length - 1; i >= 0; i--, value >>= 3)
        {
            digits[i] = (byte)('0' + (value & 7));
        }
    }
}
