using System.Globalization;
using Sightline.Training.Runs;

namespace Sightline.Training.Tests;

/// <summary>What a test starts as a process of its own, to kill it or to have it in the way: <c>FOLDER CONFIG new|resume [MOMENT]</c>. It
/// tells each moment, such as <c>training 5</c>, and stays for ever in the one that it is given.</summary>
internal static class Program
{
    internal static int Main(string[] arguments)
    {
        var run = TinyTraining.Run(arguments[0], arguments[1], arguments[2] == "resume", new Moments(arguments.ElementAtOrDefault(3)));
        return run.State == TrainingState.Finished ? 0 : 1;
    }

    private sealed class Moments(string? last) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            var moment = string.Create(CultureInfo.InvariantCulture, $"{value.Doing} {value.Step}");
            Console.Out.WriteLine(moment);
            Console.Out.Flush();
            if (moment == last)
            {
                Console.In.ReadLine();
            }
        }
    }
}
