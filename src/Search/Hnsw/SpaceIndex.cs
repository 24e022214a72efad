using Sightline.Models;

namespace Sightline.Search;

/// <summary>The index of one embedding space, with what fills and keeps it. Thread-safe.</summary>
internal sealed class SpaceIndex(
    EmbeddingSpace space, VectorIndex vectors, FactTable facts, IndexFollower follower, IndexKeeper keeper, IndexStore store)
{
    private volatile ScoreBackground? _background;

    internal EmbeddingSpace Space { get; } = space;

    internal VectorIndex Vectors { get; } = vectors;

    /// <summary>What filters ask about the images that have vectors here.</summary>
    internal FactTable Facts { get; } = facts;

    /// <summary>What scores a query has by chance; drawn anew as the collection changes.</summary>
    internal ScoreBackground Background =>
        _background is { } known && !known.IsStale(Vectors.Count) ? known : _background = ScoreBackground.Draw(Vectors);

    /// <summary>Nothing is left to build, merge or store but the open run.</summary>
    internal bool IsSettled => Vectors.PlanFlush() is null && Vectors.PlanMerge() is null && store.IsStored(Vectors);

    /// <summary>Completes when the index holds all that was in the catalogue at start.</summary>
    internal Task Loaded => follower.Loaded;

    /// <summary>The change number up to which the index has followed the catalogue.</summary>
    internal long FollowedTo => follower.FollowedTo;

    /// <summary>An image's embedding; null where it has none in this space.</summary>
    internal Embedding? Find(ImageId image) => Vectors.Find(image) is { } vector ? Embedding.Normalize(Space, vector) : null;

    /// <summary>The most similar images, best first, equal scores by id.</summary>
    /// <exception cref="InvalidOperationException">The query lives in another space.</exception>
    internal ScoredImage[] Search(Embedding query, int count, VectorFilter filter, CancellationToken cancellationToken) =>
        query.Space == Space
            ? Vectors.Search(query.Memory, count, filter, VectorIndex.DefaultBeam, cancellationToken)
            : throw new InvalidOperationException($"An embedding in {query.Space} cannot be looked for among those in {Space}.");

    /// <summary>Follows the catalogue and keeps the index until cancelled; fails as soon as either does.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        await follower.StartAsync(cancellationToken);
        await keeper.StartAsync(cancellationToken);
        await await Task.WhenAny(follower.ExecuteTask!, keeper.ExecuteTask!);
    }

    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        await follower.StopAsync(cancellationToken);
        await keeper.StopAsync(cancellationToken);
        follower.Dispose();
        keeper.Dispose();
    }
}
