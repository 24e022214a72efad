using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Sightline.Models.Images;

/// <summary>libvips, started once per process: every call in this room to native/image.c goes through here.</summary>
internal static unsafe class LibVips
{
    // libvips opens its modules so that all libraries see their symbols, Brotli's by way of JPEG XL among them; the runtime's own Brotli,
    // which is another version, would call those if it were loaded later, and corrupt memory.
    private const string RuntimeWithBrotli = "libSystem.IO.Compression.Native";

    static LibVips()
    {
        NativeLibrary.Load(RuntimeWithBrotli, typeof(BrotliDecoder).Assembly, null);
        if (NativeImage.Start(out var error) != NativeStatus.Ok)
        {
            throw new InvalidOperationException($"libvips does not start: {NativeImage.TakeText(error)}");
        }
    }

    /// <summary>Opens a file in memory, which must stay pinned until the picture is disposed. Null, with the cause, where it is no such
    /// file.</summary>
    internal static NativeImageHandle? Open(
        byte* file, long length, NativeFormat format, int shrink, out NativeHeader header, out NativeStatus status, out string cause)
    {
        status = NativeImage.Open(file, length, format, shrink, out var image, out header, out var error);
        cause = NativeImage.TakeText(error);
        return status == NativeStatus.Ok ? new NativeImageHandle(image) : null;
    }

    /// <summary>The EXIF block; empty where there is none. Valid while the picture is open.</summary>
    internal static ReadOnlySpan<byte> Exif(NativeImageHandle image)
    {
        NativeImage.Exif(image, out var exif, out var length);
        return new ReadOnlySpan<byte>(exif, checked((int)length));
    }

    /// <summary>Decodes into <paramref name="rgb"/>, turned upright. False, with the row reached and the cause, where the data
    /// fail.</summary>
    /// <param name="background">0xRRGGBB behind what is transparent; null: alpha is dropped.</param>
    internal static bool Read(
        NativeImageHandle image, int orientation, int? background, Span<byte> rgb, out int rowsRead, out string cause)
    {
        fixed (byte* to = rgb)
        {
            var status = NativeImage.Read(image, orientation, background ?? -1, to, out rowsRead, out var error);
            cause = NativeImage.TakeText(error);
            return status == NativeStatus.Ok;
        }
    }

    /// <exception cref="InvalidOperationException">libvips cannot write the format, or is out of memory; says what it said.</exception>
    internal static byte[] Encode(RgbImage image, NativeFormat format, int quality, int effort)
    {
        fixed (byte* rgb = image.Pixels)
        {
            if (NativeImage.Encode(rgb, image.Width, image.Height, format, quality, effort, out var file, out var length, out var error)
                != NativeStatus.Ok)
            {
                throw new InvalidOperationException(
                    $"A {image.Width} x {image.Height} picture cannot be written as {format}: {NativeImage.TakeText(error)}");
            }

            return Take(file, length);
        }
    }

    /// <summary>Draws text in a font as straight RGBA, cropped to its ink.</summary>
    /// <exception cref="InvalidOperationException">The text cannot be drawn; says why.</exception>
    internal static byte[] DrawText(string text, string font, out int width, out int height)
    {
        if (NativeImage.DrawText(text, font, out var rgba, out width, out height, out var error) != NativeStatus.Ok)
        {
            throw new InvalidOperationException($"'{text}' cannot be drawn in {font}: {NativeImage.TakeText(error)}");
        }

        return Take(rgba, (long)width * height * 4);
    }

    private static byte[] Take(byte* memory, long length)
    {
        var copy = new ReadOnlySpan<byte>(memory, checked((int)length)).ToArray();
        NativeImage.Free(memory);
        return copy;
    }
}
