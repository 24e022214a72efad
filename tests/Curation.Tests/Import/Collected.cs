using System.Globalization;
using System.Text;
using Sightline.Curation.Import;

namespace Sightline.Curation.Tests.Import;

internal sealed record ReadPair(
    string Key, string Caption, string Image, string Url, string Sha256, string Extra, int Width, int Height, float Similarity);

internal sealed record ReadFault(string File, string Place, string Reason, string Detail);

/// <summary>All that a source gives.</summary>
internal sealed class Collected : PairSink
{
    private string _file = "";

    public List<ReadPair> Pairs { get; } = [];

    public List<ReadFault> Faults { get; } = [];

    /// <summary>Pairs and faults in the order in which they came.</summary>
    public List<string> Order { get; } = [];

    public long Position { get; private set; }

    /// <summary>Place and reason of each fault.</summary>
    public string Reasons => string.Join("; ", Faults.Select(f => $"{f.Place}: {f.Reason}"));

    public string Captions => string.Join("|", Pairs.Select(p => p.Caption));

    public static Collected From(PairSourceRequest request) => From(PairSources.Open(request));

    public static Collected From(string path) => From(new PairSourceRequest(path));

    public static Collected From(IPairSource source)
    {
        var collected = new Collected();
        foreach (var file in source.Files)
        {
            collected._file = Path.GetFileName(file);
            source.Read(file, collected, CancellationToken.None);
        }

        return collected;
    }

    public override void Add(in NewPair pair)
    {
        Pairs.Add(new ReadPair(
            Text(pair.Key), Text(pair.Caption), Text(pair.Image), Text(pair.Url), Text(pair.Sha256), Text(pair.Extra), pair.Width, pair.Height, pair.Similarity));
        Order.Add(Pairs[^1].ToString());
    }

    public override void Fault(string place, string reason, string detail)
    {
        Faults.Add(new ReadFault(_file, place, reason, detail));
        Order.Add(Faults[^1].ToString());
    }

    public override void Advance(long position) => Position = position;

    private static string Text(ReadOnlySpan<byte> utf8) => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8);
}

/// <summary>Counts, and says how much memory lived at most.</summary>
internal sealed class CountingSink : PairSink
{
    private const int Between = 50_000;

    private long _taken;

    public long Pairs { get; private set; }

    public long Faults { get; private set; }

    public long MostBytes { get; private set; }

    public override void Add(in NewPair pair)
    {
        Pairs++;
        Measure();
    }

    public override void Fault(string place, string reason, string detail)
    {
        Faults++;
        Measure();
    }

    public override void Advance(long position)
    {
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pairs} pairs, {Faults} faults, {MostBytes} bytes");

    private void Measure()
    {
        if (++_taken % Between == 0)
        {
            MostBytes = Math.Max(MostBytes, GC.GetTotalMemory(forceFullCollection: true));
        }
    }
}
