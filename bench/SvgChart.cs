using System.Globalization;
using System.Text;

namespace Sightline.Bench;

internal enum XScale
{
    /// <summary>By the number of nines: 0.9, 0.99, 0.999 are equally far apart.</summary>
    Nines,

    Logarithm,
}

internal sealed record SvgSeries(string Name, List<(double X, double Y)> Points);

/// <summary>Curves over a logarithmic y axis, as an SVG file that is read on a white page and on a dark one.</summary>
internal sealed class SvgChart(string title, string xLabel, string yLabel, XScale scale, IReadOnlyList<SvgSeries> series)
{
    private const double Width = 720;
    private const double Height = 420;
    private const double Left = 72;
    private const double Right = 24;
    private const double Top = 48;
    private const double Bottom = 56;

    private static readonly string[] Colours = ["#0b6e4f", "#c1440e", "#33539e"];

    public override string ToString()
    {
        var points = series.SelectMany(s => s.Points).Where(p => p.Y > 0).ToList();
        var (x0, x1) = (Math.Floor(points.Min(p => X(p.X))), Math.Ceiling(points.Max(p => X(p.X))));
        var (y0, y1) = (Math.Floor(points.Min(p => Math.Log10(p.Y))), Math.Ceiling(points.Max(p => Math.Log10(p.Y))));
        double At(double x) => Left + (x - x0) / (x1 - x0) * (Width - Left - Right);
        double Up(double y) => Height - Bottom - (y - y0) / (y1 - y0) * (Height - Top - Bottom);

        var svg = new StringBuilder();
        svg.Append(F($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"13\">\n"));
        svg.Append(F($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/>\n<text x=\"{Left}\" y=\"26\" font-size=\"16\">{title}</text>\n"));
        for (var x = x0; x <= x1; x++)
        {
            svg.Append(F($"<path d=\"M{At(x):F1} {Top}V{Height - Bottom}\" stroke=\"#ddd\"/>\n"));
            svg.Append(F($"<text x=\"{At(x):F1}\" y=\"{Height - Bottom + 20}\" text-anchor=\"middle\">{XText(x)}</text>\n"));
        }

        for (var y = y0; y <= y1; y++)
        {
            svg.Append(F($"<path d=\"M{Left} {Up(y):F1}H{Width - Right}\" stroke=\"#ddd\"/>\n"));
            svg.Append(F($"<text x=\"{Left - 8}\" y=\"{Up(y) + 4:F1}\" text-anchor=\"end\">{Math.Pow(10, y):N0}</text>\n"));
        }

        svg.Append(F($"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 12}\" text-anchor=\"middle\">{xLabel}</text>\n"));
        svg.Append(F($"<text transform=\"translate(18 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{yLabel}</text>\n"));
        for (var i = 0; i < series.Count; i++)
        {
            var drawn = series[i].Points.Where(p => p.Y > 0).OrderBy(p => p.X).ToList();
            svg.Append(F($"<polyline fill=\"none\" stroke=\"{Colours[i]}\" stroke-width=\"2\" points=\"{string.Join(' ', drawn.Select(p => F($"{At(X(p.X)):F1},{Up(Math.Log10(p.Y)):F1}")))}\"/>\n"));
            foreach (var (x, y) in drawn)
            {
                svg.Append(F($"<circle cx=\"{At(X(x)):F1}\" cy=\"{Up(Math.Log10(y)):F1}\" r=\"3\" fill=\"{Colours[i]}\"/>\n"));
            }

            // Curves over nines fall to the right, those over a logarithm rise.
            var (legend, anchor) = scale == XScale.Nines ? (Width - Right - 8, "end") : (Left + 8, "start");
            svg.Append(F($"<text x=\"{legend}\" y=\"{Top + 18 + 18 * i}\" text-anchor=\"{anchor}\" fill=\"{Colours[i]}\">{series[i].Name}</text>\n"));
        }

        return svg.Append("</svg>\n").ToString();
    }

    // All found is drawn as four nines.
    private double X(double x) => scale == XScale.Nines ? -Math.Log10(Math.Max(1 - x, 1e-4)) : Math.Log10(x);

    private string XText(double x) => scale == XScale.Nines
        ? x == 0 ? "0" : F($"{1 - Math.Pow(10, -x):0.####}")
        : F($"{100 * Math.Pow(10, x):0.####} %");

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
