#pragma warning disable CS9113 // contract only, until written
using Npgsql;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>All SQL for roots, images, vectors and faults. Thread-safe; each method is one statement or one transaction.</summary>
public sealed class Catalog(NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>Registers a folder, or updates its exclusion patterns. The path must be absolute and free of links.</summary>
    public Task<RootFolder> AddRootAsync(string path, IReadOnlyList<string> exclude, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<IReadOnlyList<RootFolder>> ReadRootsAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Streams what is known below a root, ordered by path (ordinal).</summary>
    public IAsyncEnumerable<KnownFile> ReadKnownFilesAsync(RootId root, EmbeddingSpace space, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Adds or replaces images with their vectors by binary COPY, in one transaction that also appends to the change log and clears
    /// faults and missing marks of those paths. Two entries with one path in a batch are an error.
    /// </summary>
    public Task AddAsync(IReadOnlyList<NewImage> images, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The embedding of some image with these bytes in this space, so that an exact duplicate is not embedded twice.</summary>
    public Task<IReadOnlyDictionary<string, Embedding>> FindEmbeddingsBySha256Async(IReadOnlyList<byte[]> hashes, EmbeddingSpace space, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Records files that gave no picture; an image known at that path is removed from the index and marked missing.</summary>
    public Task RecordFaultsAsync(IReadOnlyList<FileFault> faults, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Marks images that vanished (they leave the index, their rows stay) and forgets faults of files that are gone.</summary>
    public Task MarkMissingAsync(RootId root, IReadOnlyList<string> paths, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<ImageRecord?> FindImageAsync(ImageId id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Reads images in the order of <paramref name="ids"/>; ids that are gone are left out.</summary>
    public Task<IReadOnlyList<ImageRecord>> ReadImagesAsync(IReadOnlyList<ImageId> ids, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Present images, newest first (date taken, else date modified), for the page without a query.</summary>
    public Task<IReadOnlyList<ImageRecord>> ReadNewestAsync(int offset, int limit, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Other present images with the same bytes.</summary>
    public Task<IReadOnlyList<ImageRecord>> ReadDuplicatesAsync(ImageId id, CancellationToken cancellationToken) => throw new NotImplementedException();

    public IAsyncEnumerable<FileFault> ReadFaultsAsync(RootId? root, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <param name="space">Counts vectors of this space; null: of any.</param>
    public Task<CatalogStatus> ReadStatusAsync(EmbeddingSpace? space, CancellationToken cancellationToken) => throw new NotImplementedException();
}
