using Npgsql;
using Sightline.Models;

namespace Sightline.Search.Tests;

[Collection(PostgresCollection.Name)]
public sealed class CatalogTests(Postgres postgres) : IAsyncLifetime
{
    private NpgsqlDataSource _source = null!;
    private Catalog _catalog = null!;
    private RootId _root;

    public async Task InitializeAsync()
    {
        _source = NpgsqlDataSource.Create(await postgres.Server.CreateDatabaseAsync());
        _catalog = new Catalog(_source, TimeProvider.System);
        _root = (await _catalog.AddRootAsync("/photos", [], default)).Id;
    }

    public async Task DisposeAsync() => await _source.DisposeAsync();

    [Fact]
    public async Task A_root_added_again_keeps_its_id_and_takes_the_new_patterns()
    {
        var again = await _catalog.AddRootAsync("/photos", ["*.tmp"], default);

        Assert.Equal(_root, again.Id);
        Assert.Equal(["*.tmp"], Assert.Single(await _catalog.ReadRootsAsync(default)).Exclude);
    }

    [Fact]
    public async Task An_added_image_is_read_back_whole()
    {
        var added = Samples.Image(_root, "a/b.jpg") with { Caption = "a caption" };
        await _catalog.AddAsync([added], default);

        var image = Assert.Single(await _catalog.ReadNewestAsync(0, 10, default));
        Assert.Equal("/photos/a/b.jpg", image.FullPath);
        Assert.Equal(added.Sha256, image.Sha256);
        Assert.Equal(added.Metadata, image.Metadata);
        Assert.Equal("a caption", image.Caption);
        Assert.Equal(Provenance.Collected, image.Provenance);
        Assert.Null(image.MissingSince);
        Assert.Equal(image.Id, (await _catalog.FindImageAsync(image.Id, default))!.Id);
    }

    [Fact]
    public async Task A_replaced_image_keeps_its_id_and_drops_vectors_of_other_spaces_when_its_bytes_changed()
    {
        var other = new EmbeddingSpace("other", new string('b', 64), 4);
        await _catalog.AddAsync([Samples.Image(_root, "a.jpg", "old")], default);
        await _catalog.AddAsync([Samples.Image(_root, "a.jpg", "old", other)], default);
        var before = Assert.Single(await _catalog.ReadNewestAsync(0, 10, default));

        await _catalog.AddAsync([Samples.Image(_root, "a.jpg", "new")], default);

        Assert.Equal(before.Id, Assert.Single(await _catalog.ReadNewestAsync(0, 10, default)).Id);
        Assert.Equal(0, (await _catalog.ReadStatusAsync(other, default)).Embedded);
        Assert.Equal(1, (await _catalog.ReadStatusAsync(Samples.Space, default)).Embedded);
    }

    [Fact]
    public async Task Two_entries_with_one_path_are_refused_and_nothing_of_the_batch_is_kept()
    {
        await Assert.ThrowsAsync<PostgresException>(
            () => _catalog.AddAsync([Samples.Image(_root, "a.jpg"), Samples.Image(_root, "b.jpg"), Samples.Image(_root, "a.jpg")], default));

        Assert.Empty(await _catalog.ReadNewestAsync(0, 10, default));
    }

    [Fact]
    public async Task Captions_that_text_cannot_hold_lose_those_characters_only()
    {
        await _catalog.AddAsync([Samples.Image(_root, "a.jpg") with { Caption = "one\0two\ud800three 🐕" }], default);

        Assert.Equal("onetwo\ufffdthree 🐕", Assert.Single(await _catalog.ReadNewestAsync(0, 10, default)).Caption);
    }

    [Fact]
    public async Task Known_files_come_in_ordinal_order_with_faults_among_them()
    {
        await _catalog.AddAsync([Samples.Image(_root, "b.jpg"), Samples.Image(_root, "Z.jpg"), Samples.Image(_root, "gone.jpg")], default);
        await _catalog.RecordFaultsAsync([Samples.Fault(_root, "a.jpg")], default);
        await _catalog.MarkMissingAsync(_root, ["gone.jpg"], default);

        var known = await _catalog.ReadKnownFilesAsync(_root, Samples.Space, default).ToListAsync();

        Assert.Equal(["Z.jpg", "a.jpg", "b.jpg", "gone.jpg"], known.Select(k => k.Path));
        Assert.Equal([null, "corrupt", null, null], known.Select(k => k.Reason));
        Assert.Equal([true, false, true, true], known.Select(k => k.Embedded));
        Assert.Equal([false, false, false, true], known.Select(k => k.Missing));
    }

