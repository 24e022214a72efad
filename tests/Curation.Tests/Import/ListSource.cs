using System.Text;
using Sightline.Curation.Import;

namespace Sightline.Curation.Tests;

/// <summary>A source whose files are lists in memory: captions, faults where a text is null, and what happens after some items.</summary>
internal sealed class ListSource(params IReadOnlyList<(string File, IReadOnlyList<string?> Captions)> files) : IPairSource
{
    internal Action<int>? Before { get; init; }

    public string Format => "list";

    public IReadOnlyList<string> Files => [.. files.Select(f => f.File)];

    public void Read(string file, PairSink sink, CancellationToken cancellationToken)
    {
        var captions = files.First(f => f.File == file).Captions;
        for (var i = 0; i < captions.Count; i++)
        {
            Before?.Invoke(i);
            if (captions[i] is { } caption)
            {
                sink.Add(new NewPair { Key = Encoding.UTF8.GetBytes($"{file}{i}"), Caption = Encoding.UTF8.GetBytes(caption) });
            }
            else
            {
                sink.Fault($"item {i}", "bad", "It is bad.");
            }
        }
    }
}
