using Sightline.Models.Images;

namespace Sightline.Web.Api;

/// <summary>Pictures inside a request: <c>data:image/png;base64,...</c></summary>
internal static class DataAddress
{
    internal static bool IsPicture(string text) => text.StartsWith("data:image/", StringComparison.Ordinal);

    /// <param name="name">What to call the part in an error.</param>
    /// <exception cref="ArgumentException">It is no such address, or its bytes are no picture.</exception>
    internal static RgbImage Decode(string address, string name)
    {
        const string Mark = ";base64,";
        var at = address.IndexOf(Mark, StringComparison.Ordinal);
        return at >= 0 && IsPicture(address)
            ? DecodeBase64(address.AsSpan(at + Mark.Length), name)
            : throw new ArgumentException($"{name} is no base64 data address of a picture.");
    }

    /// <inheritdoc cref="Decode"/>
    internal static RgbImage DecodeBase64(ReadOnlySpan<char> base64, string name)
    {
        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64Chars(base64, bytes, out var length))
        {
            throw new ArgumentException($"{name} is no base64.");
        }

        return DecodeFile(bytes.AsSpan(0, length), name);
    }

    /// <inheritdoc cref="Decode"/>
    internal static RgbImage DecodeFile(ReadOnlySpan<byte> file, string name) =>
        ImageDecoder.TryDecode(file, new DecodeOptions(), out var image, out var fault)
            ? image!.Pixels
            : throw new ArgumentException($"{name}: {fault!.Detail} ({fault.Reason})");
}
