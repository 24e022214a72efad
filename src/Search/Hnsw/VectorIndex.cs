using System.Diagnostics;

namespace Sightline.Search;

/// <summary>
/// The vectors of one space in memory: immutable <see cref="Segment"/>s searched by graph, and a tail of <see cref="VectorRun"/>s searched
/// exactly. One writer follows the catalogue; closed runs become segments and segments are merged in the background, each by swapping one
/// reference. Readers take no lock: a search sees the parts and the version that were there when it began.
/// </summary>
internal sealed class VectorIndex(int dimensions)
{
    /// <summary>Nodes a walk keeps in view: recall@10 of about 0.999 on a hundred thousand CLIP-like vectors, 0.985 on a million.</summary>
    internal const int DefaultBeam = 192;

    // Segments after one that hold at least this part of its rows are merged into it: few segments, and each row rebuilt a few times.
    private const double MergeAt = 0.5;

    // So many of a segment's rows may be deleted before it is rebuilt.
    private const double SparseAt = 0.3;

    // Segments below this size are soon merged into others, and easy to search: they are built in a hurry.
    private const int SmallSegment = 32_768;
    private const int SmallBeam = 64;

    private readonly Lock _writer = new();

    // Grows with each change; rows are deleted from a version on.
    private uint _version;
    private volatile Parts _parts = new([], [new VectorRun(dimensions)], 0);

    internal int Dimensions { get; } = dimensions;

    /// <summary>Vectors that a search can find.</summary>
    internal int Count
    {
        get
        {
            var parts = _parts;
            return parts.Segments.Sum(s => s.Alive) + parts.Runs.Sum(r => r.Alive);
        }
    }

    /// <summary>Rows not yet in a segment.</summary>
    internal int TailRows => _parts.Runs.Sum(r => r.Count);

    internal IReadOnlyList<Segment> Segments => _parts.Segments;

    /// <summary>Rows in the run that is being written.</summary>
    internal int OpenRows => _parts.Runs[^1].Count;

    /// <summary>Adds a vector or replaces the one the image has.</summary>
    internal void Set(ImageId image, int collection, ReadOnlySpan<float> vector)
    {
        lock (_writer)
        {
            // The new row and the old one's end both hold from the next version on: a search sees one of the two.
            var parts = _parts;
            parts.Runs[^1].Add(image.Value, collection, vector, _version + 1);
            RemoveFrom(parts.Segments, parts.Runs.AsSpan(..^1), image.Value);
        }
    }

    /// <summary>Takes an image out; one that is not there is no error, since a change may be read twice.</summary>
    internal void Remove(ImageId image)
    {
        lock (_writer)
        {
            RemoveFrom(_parts.Segments, _parts.Runs, image.Value);
        }
    }

    internal bool Contains(ImageId image) => Find(image) is not null;

    /// <summary>Every image that is there now.</summary>
    internal ImageId[] Images()
    {
        var parts = _parts;
        return [.. parts.Segments.SelectMany(s => s.AliveRows()).Concat(parts.Runs.SelectMany(r => r.AliveRows()))
            .Select(row => new ImageId(row.Image)).Distinct()];
    }

    /// <summary>Vectors drawn at random, with repetition; all of them where there are no more than wanted.</summary>
    internal float[][] Sample(int count, Random random)
    {
        var parts = _parts;
        if (Count <= count)
        {
            return [.. Images().Select(Find).OfType<float[]>()];
        }

        var rows = parts.Segments.Sum(s => s.Rows) + parts.Runs.Sum(r => r.Count);
        var drawn = new List<float[]>(count);

        // At least a third of the rows are alive, or the segments would have been rebuilt; the bound is for a moment when they are not.
        for (var tries = 0; tries < 20 * count && drawn.Count < count; tries++)
        {
            var at = parts.RowAt(random.Next(rows));
            if (at.Source.IsAlive(at.Row) && Find(new ImageId(at.Image)) is { } vector)
            {
                drawn.Add(vector);
            }
        }

        return [.. drawn];
    }

    /// <summary>An image's vector, within 1e-5 of the one set; null when it has none.</summary>
    internal float[]? Find(ImageId image)
    {
        var parts = _parts;
        var vector = new float[Dimensions];
        foreach (var run in parts.Runs)
        {
            if (run.TryRead(image.Value, vector))
            {
                return vector;
            }
        }

        foreach (var segment in parts.Segments)
        {
            if (segment.RowOf(image.Value) is >= 0 and var row)
            {
                segment.ReadVector(row, vector);
                return vector;
            }
        }

        return null;
    }

    /// <summary>
    /// The <paramref name="count"/> most similar images by dot product, best first, equal scores by id. Never fewer than
    /// <paramref name="count"/> where so many are allowed.
    /// </summary>
    internal ScoredImage[] Search(
        ReadOnlyMemory<float> query, int count, VectorFilter filter, int beam, CancellationToken cancellationToken)
    {
        ShortTurns.Ask();
        using var span = Telemetry.Source.StartActivity("search index");
        var started = Stopwatch.GetTimestamp();

        // A version, and the parts that hold it.
        Parts parts;
        do
        {
            parts = _parts;
            filter = filter with { Version = Volatile.Read(ref _version) };
        }
        while (!ReferenceEquals(parts, _parts));

        var best = new TopImages(count);
        var prepared = new PreparedQuery(query);
        foreach (var segment in parts.Segments)
        {
            segment.Search(prepared, count, BeamFor(segment.Rows, beam), filter, best, cancellationToken);
        }

        foreach (var run in parts.Runs)
        {
            run.Search(query.Span, count, filter, best, cancellationToken);
        }

        var found = best.ToSortedArray();
        Telemetry.IndexSearch.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        return found;
    }

