namespace Sightline.Curation;

/// <summary>Embeddings with their sketches, in a second mapped scratch file of 4 bytes a number of a sketch: 128 to 512 bytes a
/// pair.</summary>
internal sealed class SketchedRows(EmbeddingRows rows, CosineBound bound, string folder) : IDisposable
{
    private const int Chunk = 256;
    private const int ChunksAtOnce = 64;

    private readonly ScratchArray<float> _sketches = new(folder);

    internal EmbeddingRows Rows => rows;

    internal CosineBound Bound => bound;

    internal ReadOnlySpan<float> this[int number] => _sketches.Slice((long)number * bound.Width, bound.Width);

    /// <summary>Makes the sketches; once.</summary>
    internal void Fill(ParallelOptions parallel)
    {
        var buffer = new float[ChunksAtOnce * Chunk * bound.Width];
        for (var start = 0; start < rows.Count; start += ChunksAtOnce * Chunk)
        {
            var first = start;
            var count = Math.Min(ChunksAtOnce * Chunk, rows.Count - start);
            Parallel.For(0, (count + Chunk - 1) / Chunk, parallel, () => new float[rows.Dimensions], (chunk, _, vector) =>
            {
                for (var i = chunk * Chunk; i < Math.Min((chunk + 1) * Chunk, count); i++)
                {
                    rows.Read(first + i, vector);
                    bound.Sketch(vector, buffer.AsSpan(i * bound.Width, bound.Width));
                }

                return vector;
            }, static _ => { });
            _sketches.Append(buffer.AsSpan(0, count * bound.Width));
        }

        _sketches.Freeze();
    }

    public void Dispose() => _sketches.Dispose();
}
