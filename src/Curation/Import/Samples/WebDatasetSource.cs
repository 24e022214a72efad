namespace Sightline.Curation.Import;

/// <summary>
/// Shards of WebDataset (https://github.com/webdataset/webdataset): uncompressed tars in which members that follow each other and share a
/// key, the path up to the first dot of the name, are one sample. Images stay in the tar; their location is the stretch of it. Members
/// without a dot, and those whose name begins with one, are none of a sample, as there. Places of faults are the members.
/// </summary>
internal sealed class WebDatasetSource(IReadOnlyList<string> files, PairSourceRequest request)
    : FileSource(WebDataset, files, request)
{
    internal const string WebDataset = "webdataset";

    protected override void CheckFile(string file)
    {
        using var tar = new TarReader(file);
        if (tar.Next() is { Step: TarStep.Broken } broken)
        {
            throw new PairSourceException($"{file} is no tar: {broken.Detail}");
        }
    }

    protected override void ReadFile(string file, PairSink sink, CancellationToken cancellationToken)
    {
        using var row = NewRow(file, sink, null);
        ReadShard(file, new SampleRow(row, Names, IsOwnExport), sink, cancellationToken);
    }

    /// <param name="file">Absolute.</param>
    internal static void ReadShard(string file, SampleRow sample, PairSink sink, CancellationToken cancellationToken)
    {
        using var tar = new TarReader(file);
        new Shard(file, tar, sample, sink).Read(cancellationToken);
        sink.Advance(tar.Position);
    }

    /// <summary>The key and the ending of a member, in lower case, of webdataset's <c>^((?:.*/|)[^.]+)[.]([^/]*)$</c>.</summary>
    internal static bool TrySplit(string name, out string key, out string ending)
    {
        var start = name.LastIndexOf('/') + 1;
        var dot = name.IndexOf('.', start);
        var isPart = dot > start;
        (key, ending) = isPart ? (name[..dot], name[(dot + 1)..].ToLowerInvariant()) : ("", "");
        return isPart;
    }

    private sealed class Shard(string file, TarReader tar, SampleRow sample, PairSink sink)
    {
        private readonly HashSet<string> _endings = new(StringComparer.Ordinal);
        private string _key = "";

        internal void Read(CancellationToken cancellationToken)
        {
            for (var i = 1; ; i++)
            {
                var member = tar.Next();
                if (member.Step is TarStep.End or TarStep.Broken)
                {
                    End(member);
                    return;
                }

                if (member.Step == TarStep.Member)
                {
                    Take(member);
                }
                else if (member.Reason is not null)
                {
                    sink.Fault(member.Name, member.Reason, member.Detail);
                }

                if (i % 1024 == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    sink.Advance(tar.Position);
                }
            }
        }

        private void End(TarMember member)
        {
            // Of a sample that was cut there may be the image alone: the cut is its fault.
            if (member.Step == TarStep.End || (sample.HasImage && (sample.HasText || sample.HasJson)))
            {
                Submit();
            }

            if (member.Step == TarStep.Broken)
            {
                sink.Fault(new Place("byte", member.Header).ToString(), member.Reason!, member.Detail);
            }
        }

        private void Take(TarMember member)
        {
            if (!TrySplit(member.Name, out var key, out var ending))
            {
                return;
            }

            if (key != _key)
            {
                Submit();
                _key = key;
            }

            if (!_endings.Add(ending))
            {
                sample.Fail("duplicate_member", $"There are two members {member.Name}, one after the other.");
            }
            else if (ImageEndings.Contains(ending))
            {
                SetImage(member);
            }
            else if (SampleRow.IsText(ending) && !sample.HasText)
            {
                SetPart(member, SampleRow.LongestText, sample.NewText);
            }
            else if (ending == "json")
            {
                SetPart(member, SampleRow.LongestJson, sample.NewJson);
            }
        }

        private void SetImage(TarMember member)
        {
            if (!sample.HasImage)
            {
                sample.SetImage(new ImageLocation(file, member.Offset, member.Length));
            }
        }

        private void SetPart(TarMember member, int longest, NewPart part)
        {
            if (member.Length > longest)
            {
                sample.FailTooLong(member.Name, member.Length, longest);
                return;
            }

            tar.Read(member.Offset, part((int)member.Length));
        }

        private void Submit()
        {
            if (!sample.IsEmpty)
            {
                sample.Submit(Place.Named(_key), _key);
            }

            _endings.Clear();
        }
    }

    private delegate Span<byte> NewPart(int length);
}
