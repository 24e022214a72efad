namespace Sightline.Curation.Import;

/// <summary>A list of addresses of images, one a line: pairs without captions. Empty lines are passed over.</summary>
internal sealed class TextSource(IReadOnlyList<string> files, PairSourceRequest request)
    : FileSource(Text, files, request with { KeepUncaptioned = true })
{
    internal const string Text = "text";

    protected override void ReadFile(string file, PairSink sink, CancellationToken cancellationToken)
    {
        using var stream = SourceStream.Open(file);
        using var row = NewRow(file, sink, null);
        var lines = new LineReader(stream);
        while (lines.TryAdvance())
        {
            var line = PairRow.Trim(lines.Line);
            if (line.IsEmpty && !lines.IsTooLong)
            {
                continue;
            }

            if (!PairRow.IsAddress(line))
            {
                row.Fail("no_address", $"The line is {PairRow.Shown(line)}, not an address that begins with http:// or https://.");
            }

            row.Set(PairColumn.Url, line);
            row.Submit(Place.Line(lines.Number), row.Submitted);
            if (lines.Number % 1024 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                sink.Advance(lines.Position);
            }
        }

        if (lines.Damage is not null)
        {
            sink.Fault(Place.Line(lines.Number).ToString(), "damaged", $"The file cannot be unpacked beyond this line: {lines.Damage}");
        }

        sink.Advance(lines.Position);
    }
}