    [Fact]
    public async Task A_picture_that_became_unreadable_leaves_the_page_and_returns_when_it_is_mended()
    {
        await _catalog.AddAsync([Samples.Image(_root, "a.jpg")], default);
        await _catalog.RecordFaultsAsync([Samples.Fault(_root, "a.jpg")], default);

        Assert.Empty(await _catalog.ReadNewestAsync(0, 10, default));
        var status = await _catalog.ReadStatusAsync(null, default);
        Assert.Equal((0, 1, 1), (status.Images, status.Missing, status.Faults));

        await _catalog.AddAsync([Samples.Image(_root, "a.jpg", "mended")], default);

        Assert.Single(await _catalog.ReadNewestAsync(0, 10, default));
        Assert.Empty(await _catalog.ReadFaultsAsync(null, default).ToListAsync());
    }

    [Fact]
    public async Task Faults_of_vanished_files_are_forgotten()
    {
        await _catalog.RecordFaultsAsync([Samples.Fault(_root, "a.jpg"), Samples.Fault(_root, "b.jpg")], default);
        await _catalog.MarkMissingAsync(_root, ["a.jpg"], default);

        Assert.Equal("b.jpg", Assert.Single(await _catalog.ReadFaultsAsync(_root, default).ToListAsync()).Path);
    }

    [Fact]
    public async Task Duplicates_are_found_by_their_bytes_and_counted_beyond_the_first()
    {
        await _catalog.AddAsync(
            [Samples.Image(_root, "a.jpg", "same"), Samples.Image(_root, "b.jpg", "same"), Samples.Image(_root, "c.jpg")], default);
        var a = (await _catalog.ReadNewestAsync(0, 10, default)).Single(i => i.Path == "a.jpg");

        Assert.Equal("b.jpg", Assert.Single(await _catalog.ReadDuplicatesAsync(a.Id, default)).Path);
        Assert.Equal(1, (await _catalog.ReadStatusAsync(null, default)).Duplicates);
    }

    [Fact]
    public async Task An_embedding_is_found_again_by_the_bytes_it_was_made_from()
    {
        var image = Samples.Image(_root, "a.jpg");
        await _catalog.AddAsync([image], default);

        var found = await _catalog.FindEmbeddingsBySha256Async([image.Sha256, new byte[32]], Samples.Space, default);

        Assert.Equal(1, found[Convert.ToHexStringLower(image.Sha256)].Similarity(image.Embedding), 5);
        Assert.Single(found);
    }

    [Fact]
    public async Task Images_are_read_in_the_order_asked_for_without_those_that_are_gone()
    {
        await _catalog.AddAsync([Samples.Image(_root, "a.jpg"), Samples.Image(_root, "b.jpg"), Samples.Image(_root, "c.jpg")], default);
        var ids = (await _catalog.ReadNewestAsync(0, 10, default)).ToDictionary(i => i.Path, i => i.Id);

        var read = await _catalog.ReadImagesAsync([ids["b.jpg"], new ImageId(987), ids["a.jpg"]], default);

        Assert.Equal(["b.jpg", "a.jpg"], read.Select(i => i.Path));
    }

    [Fact]
    public async Task Change_numbers_of_concurrent_writers_follow_their_commits()
    {
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var batch = 0; batch < 10; batch++)
            {
                await _catalog.AddAsync([.. Enumerable.Range(0, 5).Select(i => Samples.Image(_root, $"{writer}/{batch}/{i}.jpg"))], default);
            }
        })).ToList();
        var seen = new HashSet<ImageId>();
        for (long last = 0; seen.Count < 400;)
        {
            // Asked before the read: whoever has ended by then has committed all that it will.
            var ended = writers.TrueForAll(w => w.IsCompleted);
            var changes = await _catalog.ReadChangesAsync(Samples.Space, last, 7, default);
            seen.UnionWith(changes.Select(c => c.Image));
            last = changes.Count > 0 ? changes[^1].Number : last;
            Assert.True(seen.Count == 400 || changes.Count > 0 || !ended, $"only {seen.Count} of 400 changes were seen");
        }

        await Task.WhenAll(writers);
    }
}
