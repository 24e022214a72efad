using System.Buffers.Binary;
using System.Buffers.Text;

namespace Sightline.Search;

/// <summary>The last hit of a page: its place, and the key and id by which hits are ordered.</summary>
internal readonly record struct PageCursor(int Place, double Key, long Image)
{
    private const int Size = sizeof(int) + sizeof(double) + sizeof(long);

    /// <summary>Opaque to clients, safe in an address.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Place);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes[4..], Key);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[12..], Image);
        return Base64Url.EncodeToString(bytes);
    }

    /// <exception cref="ArgumentException">It is no cursor that we gave.</exception>
    internal static PageCursor Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (Base64Url.IsValid(text, out var length) && length == Size && Base64Url.DecodeFromChars(text, bytes) == Size
            && BinaryPrimitives.ReadInt32LittleEndian(bytes) is >= 0 and < int.MaxValue / 4 and var place)
        {
            return new PageCursor(
                place, BinaryPrimitives.ReadDoubleLittleEndian(bytes[4..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[12..]));
        }

        throw new ArgumentException($"{text} is no cursor of this API.");
    }
}
