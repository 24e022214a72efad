using System.Globalization;
using Sightline.Training.Evaluation;

namespace Sightline.Cli;

/// <summary>Shows how far an evaluation is, with its rate and the time left: a line in place in a terminal, now and then a line elsewhere.</summary>
internal sealed class EvaluationProgressLine(TimeProvider time) : IProgress<EvaluationProgress>
{
    private static readonly TimeSpan InPlace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Lines = TimeSpan.FromSeconds(10);

    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private string _stage = "";
    private long _began;
    private long _shown;
    private int _width;

    public void Report(EvaluationProgress value)
    {
        var now = time.GetTimestamp();
        if (value.Stage != _stage)
        {
            (_stage, _began, _shown) = (value.Stage, now, now);
            return;
        }

        var isLast = value.Done == value.Total;
        if (time.GetElapsedTime(_shown, now) < (_isTerminal ? InPlace : Lines) && !(isLast && _isTerminal))
        {
            return;
        }

        _shown = now;
        var line = Describe(value, time.GetElapsedTime(_began, now));
        if (!_isTerminal)
        {
            Console.Error.WriteLine(line);
            return;
        }

        Console.Error.Write('\r' + line.PadRight(_width) + (isLast ? "\n" : ""));
        _width = isLast ? 0 : line.Length;
    }

    /// <summary>Such as <c>pictures: 1,280 of 9,469, 512/s, 16 s left</c>.</summary>
    private static string Describe(EvaluationProgress value, TimeSpan elapsed)
    {
        var rate = value.Done / Math.Max(elapsed.TotalSeconds, 1e-3);
        var left = (value.Total - value.Done) / Math.Max(rate, 1e-9);
        return string.Create(CultureInfo.InvariantCulture, $"{value.Stage}: {value.Done:N0} of {value.Total:N0}, {rate:N1}/s, {Math.Ceiling(left):N0} s left");
    }
}
