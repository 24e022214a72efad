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
}
