using System.Numerics.Tensors;

namespace Sightline.Curation;

/// <summary>
/// The embeddings of the pairs that a filter compares, as they are stored, in a mapped scratch file: 2 bytes a number, so 1 KiB a pair for
/// 512 dimensions; in memory are the rows, 12 bytes a pair. Any number of threads may read.
/// </summary>
/// <param name="filter">For messages.</param>
internal sealed class EmbeddingRows(string filter, string folder) : IDisposable
{
    private readonly ScratchArray<Half> _values = new(folder);
    private readonly RankedRows _rows = new();

    internal int Count => _rows.Count;

    internal int Dimensions { get; private set; }

    /// <summary>The pair's row in the dataset.</summary>
    internal long Row(int number) => _rows[number];

    /// <inheritdoc cref="RankedRows.Order"/>
    internal int[] Order() => _rows.Order();

    /// <summary>Adds the pairs that are left and have an embedding, in the order of rows; once.</summary>
    /// <param name="except">Pairs to pass over; null: none.</param>
    /// <exception cref="RecipeException">No pair of the dataset has an embedding, or they come from two models.</exception>
    internal void Fill(GroupRun run, Preference keep, RowSet? except, CancellationToken cancellationToken)
    {
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

                if (space is not null && (space != embeddings.Space || Dimensions != embeddings.Dimensions))
                {
                    throw Unmeasured.TwoModels(filter);
                }

                (space, Dimensions) = (embeddings.Space, embeddings.Dimensions);
                var row = part.FirstRow + i;
                if (run.IsLeft(row) && except?.Contains(row) != true)
                {
                    _rows.Add(row, keep.Rank(part[i].Similarity));
                    _values.Append(embeddings[i]);
                }
            }
        }

        if (space is null && run.Pairs > 0)
        {
            throw Unmeasured.Embeddings(filter);
        }

        _values.Freeze();
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
