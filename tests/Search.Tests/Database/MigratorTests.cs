namespace Sightline.Search.Tests;

[Collection(PostgresCollection.Name)]
public sealed class MigratorTests(Postgres postgres)
{
    [Fact]
    public async Task Migrations_apply_once()
    {
        var database = await postgres.Server.CreateEmptyDatabaseAsync();

        Assert.Equal(Migration.Embedded.Count, await Migrator.ApplyAsync(database, Migration.Embedded, default));
        Assert.Equal(0, await Migrator.ApplyAsync(database, Migration.Embedded, default));
    }

    [Fact]
    public async Task Two_processes_that_start_at_once_share_the_work()
    {
        var database = await postgres.Server.CreateEmptyDatabaseAsync();

        var applied = await Task.WhenAll(
            Migrator.ApplyAsync(database, Migration.Embedded, default), Migrator.ApplyAsync(database, Migration.Embedded, default));

        Assert.Equal(Migration.Embedded.Count, applied.Sum());
    }

    [Fact]
    public async Task A_migration_edited_after_it_was_applied_is_refused()
    {
        var database = await postgres.Server.CreateEmptyDatabaseAsync();
        await Migrator.ApplyAsync(database, [new Migration(1, "create_a", "create table a ()")], default);

        var refused = await Assert.ThrowsAsync<DatabaseException>(
            () => Migrator.ApplyAsync(database, [new Migration(1, "create_a", "create table b ()")], default));

        Assert.Contains("0001_create_a", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_from_a_newer_build_is_refused()
    {
        var database = await postgres.Server.CreateEmptyDatabaseAsync();
        await Migrator.ApplyAsync(database, [new Migration(9, "create_a", "create table a ()")], default);

        var refused = await Assert.ThrowsAsync<DatabaseException>(() => Migrator.ApplyAsync(database, [], default));

        Assert.Contains("newer Sightline", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_migration_leaves_nothing_behind()
    {
        var database = await postgres.Server.CreateEmptyDatabaseAsync();
        var broken = new Migration(1, "break", "create table a (); select 1 / 0;");

        var failure = await Assert.ThrowsAsync<DatabaseException>(() => Migrator.ApplyAsync(database, [broken], default));

        Assert.Contains("division by zero", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, await Migrator.ApplyAsync(database, [new Migration(1, "create_a", "create table a ()")], default));
    }

    [Fact]
    public async Task An_unreachable_server_is_named_without_its_password()
    {
        var failure = await Assert.ThrowsAsync<DatabaseException>(
            () => Migrator.ApplyAsync("Host=/nowhere;Database=photos;Username=me;Password=secret", Migration.Embedded, default));

        Assert.Contains("/nowhere", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tags_of_an_earlier_version_keep_who_said_them()
    {
        var database = await postgres.Server.CreateEmptyDatabaseAsync();
        await Migrator.ApplyAsync(database, [.. Migration.Embedded.Where(m => m.Number < 7)], default);
        await using var source = Npgsql.NpgsqlDataSource.Create(database);
        await using (var old = source.CreateCommand("""
            insert into root (path) values ('/photos');
            insert into embedding_space (model, digest, dimensions) values ('m', 'd', 8);
            insert into image (root_id, path, sha256, bytes, modified_at, format, width, height, orientation, provenance, added_at)
            values (1, 'a.jpg', decode(repeat('00', 32), 'hex'), 1, now(), 'jpeg', 9, 9, 1, 'collected', now());
            insert into label_set (name, templates, changed_at) values ('set', '{"{}"}', now());
            insert into tag (name) values ('suggested'), ('accepted'), ('rejected'), ('mine'), ('of a set that is gone');
            insert into image_tag (image_id, tag_id, state, by_person, score, threshold, space_id, label_set, set_at)
            values (1, 1, 'suggested', false, 0.9, 0.5, 1, 'set', now()), (1, 2, 'accepted', true, 0.8, 0.5, 1, 'set', now()),
                   (1, 3, 'rejected', true, 0.7, 0.5, 1, 'set', now()), (1, 4, 'accepted', true, null, null, null, null, now()),
                   (1, 5, 'suggested', false, 0.6, 0.5, 1, 'gone', now());
            """))
        {
            await old.ExecuteNonQueryAsync();
        }

        await Migrator.ApplyAsync(database, Migration.Embedded, default);

        var tags = await new Catalog(source, TimeProvider.System).ReadTagsAsync([new ImageId(1)], default);
        Assert.Equal(
            [("accepted", TagState.Accepted, 0.8f), ("mine", TagState.Accepted, null), ("rejected", TagState.Rejected, 0.7f), ("suggested", TagState.Suggested, 0.9f)],
            tags.Select(t => (t.Name, t.State, (float?)t.Source?.Score)));
    }
}
