using Npgsql;
using Sightline.Models;

namespace Sightline.Search;

// Label sets, and how a model's likeness turns into a probability.
public sealed partial class Catalog
{
    /// <summary>Saves a set under its name; one that was there is replaced.</summary>
    /// <exception cref="ArgumentException">The set cannot be.</exception>
    public async Task SaveLabelSetAsync(LabelSet set, CancellationToken cancellationToken)
    {
        set.Check();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var save = new NpgsqlCommand("""
            insert into label_set (name, templates, changed_at) values ($1, $2, $3)
            on conflict (name) do update set templates = excluded.templates, changed_at = excluded.changed_at
            returning id
            """, connection);
        save.Parameters.Add(new() { Value = set.Name });
        save.Parameters.Add(new() { Value = set.Templates.ToArray() });
        save.Parameters.Add(new() { Value = time.GetUtcNow() });
        var id = (long)(await save.ExecuteScalarAsync(cancellationToken))!;
        await using var clear = new NpgsqlCommand("delete from label where set_id = $1", connection);
        clear.Parameters.Add(new() { Value = id });
        await clear.ExecuteNonQueryAsync(cancellationToken);
        foreach (var (position, label) in set.Labels.Index())
        {
            await using var add = new NpgsqlCommand(
                "insert into label (set_id, position, name, prompts, threshold) values ($1, $2, $3, $4, $5)", connection);
            add.Parameters.Add(new() { Value = id });
            add.Parameters.Add(new() { Value = position });
            add.Parameters.Add(new() { Value = label.Name });
            add.Parameters.Add(new() { Value = label.Prompts.ToArray() });
            add.Parameters.Add(new NpgsqlParameter<double?> { TypedValue = label.Threshold });
            await add.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>All sets by name.</summary>
    public async Task<IReadOnlyList<LabelSet>> ReadLabelSetsAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            select label_set.name, templates, label.name, prompts, threshold
            from label_set left join label on set_id = id order by lower(label_set.name), id, position
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sets = new List<(string Name, string[] Templates, List<Label> Labels)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (sets.Count == 0 || sets[^1].Name != reader.GetString(0))
            {
                sets.Add((reader.GetString(0), reader.GetFieldValue<string[]>(1), []));
            }

            if (!reader.IsDBNull(2))
            {
                sets[^1].Labels.Add(new Label(
                    reader.GetString(2), reader.GetFieldValue<string[]>(3), reader.IsDBNull(4) ? null : reader.GetDouble(4)));
            }
        }

        return [.. sets.Select(s => new LabelSet(s.Name, s.Labels, s.Templates))];
    }

    public async Task<LabelSet?> FindLabelSetAsync(string name, CancellationToken cancellationToken) =>
        (await ReadLabelSetsAsync(cancellationToken)).FirstOrDefault(s => s.Name == name);

    /// <summary>Its suggestions go with it; what people have accepted stays.</summary>
    /// <returns>There was one.</returns>
    public async Task<bool> DeleteLabelSetAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("delete from label_set where name = $1");
        command.Parameters.Add(new() { Value = name });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    internal async Task<TagCalibration?> FindTagCalibrationAsync(EmbeddingSpace space, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var command = dataSource.CreateCommand(
            "select offset_, by_collection, by_picture, fitted_on from tag_calibration where space_id = $1");
        command.Parameters.Add(new() { Value = spaceId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new TagCalibration(reader.GetDouble(0), reader.GetDouble(1), reader.GetDouble(2), reader.GetString(3))
            : null;
    }

    internal async Task SaveTagCalibrationAsync(EmbeddingSpace space, TagCalibration calibration, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var command = dataSource.CreateCommand("""
            insert into tag_calibration (space_id, offset_, by_collection, by_picture, fitted_on, fitted_at) values ($1, $2, $3, $4, $5, $6)
            on conflict (space_id) do update set
                offset_ = excluded.offset_, by_collection = excluded.by_collection, by_picture = excluded.by_picture,
                fitted_on = excluded.fitted_on, fitted_at = excluded.fitted_at
            """);
        command.Parameters.Add(new() { Value = spaceId });
        command.Parameters.Add(new() { Value = calibration.Offset });
        command.Parameters.Add(new() { Value = calibration.ByCollection });
        command.Parameters.Add(new() { Value = calibration.ByPicture });
        command.Parameters.Add(new() { Value = calibration.FittedOn });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
