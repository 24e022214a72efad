using System.Numerics.Tensors;

namespace Sightline.Curation;

/// <summary>
/// The embeddings of the pairs that a filter compares, as they are stored, in a mapped scratch file: 2 bytes a number, so 1 KiB a pair for
/// 512 dimensions; in memory are the rows, 12 bytes a pair. Any number of threads may read.
/// </summary>
internal sealed class EmbeddingRows : IDisposable
{
    private readonly ScratchArray<Half> _values;
    private readonly RankedRows _rows = new();

    private EmbeddingRows(string folder) => _values = new ScratchArray<Half>(folder);

    internal int Count => _rows.Count;

    internal int Dimensions { get; private set; }

    /// <summary>The pair's row in the dataset.</summary>
    internal long Row(int number) => _rows[number];

    /// <inheritdoc cref="RankedRows.Order"/>
    internal int[] Order() => _rows.Order();

    /// <summary>Reads the pairs that are left and have an embedding, in the order of rows.</summary>
    /// <param name="filter">For messages.</param>
    /// <param name="except">Pairs to pass over; null: none.</param>
    /// <exception cref="RecipeException">No pair of the dataset has an embedding, or they come from two models.</exception>
    internal static EmbeddingRows Spill(string filter, GroupRun run, Preference keep, RowSet? except, CancellationToken cancellationToken)
    {
        var rows = new EmbeddingRows(run.Scratch);
        string? space = null;
        foreach (var part in run.Parts(cancellationToken))
        {
            if (part.Embeddings is not { } embeddings)
            {
                continue;
            }

            for (var i = 0; i < part.Measures.Length; i++)
            {
                if (!part.Measures[i].Has(ImageMeasured.Embedding))
                {
                    continue;
                }

                if (space is not null && (space != embeddings.Space || rows.Dimensions != embeddings.Dimensions))
                {
                    rows.Dispose();
                    throw new RecipeException($"{filter}: the images were embedded by two models. Measure them again: sightline curate measure NAME --clip.");
                }

                (space, rows.Dimensions) = (embeddings.Space, embeddings.Dimensions);
                var row = part.FirstRow + i;
                if (run.IsLeft(row) && except?.Contains(row) != true)
                {
                    rows._rows.Add(row, keep.Rank(part[i].Similarity));
                    rows._values.Append(embeddings[i]);
                }
            }
        }

        if (space is null && run.Pairs > 0)
        {
            rows.Dispose();
            throw Unmeasured.Embeddings(filter);
        }

        rows._values.Freeze();
        return rows;
    }

    internal void Read(int number, Span<float> vector) =>
        TensorPrimitives.ConvertToSingle(_values.Slice((long)number * Dimensions, Dimensions), vector);

    /// <param name="vector">To compare with.</param>
    /// <param name="buffer">Overwritten; as long.</param>
    internal float Cosine(int number, ReadOnlySpan<float> vector, Span<float> buffer)
    {
        Read(number, buffer);
        return TensorPrimitives.Dot(buffer, vector);
    }

    public void Dispose() => _values.Dispose();
}
