namespace Sightline.Curation;

/// <summary>
/// No image or caption of a test set is trained on. Images are the same by digest, address or place (<see cref="ImageKeys"/>: any that both
/// know) and alike by perceptual hash; captions are the same by <see cref="CaptionHash"/> and alike by the Jaccard index of their shingles.
/// Captions without a letter or digit are never leaked. Memory: some 300 bytes for each pair of the test set.
/// </summary>
/// <param name="test">The test set.</param>
/// <param name="images">The same images are dropped.</param>
/// <param name="captions">The same captions are dropped.</param>
/// <param name="maxDistance">Images with hashes within so many bits are dropped, 0 to 11; null: none. See
/// <see cref="PictureHash"/>.</param>
/// <param name="jaccard">Captions as alike as this are dropped, 0.6 to 1; null: none. See <see cref="MinHash"/>.</param>
public sealed class LeakageFilter(PairDataset test, bool images, bool captions, int? maxDistance, double? jaccard) : GroupFilter(
    "leakage",
    new DropReason("same_image", "image is in the test set"),
    new DropReason("same_caption", "caption is in the test set"),
    new DropReason("alike_image", Counted.Text("perceptual hash within {0} bits of the test set", maxDistance)),
    new DropReason("alike_caption", Counted.Text("caption alike to the test set by {0} or more", jaccard)))
{
    private const int Chunk = 512;
    private const byte NoReason = 0xFF;

    internal static FilterDefinition Definition { get; } = new(
        "leakage", "Test set leakage", "Nothing of a test set is among the pairs.",
        [
            new FilterParameter("dataset", "Test set", ParameterKind.Text),
            new FilterParameter("images", "Drop its images", ParameterKind.Boolean, "true"),
            new FilterParameter("captions", "Drop its captions", ParameterKind.Boolean, "true"),
            new FilterParameter(
                "max_distance", "Drop images alike up to", ParameterKind.Integer, null, 0, HammingIndex.MostDistance,
                "bits of the perceptual hash"),
            new FilterParameter("jaccard", "Drop captions alike from", ParameterKind.Number, null, 0.6, 1, "Jaccard index"),
        ],
        Create);

    /// <inheritdoc/>
    public override PartColumns Columns =>
        ImageKeys.Columns | PartColumns.Facts | (jaccard is null ? PartColumns.None : PartColumns.Captions);

    /// <summary>Threads; the result is the same for any number.</summary>
    internal int Workers { get; init; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    /// <exception cref="RecipeException">The test set is empty, or hashes are to be compared and one side has none.</exception>
    public override void Run(GroupRun run, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = cancellationToken };
        using var set = new TestSet(run.Scratch);
        set.Fill(test, Columns, maxDistance, jaccard, cancellationToken);
        var hashes = 0L;
        foreach (var part in run.Parts(cancellationToken))
        {
            foreach (ref readonly var image in part.Measures)
            {
                hashes += image.Has(ImageMeasured.Pixels) ? 1 : 0;
            }

            var reasons = Judge(part, set, parallel);
            for (var i = 0; i < part.Count; i++)
            {
                if (reasons[i] != NoReason && run.IsLeft(part.FirstRow + i))
                {
                    run.Drop(part.FirstRow + i, reasons[i]);
                }
            }
        }

        if (maxDistance is not null && hashes == 0 && run.Pairs > 0)
        {
            throw Unmeasured.Hashes(Name);
        }
    }

    private static LeakageFilter Create(FilterArguments arguments)
    {
        var name = arguments.Text("dataset") ?? throw arguments.Fault("give dataset, the name of the test set.");
        var (images, captions) = (arguments.Boolean("images"), arguments.Boolean("captions"));
        var (distance, jaccard) = (arguments.Integer("max_distance"), arguments.Number("jaccard"));
        return images || captions || distance is not null || jaccard is not null
            ? new LeakageFilter(arguments.Dataset(name), images, captions, distance, jaccard)
            : throw arguments.Fault("there is nothing to compare: leave images or captions on, or give max_distance or jaccard.");
    }

    private byte[] Judge(PairPart part, TestSet set, ParallelOptions parallel)
    {
        var reasons = new byte[part.Count];
        Parallel.For(0, (part.Count + Chunk - 1) / Chunk, parallel, () => new CaptionShingles(), (chunk, _, shingles) =>
        {
            for (var i = chunk * Chunk; i < Math.Min((chunk + 1) * Chunk, part.Count); i++)
            {
                var pair = part[i];
                reasons[i] = images && set.HasImage(pair) ? (byte)0
                    : captions && set.HasCaption(pair.Facts.Hash) ? (byte)1
                    : set.HasAlikeImage(pair.Measures) ? (byte)2
                    : set.HasAlikeCaption(pair.Caption, shingles) ? (byte)3
                    : NoReason;
            }

            return shingles;
        }, static _ => { });
        return reasons;
    }

    private sealed class TestSet(string scratch) : IDisposable
    {
        private static readonly ulong NoCaption = CaptionHash.Of(default);

        private readonly HashSet<UInt128> _images = [];
        private readonly HashSet<ulong> _captions = [];
        private readonly ShingleStore _store = new(scratch);
        private HammingIndex? _hashes;
        private MinHash? _minHash;
        private BandTables? _tables;
        private double _jaccard;

        internal void Fill(PairDataset dataset, PartColumns columns, int? distance, double? jaccard, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var hashes = new HashSet<ulong>();
            var (pairs, measured) = (0L, 0L);
            var shingles = new CaptionShingles();
            Span<UInt128> keys = stackalloc UInt128[4];
            foreach (var part in dataset.ReadParts(columns, cancellationToken))
            {
                pairs += part.Count;
                for (var i = 0; i < part.Count; i++)
                {
                    var pair = part[i];
                    foreach (var key in keys[..ImageKeys.GetAll(pair, keys)])
                    {
                        _images.Add(key);
                    }

                    var isNew = pair.Facts.Hash != NoCaption && _captions.Add(pair.Facts.Hash);
                    measured += pair.Measures.Has(ImageMeasured.Pixels) ? 1 : 0;
                    if (distance is not null && PictureHash.IsTelling(pair.Measures))
                    {
                        hashes.Add(pair.Measures.PerceptualHash);
                    }

                    if (jaccard is not null && isNew && shingles.Of(pair.Caption) is { IsEmpty: false } own)
                    {
                        _store.Add(own);
                    }
                }
            }

            if (pairs == 0 || (distance is not null && measured == 0))
            {
                throw new RecipeException(pairs == 0
                    ? $"leakage: the test set in {dataset.Folder} has no pairs."
                    : $"leakage: no image of the test set in {dataset.Folder} has a perceptual hash. "
                        + "Measure it first: sightline curate measure NAME.");
            }

            Index([.. hashes], distance, jaccard);
        }

        internal bool HasImage(in Pair pair)
        {
            Span<UInt128> keys = stackalloc UInt128[4];
            foreach (var key in keys[..ImageKeys.GetAll(pair, keys)])
            {
                if (_images.Contains(key))
                {
                    return true;
                }
            }

            return false;
        }

        internal bool HasCaption(ulong hash) => _captions.Contains(hash);

        internal bool HasAlikeImage(in ImageMeasures image) =>
            _hashes is not null && PictureHash.IsTelling(image) && _hashes.Contains(image.PerceptualHash);

        internal bool HasAlikeCaption(ReadOnlySpan<byte> caption, CaptionShingles shingles)
        {
            if (_tables is null)
            {
                return false;
            }

            var own = shingles.Of(caption);
            if (own.IsEmpty)
            {
                return false;
            }

            Span<uint> keys = stackalloc uint[_minHash!.Bands];
            _minHash.Read(own, keys);
            return _tables.Find(keys, own, _store, _jaccard) >= 0;
        }

        public void Dispose() => _store.Dispose();

        private void Index(ReadOnlySpan<ulong> hashes, int? distance, double? jaccard)
        {
            _hashes = distance is { } bits ? new HammingIndex(hashes, bits) : null;
            _store.Freeze();
            if (jaccard is not { } least)
            {
                return;
            }

            _jaccard = least;
            _minHash = new MinHash(least);
            _tables = new BandTables(_minHash.Bands, _store.Count);
            Span<uint> keys = stackalloc uint[_minHash.Bands];
            for (var i = 0; i < _store.Count; i++)
            {
                _minHash.Read(_store[i], keys);
                _tables.Add(keys, i);
            }
        }
    }
}
