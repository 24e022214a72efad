namespace Sightline.Models.Images;

/// <summary>A piece of text drawn in a colour font: straight RGBA, cropped to its ink.</summary>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Pixels">Width x Height x 4 bytes, rows from the top.</param>
public sealed record GlyphImage(int Width, int Height, byte[] Pixels)
{
    /// <param name="text">What to draw, such as one emoji.</param>
    /// <param name="font">Name and size, such as <c>Noto Color Emoji 96</c>: 96 pixels to the em.</param>
    /// <exception cref="InvalidOperationException">The text cannot be drawn; says why.</exception>
    public static GlyphImage Draw(string text, string font)
    {
        var pixels = LibVips.DrawText(text, font, out var width, out var height);
        return new GlyphImage(width, height, pixels);
    }
}
