using System.Globalization;

namespace Sightline.Curation;

/// <summary>
/// What a run says of each pair, a file for each part of the dataset: 0 keeps it, any other number is the place, from 1, of its reason
/// among those of the run. A person's word goes before the run's. Any number of threads may read.
/// </summary>
/// <param name="folder">Of the run.</param>
/// <param name="decisions">What people said of single pairs, by row: true keeps, false drops.</param>
public sealed class RunVerdicts(string folder, IReadOnlyDictionary<long, bool> decisions)
{
    /// <summary>A person dropped it.</summary>
    public const ushort DroppedByHand = ushort.MaxValue;

    private const int Version = 1;

    /// <summary>With people's decisions.</summary>
    /// <param name="part">Of the dataset.</param>
    /// <exception cref="IOException">The run has not come there.</exception>
    public ushort[] Read(int part)
    {
        var verdicts = ReadOfRun(part);
        var first = (long)part * PairDataset.PartRows;
        foreach (var (row, keep) in decisions)
        {
            if (row >= first && row - first < verdicts.Length)
            {
                verdicts[row - first] = keep ? (ushort)0 : verdicts[row - first] == 0 ? DroppedByHand : verdicts[row - first];
            }
        }

        return verdicts;
    }

    /// <summary>Without people's decisions.</summary>
    internal ushort[] ReadOfRun(int part) => RecordFile.Read<ushort>(PathOf(part), Version)
        ?? throw new FileNotFoundException($"{PathOf(part)} is gone: run the recipe again.");

    internal bool Has(int part) => File.Exists(PathOf(part));

    internal void Write(int part, ReadOnlySpan<ushort> verdicts) => RecordFile.Write(PathOf(part), Version, verdicts);

    private string PathOf(int part) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"verdicts-{part:D5}.bin"));
}
