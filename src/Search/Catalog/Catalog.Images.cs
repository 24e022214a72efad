using Npgsql;
using Sightline.Models.Images;

namespace Sightline.Search;

// What pages and the API show.
public sealed partial class Catalog
{
    private const string ImageColumns = """
        image.id, image.root_id, root.path, image.path, sha256, bytes, modified_at, format, width, height, orientation, taken_at, camera,
        latitude, longitude, caption, provenance, image.added_at, missing_since
        """;

    public async Task<ImageRecord?> FindImageAsync(ImageId id, CancellationToken cancellationToken) =>
        (await ReadImagesAsync([id], cancellationToken)).SingleOrDefault();

    /// <summary>Reads images in the order of <paramref name="ids"/>; ids that are gone are left out.</summary>
    public async Task<IReadOnlyList<ImageRecord>> ReadImagesAsync(IReadOnlyList<ImageId> ids, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"select {ImageColumns} from image join root on root.id = root_id where image.id = any($1) order by array_position($1, image.id)");
        command.Parameters.Add(new() { Value = ids.Select(id => id.Value).ToArray() });
        return await ReadImagesAsync(command, cancellationToken);
    }

    /// <summary>Present images, newest first (date taken, else date modified), for the page without a query.</summary>
    public async Task<IReadOnlyList<ImageRecord>> ReadNewestAsync(int offset, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            select {ImageColumns} from image join root on root.id = root_id
            where missing_since is null order by shown_at desc, image.id desc offset $1 limit $2
            """);
        command.Parameters.Add(new() { Value = offset });
        command.Parameters.Add(new() { Value = limit });
        return await ReadImagesAsync(command, cancellationToken);
    }

    /// <summary>Other present images with the same bytes.</summary>
    public async Task<IReadOnlyList<ImageRecord>> ReadDuplicatesAsync(ImageId id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            select {ImageColumns} from image join root on root.id = root_id
            where sha256 = (select sha256 from image where id = $1) and image.id <> $1 and missing_since is null order by image.id
            """);
        command.Parameters.Add(new() { Value = id.Value });
        return await ReadImagesAsync(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<ImageRecord>> ReadImagesAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var images = new List<ImageRecord>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var metadata = new ImageMetadata(
                reader.GetString(7), reader.GetInt32(8), reader.GetInt32(9), reader.GetInt16(10),
                reader.IsDBNull(11) ? null : reader.GetFieldValue<DateTimeOffset>(11), reader.IsDBNull(12) ? null : reader.GetString(12),
                reader.IsDBNull(13) ? null : reader.GetDouble(13), reader.IsDBNull(14) ? null : reader.GetDouble(14));
            images.Add(new ImageRecord(
                new ImageId(reader.GetInt64(0)), new RootId(reader.GetInt64(1)), reader.GetString(2), reader.GetString(3),
                reader.GetFieldValue<byte[]>(4), reader.GetInt64(5), reader.GetFieldValue<DateTimeOffset>(6), metadata,
                reader.IsDBNull(15) ? null : reader.GetString(15),
                reader.GetString(16) == "generated" ? Provenance.Generated : Provenance.Collected,
                reader.GetFieldValue<DateTimeOffset>(17), reader.IsDBNull(18) ? null : reader.GetFieldValue<DateTimeOffset>(18)));
        }

        return images;
    }
}
