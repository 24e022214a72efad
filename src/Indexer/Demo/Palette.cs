namespace Sightline.Indexer.Demo;

/// <summary>The words of the drawn set and what they look like.</summary>
internal static class Palette
{
    internal static readonly (string Name, Colour Colour)[] Colours =
    [
        ("red", new(214, 48, 49)), ("orange", new(240, 140, 40)), ("yellow", new(247, 205, 60)), ("green", new(46, 160, 84)),
        ("blue", new(45, 100, 210)), ("purple", new(135, 70, 190)), ("pink", new(240, 120, 170)), ("brown", new(130, 85, 55)),
        ("black", new(28, 28, 32)), ("white", new(248, 248, 250)), ("grey", new(140, 146, 156)), ("turquoise", new(50, 185, 185)),
    ];

    /// <summary>Inside tests over [-1, 1] squared, y downwards.</summary>
    internal static readonly (string Name, string Plural, Func<double, double, bool> Inside)[] Shapes =
    [
        ("circle", "circles", (x, y) => x * x + y * y <= 1),
        ("square", "squares", (x, y) => Math.Abs(x) <= 0.86 && Math.Abs(y) <= 0.86),
        ("triangle", "triangles", (x, y) => y <= 0.8 && y >= -0.95 && Math.Abs(x) <= (y + 0.95) / 1.75),
        ("star", "stars", IsInStar),
        ("heart", "hearts", IsInHeart),
        ("ring", "rings", (x, y) => x * x + y * y is <= 1 and >= 0.36),
        ("hexagon", "hexagons", (x, y) => Math.Abs(x) <= 0.87 && Math.Abs(y) <= 1 - Math.Abs(x) / 1.732),
        ("cross", "crosses", (x, y) => (Math.Abs(x) <= 0.3 && Math.Abs(y) <= 0.95) || (Math.Abs(y) <= 0.3 && Math.Abs(x) <= 0.95)),
        ("diamond", "diamonds", (x, y) => Math.Abs(x) * 1.35 + Math.Abs(y) <= 1),
        ("crescent", "crescents", (x, y) => x * x + y * y <= 1 && (x - 0.45) * (x - 0.45) + y * y > 0.72),
    ];

    internal static readonly string[] Counts = ["no", "one", "two", "three", "four", "five", "six"];

    // Ten corners, every second one drawn in; inside where the ray to the edge is longer.
    private static bool IsInStar(double x, double y)
    {
        var angle = Math.Atan2(x, -y) / (Math.PI / 5);
        var place = Math.Abs(angle - Math.Round(angle / 2) * 2);
        var (outer, inner) = (1.0, 0.42);
        var turn = place * Math.PI / 5;
        var edge = outer * inner * Math.Sin(Math.PI / 5) / (inner * Math.Sin(Math.PI / 5 - turn) + outer * Math.Sin(turn));
        return x * x + y * y <= edge * edge;
    }

    // (x^2 + y^2 - 1)^3 = x^2 y^3, scaled to fill the square.
    private static bool IsInHeart(double x, double y)
    {
        var (u, v) = (x * 1.2, -y * 1.15 + 0.12);
        var q = u * u + v * v - 1;
        return q * q * q - u * u * v * v * v <= 0;
    }
}
