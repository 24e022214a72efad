using System.Runtime.InteropServices;

namespace Sightline.Models.Images;

/// <summary>The formats of native/image.c; the numbers are its own.</summary>
internal enum NativeFormat
{
    Jpeg = 0,
    Png = 1,
    Webp = 2,
    Gif = 3,
    Tiff = 4,
    Heic = 5,
    Avif = 6,
}

internal enum NativeStatus
{
    Ok = 0,
    Failed = 1,
    NoLoader = 2,
}

/// <summary>Size as stored, before the orientation is applied; the layout is native/image.c's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeHeader
{
    public int Width;
    public int Height;
    public int Orientation;
}

/// <summary>native/image.c, call by call. <see cref="Start"/> comes before any other.</summary>
internal static unsafe partial class NativeImage
{
    private const string Library = "sightline_image";

    [LibraryImport(Library, EntryPoint = "sightline_image_free")]
    internal static partial void Free(void* memory);

    [LibraryImport(Library, EntryPoint = "sightline_image_start")]
    internal static partial NativeStatus Start(out byte* error);

    [LibraryImport(Library, EntryPoint = "sightline_image_open")]
    internal static partial NativeStatus Open(
        byte* file, long length, NativeFormat format, int shrink, out nint image, out NativeHeader header, out byte* error);

    [LibraryImport(Library, EntryPoint = "sightline_image_close")]
    internal static partial void Close(nint image);

    [LibraryImport(Library, EntryPoint = "sightline_image_exif")]
    internal static partial void Exif(NativeImageHandle image, out byte* exif, out long length);

    [LibraryImport(Library, EntryPoint = "sightline_image_read")]
    internal static partial NativeStatus Read(
        NativeImageHandle image, int orientation, int background, byte* rgb, out int rowsRead, out byte* error);

    [LibraryImport(Library, EntryPoint = "sightline_image_encode")]
    internal static partial NativeStatus Encode(
        byte* rgb, int width, int height, NativeFormat format, int quality, int effort, out byte* file, out long length, out byte* error);

    [LibraryImport(Library, EntryPoint = "sightline_image_draw_text", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial NativeStatus DrawText(
        string text, string font, out byte* rgba, out int width, out int height, out byte* error);

    /// <summary>Copies an error text and frees it. libvips writes one line per layer that failed; they become one sentence.</summary>
    internal static string TakeText(byte* text)
    {
        var copy = Marshal.PtrToStringUTF8((nint)text) ?? "";
        Free(text);
        return string.Join("; ", copy.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}

/// <summary>An opened picture of native/image.c.</summary>
internal sealed class NativeImageHandle : SafeHandle
{
    internal NativeImageHandle(nint image)
        : base(0, ownsHandle: true) => SetHandle(image);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeImage.Close(handle);
        return true;
    }
}
