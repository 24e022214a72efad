using System.Collections.Concurrent;
using Sightline.Models.Images;

namespace Sightline.Indexer.Demo;

/// <summary>Draws one labelled picture: what is on it, how many, where, on what.</summary>
internal sealed class DemoPicture(IReadOnlyList<Emoji> emoji)
{
    private const string Font = "Noto Color Emoji 128";

    private static readonly (int Width, int Height)[] Sizes = [(480, 360), (360, 480), (420, 420), (640, 360), (512, 384)];

    private readonly ConcurrentDictionary<string, GlyphImage> _glyphs = new();

    /// <summary>One kind of thing: how to say it, alone and as several, and how to draw it at a place with a radius.</summary>
    private sealed record Thing(string One, string Many, string? Colour, Action<Canvas, double, double, double> Draw);

    internal (RgbImage Picture, string Caption) Draw(Random random)
    {
        var (width, height) = Sizes[random.Next(Sizes.Length)];
        var canvas = new Canvas(width, height);
        var caption = random.Next(10) switch
        {
            < 3 => Alone(canvas, random, Glyph(random), scene: true),
            < 4 => Alone(canvas, random, Glyph(random), scene: false),
            < 6 => Alone(canvas, random, Shape(random), scene: false),
            < 8 => Several(canvas, random, random.Next(2) == 0 ? Glyph(random) : Shape(random)),
            _ => Related(canvas, random, Glyph(random), random.Next(2) == 0 ? Glyph(random) : Shape(random)),
        };
        return (canvas.ToImage(), caption);
    }

    private static string Alone(Canvas canvas, Random random, Thing thing, bool scene)
    {
        var place = scene ? Background.Scene(canvas, random) : Background.Plain(canvas, random, thing.Colour);
        var (size, radius) = random.Next(3) switch
        {
            0 => ("small ", 0.16),
            1 => ("", 0.28),
            _ => ("large ", 0.42),
        };
        var side = Math.Min(canvas.Width, canvas.Height) * radius;
        var x = Between(random, side * 1.05, canvas.Width - side * 1.05);
        var y = scene && radius < 0.4 ? canvas.Height * 0.66 : Between(random, side * 1.05, canvas.Height - side * 1.05);
        thing.Draw(canvas, x, y, side);
        return Article($"{size}{thing.One}") + $" {place}";
    }

    private static string Several(Canvas canvas, Random random, Thing thing)
    {
        var place = Background.Plain(canvas, random, thing.Colour);
        var count = random.Next(2, 7);
        var columns = count <= 3 ? count : (count + 1) / 2;
        var rows = count <= 3 ? 1 : 2;
        var (cellX, cellY) = ((double)canvas.Width / columns, (double)canvas.Height / rows);
        for (var i = 0; i < count; i++)
        {
            var radius = Math.Min(cellX, cellY) * (0.3 + random.NextDouble() * 0.1);
            var (roomX, roomY) = (cellX / 2 - radius, cellY / 2 - radius);
            thing.Draw(
                canvas, (i % columns + 0.5) * cellX + Between(random, -roomX, roomX) * 0.8,
                    (i / columns + 0.5) * cellY + Between(random, -roomY, roomY) * 0.8, radius);
        }

        return $"{Palette.Counts[count]} {thing.Many} {place}";
    }

    private static string Related(Canvas canvas, Random random, Thing first, Thing second)
    {
        var place = Background.Plain(canvas, random, second.Colour);
        var across = canvas.Width >= canvas.Height;
        var radius = across ? Math.Min(canvas.Width * 0.2, canvas.Height * 0.36) : Math.Min(canvas.Width * 0.36, canvas.Height * 0.2);
        var (x1, y1, x2, y2) = across
            ? (canvas.Width * 0.27, canvas.Height * 0.5, canvas.Width * 0.73, canvas.Height * 0.5)
            : (canvas.Width * 0.5, canvas.Height * 0.27, canvas.Width * 0.5, canvas.Height * 0.73);
        first.Draw(canvas, x1, y1, radius);
        second.Draw(canvas, x2, y2, radius);
        return $"{Article(first.One)} {(across ? "to the left of" : "above")} {Article(second.One)} {place}";
    }

    private Thing Glyph(Random random)
    {
        var chosen = emoji[random.Next(emoji.Count)];
        var glyph = _glyphs.GetOrAdd(chosen.Text, text => GlyphImage.Draw(text, Font));
        return new Thing(chosen.Name, $"{chosen.Name}s", null, (canvas, x, y, radius) => canvas.Draw(glyph, x, y, radius));
    }

    private static Thing Shape(Random random)
    {
        var (colourName, colour) = Palette.Colours[random.Next(Palette.Colours.Length)];
        var (name, plural, inside) = Palette.Shapes[random.Next(Palette.Shapes.Length)];
        return new Thing($"{colourName} {name}", $"{colourName} {plural}", colourName, (canvas, x, y, radius) =>
        {
            canvas.Fill(x + radius * 0.04, y + radius * 0.06, radius, new(0, 0, 0), 0.22, inside);
            canvas.Fill(x, y, radius, colour, 1, inside);
        });
    }

    private static double Between(Random random, double low, double high) =>
        high <= low ? (low + high) / 2 : low + random.NextDouble() * (high - low);

    internal static string Article(string noun) =>
        ("aeiou".Contains(char.ToLowerInvariant(noun[0]), StringComparison.Ordinal) ? "an " : "a ") + noun;
}