    /// <summary>Closes the open run; what it holds, all changes up to <paramref name="followedTo"/>, can be built into a segment.</summary>
    internal void CloseRun(long followedTo)
    {
        lock (_writer)
        {
            _parts.Runs[^1].ClosedAt = followedTo;
            _parts = _parts with { Runs = [.. _parts.Runs, new VectorRun(Dimensions)] };
        }
    }

    /// <summary>Starts from segments that were read from the database.</summary>
    /// <param name="covered">The change number up to which they hold everything.</param>
    internal void Start(IEnumerable<Segment> segments, long covered)
    {
        lock (_writer)
        {
            _parts = new Parts(Sorted([.. segments]), [new VectorRun(Dimensions)], covered);
        }
    }

    /// <summary>Becomes what another index is, from one search to the next.</summary>
    internal void Become(VectorIndex other)
    {
        lock (_writer)
        {
            Volatile.Write(ref _version, Math.Max(_version, other._version));
            _parts = other._parts;
        }
    }

    /// <summary>The closed runs, to become a segment; null where there is none.</summary>
    internal MergePlan? PlanFlush() => _parts.Runs is { Length: > 1 } runs ? new MergePlan([], runs[..^1]) : null;

    /// <summary>The smallest segments, where they weigh enough beside the next, or one that is mostly deleted; null where all is well.</summary>
    internal MergePlan? PlanMerge()
    {
        var segments = _parts.Segments;
        long after = 0;
        var from = -1;
        for (var i = segments.Length - 1; i >= 0; i--)
        {
            if (after >= MergeAt * segments[i].Alive && after > 0)
            {
                from = i;
            }

            after += segments[i].Alive;
        }

        if (from >= 0)
        {
            return new MergePlan(segments[from..], []);
        }

        var sparse = Array.Find(segments, s => s.Deletions.Count > SparseAt * s.Rows);
        return sparse is null ? null : new MergePlan([sparse], []);
    }

    /// <summary>Builds one segment of what is alive in the plan's parts and puts it in their place; slow, and safe beside everything
    /// else.</summary>
    internal void Carry(MergePlan plan, int beam, ParallelOptions parallel, Action<int, int>? progress)
    {
        SourceRow[] rows = [.. plan.Segments.SelectMany(s => s.AliveRows()), .. plan.Runs.SelectMany(r => r.AliveRows())];
        var known = _parts.Segments.FirstOrDefault()?.Codec;
        var refit = plan.Segments.Any(s => s.Codec == known);
        var built = rows.Length == 0 ? null
            : SegmentBuilder.Build(Dimensions, rows, refit ? null : known, rows.Length < SmallSegment ? Math.Min(beam, SmallBeam) : beam, parallel,
                progress is null ? null : done => progress(done, rows.Length));
        lock (_writer)
        {
            // What was deleted or replaced meanwhile.
            foreach (var row in rows)
            {
                if (!row.Source.IsAlive(row.Row))
                {
                    built!.Delete(row.Image, version: 1);
                }
            }

            if (!plan.IsOf(_parts.Segments, _parts.Runs))
            {
                return;
            }

            _parts = new Parts(
                Sorted([.. _parts.Segments.Except(plan.Segments), .. built is null ? Array.Empty<Segment>() : [built]]),
                [.. _parts.Runs.Except(plan.Runs)],
                plan.Runs.Select(r => r.ClosedAt).Append(_parts.Covered).Max());
        }
    }

    /// <summary>The segments and their deletions, at one moment between two changes.</summary>
    internal IndexCapture Capture()
    {
        lock (_writer)
        {
            return new IndexCapture(_parts.Segments, [.. _parts.Segments.Select(s => s.Deletions.ToBits())], _parts.Covered);
        }
    }

    // The beam is meant for a million rows; what it takes to find as much among fewer falls with the logarithm of their number.
    private static int BeamFor(int rows, int beam) => (int)(beam * Math.Clamp((Math.Log2(rows) - 8) / 12, 0.25, 1));

    private void RemoveFrom(Segment[] segments, ReadOnlySpan<VectorRun> runs, long image)
    {
        var version = _version + 1;
        foreach (var run in runs)
        {
            run.Remove(image, version);
        }

        foreach (var segment in segments)
        {
            segment.Delete(image, version);
        }

        Volatile.Write(ref _version, version);
    }

    private static Segment[] Sorted(Segment[] segments)
    {
        Array.Sort(segments, static (x, y) => y.Rows.CompareTo(x.Rows));
        return segments;
    }

    // Largest segment first; the last run is the open one. The segments hold every change up to number Covered.
    private sealed record Parts(Segment[] Segments, VectorRun[] Runs, long Covered)
    {
        internal SourceRow RowAt(int row)
        {
            foreach (var segment in Segments)
            {
                if (row < segment.Rows)
                {
                    return segment.RowAt(row);
                }

                row -= segment.Rows;
            }

            var run = Array.Find(Runs, r =>
            {
                var isHere = row < r.Count;
                row -= isHere ? 0 : r.Count;
                return isHere;
            });
            return run!.RowAt(row);
        }
    }
}

/// <summary>Parts of an index that become one segment.</summary>
internal sealed record MergePlan(Segment[] Segments, VectorRun[] Runs)
{
    /// <summary>The parts are still these: the index was not replaced since.</summary>
    internal bool IsOf(Segment[] segments, VectorRun[] runs) =>
        Segments.All(segments.Contains) && Runs.All(runs.Contains);
}

/// <param name="Segments">The segments.</param>
/// <param name="Deleted">Each one's <see cref="RowDeletions"/>.</param>
/// <param name="Covered">The change number up to which they hold everything.</param>
internal sealed record IndexCapture(Segment[] Segments, byte[][] Deleted, long Covered);
