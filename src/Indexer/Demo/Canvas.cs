using Sightline.Models.Images;

namespace Sightline.Indexer.Demo;

/// <summary>8-bit red, green, blue.</summary>
internal readonly record struct Colour(byte R, byte G, byte B)
{
    internal static Colour Mix(Colour from, Colour to, double share) => new(
        (byte)(from.R + (to.R - from.R) * share), (byte)(from.G + (to.G - from.G) * share), (byte)(from.B + (to.B - from.B) * share));
}

/// <summary>A picture being drawn: areas given as predicates, smoothed by supersampling, and glyphs scaled by area.</summary>
internal sealed class Canvas(int width, int height)
{
    private const int Samples = 3;

    private readonly byte[] _pixels = new byte[width * height * 3];

    internal int Width => width;

    internal int Height => height;

    internal RgbImage ToImage() => new(width, height, _pixels);

    /// <summary>Every pixel by a function of its place, both in [0, 1].</summary>
    internal void Paint(Func<double, double, Colour> colour)
    {
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                Blend(x, y, colour((x + 0.5) / width, (y + 0.5) / height), 1);
            }
        }
    }

    /// <summary>Fills where <paramref name="inside"/> says so, in coordinates with the centre at 0 and the radius at 1.</summary>
    internal void Fill(double centreX, double centreY, double radius, Colour colour, double opacity, Func<double, double, bool> inside)
    {
        for (var y = Math.Max(0, (int)(centreY - radius) - 1); y < Math.Min(height, centreY + radius + 1); y++)
        {
            for (var x = Math.Max(0, (int)(centreX - radius) - 1); x < Math.Min(width, centreX + radius + 1); x++)
            {
                var hits = 0;
                for (var s = 0; s < Samples * Samples; s++)
                {
                    var px = (x + (s % Samples + 0.5) / Samples - centreX) / radius;
                    var py = (y + (s / Samples + 0.5) / Samples - centreY) / radius;
                    hits += inside(px, py) ? 1 : 0;
                }

                if (hits > 0)
                {
                    Blend(x, y, colour, opacity * hits / (Samples * Samples));
                }
            }
        }
    }

    /// <summary>A glyph scaled into a square of side 2 x radius, each target pixel the mean of what it covers.</summary>
    internal void Draw(GlyphImage glyph, double centreX, double centreY, double radius)
    {
        var scale = 2 * radius / Math.Max(glyph.Width, glyph.Height);
        var (left, top) = (centreX - glyph.Width * scale / 2, centreY - glyph.Height * scale / 2);
        for (var y = Math.Max(0, (int)top); y < Math.Min(height, top + glyph.Height * scale); y++)
        {
            for (var x = Math.Max(0, (int)left); x < Math.Min(width, left + glyph.Width * scale); x++)
            {
                var (colour, alpha) = Average(glyph, (x - left) / scale, (y - top) / scale, 1 / scale);
                Blend(x, y, colour, alpha);
            }
        }
    }

    private static (Colour Colour, double Alpha) Average(GlyphImage glyph, double left, double top, double side)
    {
        double r = 0, g = 0, b = 0, alpha = 0;
        var count = 0;
        for (var y = (int)Math.Max(0, top); y <= Math.Min(glyph.Height - 1, top + Math.Max(0, side - 1)); y++)
        {
            for (var x = (int)Math.Max(0, left); x <= Math.Min(glyph.Width - 1, left + Math.Max(0, side - 1)); x++)
            {
                var p = glyph.Pixels.AsSpan((y * glyph.Width + x) * 4, 4);
                (r, g, b, alpha, count) = (r + p[0] * p[3], g + p[1] * p[3], b + p[2] * p[3], alpha + p[3], count + 1);
            }
        }

        return alpha == 0 ? (default, 0) : (new Colour((byte)(r / alpha), (byte)(g / alpha), (byte)(b / alpha)), alpha / count / 255);
    }

    private void Blend(int x, int y, Colour colour, double opacity)
    {
        var pixel = _pixels.AsSpan((y * width + x) * 3, 3);
        pixel[0] = (byte)(pixel[0] + (colour.R - pixel[0]) * opacity);
        pixel[1] = (byte)(pixel[1] + (colour.G - pixel[1]) * opacity);
        pixel[2] = (byte)(pixel[2] + (colour.B - pixel[2]) * opacity);
    }
}
