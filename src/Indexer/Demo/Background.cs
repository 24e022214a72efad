namespace Sightline.Indexer.Demo;

/// <summary>What things are drawn on, with the words for it.</summary>
internal static class Background
{
    private static readonly (string Caption, Action<Canvas, Random> Paint)[] Scenes =
    [
        ("in a green meadow under a blue sky", (canvas, random) =>
            Landscape(canvas, random, new(120, 185, 240), new(205, 232, 250), new(105, 180, 80), new(70, 145, 60), clouds: 3)),
        ("by the sea", (canvas, random) =>
            Landscape(canvas, random, new(150, 205, 245), new(225, 240, 250), new(35, 110, 180), new(20, 75, 140), clouds: 2)),
        ("in the desert", (canvas, random) =>
            Landscape(canvas, random, new(245, 190, 120), new(250, 225, 180), new(225, 180, 105), new(195, 145, 75), clouds: 0)),
        ("in the snow", (canvas, random) =>
            Landscape(canvas, random, new(170, 195, 220), new(220, 230, 240), new(244, 248, 252), new(220, 232, 244), clouds: 2)),
        ("at night under the stars", Night),
        ("at sunset", (canvas, random) =>
            Landscape(canvas, random, new(85, 60, 130), new(250, 150, 90), new(75, 60, 90), new(45, 38, 62), clouds: 1)),
    ];

    internal static string Scene(Canvas canvas, Random random)
    {
        var (caption, paint) = Scenes[random.Next(Scenes.Length)];
        paint(canvas, random);
        return caption;
    }

    /// <param name="canvas">Painted all over.</param>
    /// <param name="random">Chooses.</param>
    /// <param name="except">A colour that what is drawn on it has.</param>
    internal static string Plain(Canvas canvas, Random random, string? except)
    {
        var choices = Palette.Colours.Where(c => c.Name != except).ToArray();
        var (first, a) = choices[random.Next(choices.Length)];
        var others = choices.Where(c => c.Name != first).ToArray();
        var (second, b) = others[random.Next(others.Length)];

        // Soft, so that what lies on it stands out.
        var (light, lighter) = (Colour.Mix(a, new(255, 255, 255), first is "black" ? 0 : 0.45),
            Colour.Mix(b, new(255, 255, 255), second is "black" ? 0.2 : 0.55));
        switch (random.Next(4))
        {
            case 0:
                canvas.Paint((_, _) => light);
                return $"on {DemoPicture.Article($"{first} background")}";
            case 1:
                canvas.Paint((_, y) => Colour.Mix(light, lighter, y));
                return $"on a background that goes from {first} to {second}";
            case 2:
                var bands = random.Next(5, 10);
                canvas.Paint((x, y) => (int)((x + y) * bands) % 2 == 0 ? light : lighter);
                return $"on {first} and {second} stripes";
            default:
                var fields = random.Next(4, 8);
                var aspect = (double)canvas.Width / canvas.Height;
                canvas.Paint((x, y) => ((int)(x * fields * aspect) + (int)(y * fields)) % 2 == 0 ? light : lighter);
                return $"on {DemoPicture.Article($"{first} and {second} checkered background")}";
        }
    }

    private static void Landscape(Canvas canvas, Random random, Colour high, Colour low, Colour near, Colour far, int clouds)
    {
        var horizon = 0.5 + random.NextDouble() * 0.15;
        var (swing, phase) = (0.02 + random.NextDouble() * 0.03, random.NextDouble() * 6);
        canvas.Paint((x, y) =>
        {
            var edge = horizon + swing * Math.Sin(x * 5 + phase);
            return y < edge ? Colour.Mix(high, low, y / edge) : Colour.Mix(near, far, (y - edge) / (1 - edge));
        });
        for (var i = 0; i < clouds; i++)
        {
            var (x, y, size) = (random.NextDouble() * canvas.Width, (0.06 + random.NextDouble() * 0.2) * canvas.Height,
                canvas.Height * (0.05 + random.NextDouble() * 0.05));
            foreach (var (dx, scale) in new[] { (-1.1, 0.75), (0.0, 1.0), (1.1, 0.7) })
            {
                canvas.Fill(x + dx * size, y, size * scale, new(255, 255, 255), 0.85, (u, v) => u * u + v * v <= 1);
            }
        }
    }

    private static void Night(Canvas canvas, Random random)
    {
        canvas.Paint((_, y) => Colour.Mix(new(12, 16, 45), new(50, 60, 110), y));
        for (var i = 0; i < 60; i++)
        {
            canvas.Fill(
                random.NextDouble() * canvas.Width, random.NextDouble() * canvas.Height, 0.8 + random.NextDouble() * 1.6,
                    new(255, 250, 220), 0.9,
                (u, v) => u * u + v * v <= 1);
        }
    }
}
