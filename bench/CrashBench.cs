using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.Search;

namespace Sightline.Bench;

/// <summary>
/// Kills a process that inserts, replaces and deletes vectors while its index builds, merges and stores small segments, at random moments,
/// and in every fourth round PostgreSQL with it (kill -9 both). After each round the index is loaded anew and compared with what had been
/// acknowledged: nothing missing, nothing doubled, searches as good as before.
/// </summary>
public sealed class CrashBench(int rounds, int seed)
{
    private const int Names = 3_000;
    private const int MostPerBatch = 60;
    private const int Queries = 40;
    private const double LeastRecall = 0.96;

    private static readonly EmbeddingSpace Space = new("crash", new string('c', 64), 32);

    // So small that the writer spends most of its time in builds, merges and segment writes.
    private static readonly IndexOptions Options = new(RunRows: 150, BuildBeam: 48);

    private readonly Random _random = new(seed);

    // The revision that each image has; 0: none. And what an operation that was not acknowledged would have made of it.
    private readonly Dictionary<int, int> _acknowledged = [];
    private readonly Dictionary<int, int> _attempted = [];

    /// <param name="writer">The command line of a program that runs <see cref="WriteAsync"/> with a connection string and a seed.</param>
    /// <returns>Figures by name.</returns>
    /// <exception cref="InvalidOperationException">A round lost, doubled or spoilt something; says which and how.</exception>
    public async Task<IReadOnlyList<KeyValuePair<string, double>>> RunAsync(
        string[] writer, TextWriter report, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("sightline-crash-");
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        var data = DataFolder.Open(folder.FullName);
        var cluster = await PrivateCluster.StartAsync(data, settings: null, cancellationToken);
        try
        {
            await Migrator.ApplyAsync(cluster.ConnectionString, Migration.Embedded, cancellationToken);
            var (operations, lowest, stored) = (0, 1.0, 0);
            for (var round = 1; round <= rounds; round++)
            {
                operations += await KillAsync(writer, cluster.ConnectionString, round, cancellationToken);
                if (round % 4 == 0)
                {
                    await KillPostgresAsync(data, cancellationToken);
                    NpgsqlConnection.ClearAllPools();
                    cluster = await PrivateCluster.StartAsync(data, settings: null, cancellationToken);
                }

                var (images, segments, recall) = await CheckAsync(cluster.ConnectionString, round, cancellationToken);
                (lowest, stored) = (Math.Min(lowest, recall), Math.Max(stored, segments));
                await report.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"round {round} of {rounds}: {operations} operations acknowledged so far, {images} images, {segments} stored segments, recall@10 {recall:F4}"));
            }

            return [new("crash_rounds", rounds), new("crash_operations", operations), new("crash_most_segments", stored), new("crash_recall_min", lowest)];
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
            await cluster.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The process that is killed: changes the catalogue for ever, saying before and after what it does.</summary>
    public static async Task WriteAsync(string connectionString, int seed, TextWriter output, CancellationToken cancellationToken)
    {
        await using var dataSource = DataSources.Open(connectionString);
        var catalog = new Catalog(dataSource, TimeProvider.System);
        var indexes = Indexes(dataSource, catalog);
        await indexes.StartAsync(cancellationToken);
        await indexes.Open(Space).Loaded;
        var root = (await catalog.AddRootAsync("/crash", [], cancellationToken)).Id;
        var random = new Random(seed);
        for (var revision = seed * 100_000; ; revision++)
        {
            var names = Enumerable.Range(0, random.Next(1, MostPerBatch)).Select(_ => random.Next(Names)).Distinct().ToList();
            var isRemoval = random.Next(4) == 0;
            var line = $"{(isRemoval ? 0 : revision).ToString(CultureInfo.InvariantCulture)} {string.Join(',', names)}";
            await output.WriteLineAsync($"try {line}");
            await output.FlushAsync(cancellationToken);
            if (isRemoval)
            {
                await catalog.MarkMissingAsync(root, [.. names.Select(PathOf)], cancellationToken);
            }
            else
            {
                await catalog.AddAsync([.. names.Select(name => Image(root, name, revision))], cancellationToken);
            }

            await output.WriteLineAsync($"done {line}");
            await output.FlushAsync(cancellationToken);
        }
    }

    private static SpaceIndexes Indexes(NpgsqlDataSource dataSource, Catalog catalog) =>
        new(dataSource, catalog, Space, Options, TimeProvider.System, NullLoggerFactory.Instance);

    private async Task<int> KillAsync(string[] writer, string connectionString, int round, CancellationToken cancellationToken)
    {
        string[] arguments = [.. writer[1..], connectionString, (seed * 1_000 + round).ToString(CultureInfo.InvariantCulture)];
        using var process = Process.Start(new ProcessStartInfo(writer[0], arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{writer[0]} did not start.");
        var operations = 0;
        var kill = Task.CompletedTask;
        _attempted.Clear();
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            var words = line.Split(' ');
            var revision = int.Parse(words[1], CultureInfo.InvariantCulture);
            var names = words[2].Split(',').Select(name => int.Parse(name, CultureInfo.InvariantCulture));
            var into = words[0] == "done" ? _acknowledged : _attempted;
            _attempted.Clear();
            foreach (var name in names)
            {
                into[name] = revision;
            }

            if (words[0] == "done" && operations++ == 0)
            {
                var delay = TimeSpan.FromMilliseconds(_random.Next(5, 1_500));
                kill = Task.Delay(delay, cancellationToken).ContinueWith(_ => process.Kill(), TaskScheduler.Default);
            }
        }

        await process.WaitForExitAsync(cancellationToken);
        await kill;
        return operations > 0 && process.ExitCode == 137 ? operations
            : throw new InvalidOperationException($"The writer ended by itself with {process.ExitCode} after {operations} operations.");
    }

    private static async Task KillPostgresAsync(DataFolder data, CancellationToken cancellationToken)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(data.Postgres, "postmaster.pid"), cancellationToken);
        using var postmaster = Process.GetProcessById(int.Parse(lines[0], CultureInfo.InvariantCulture));
        postmaster.Kill(entireProcessTree: true);
        await postmaster.WaitForExitAsync(cancellationToken);
    }

    private async Task<(int Images, int Segments, double Recall)> CheckAsync(
        string connectionString, int round, CancellationToken cancellationToken)
    {
        await using var dataSource = DataSources.Open(connectionString);
        var catalog = new Catalog(dataSource, TimeProvider.System);
        var indexes = Indexes(dataSource, catalog);
        await indexes.StartAsync(cancellationToken);
        try
        {
            var index = indexes.Open(Space);
            await index.Loaded.WaitAsync(cancellationToken);
            var segments = (await catalog.ReadManifestAsync(Space, cancellationToken)).Segments.Length;
            var ids = await IdsAsync(dataSource, cancellationToken);
            Settle(index, ids, round);
            return (_acknowledged.Values.Count(revision => revision != 0), segments, Recall(index, ids, round));
        }
        finally
        {
            await indexes.StopAsync(cancellationToken);
        }
    }

    // The operation under way happened wholly or not at all; everything else is as acknowledged.
    private void Settle(SpaceIndex index, Dictionary<int, ImageId> ids, int round)
    {
        bool Holds(int name, int revision) => revision == 0
            ? !ids.TryGetValue(name, out var id) || index.Vectors.Find(id) is null
            : ids.TryGetValue(name, out var there) && index.Vectors.Find(there) is { } found && AreNear(found, Vector(name, revision));
        if (_attempted.Count > 0 && _attempted.All(image => Holds(image.Key, image.Value)))
        {
            foreach (var (name, revision) in _attempted)
            {
                _acknowledged[name] = revision;
            }
        }

        foreach (var (name, revision) in _acknowledged)
        {
            if (!Holds(name, revision))
            {
                throw new InvalidOperationException($"Round {round}: image {name} is not at revision {revision}, which was acknowledged.");
            }
        }

        var expected = _acknowledged.Values.Count(revision => revision != 0);
        if (index.Vectors.Count != expected)
        {
            throw new InvalidOperationException($"Round {round}: the index counts {index.Vectors.Count} vectors instead of {expected}.");
        }
    }

    private double Recall(SpaceIndex index, Dictionary<int, ImageId> ids, int round)
    {
        var there = _acknowledged.Where(image => image.Value != 0).Select(image => (ids[image.Key], Vector(image.Key, image.Value))).ToList();
        var wanted = Math.Min(10, there.Count);
        double found = 0;
        for (var i = 0; i < Queries && wanted > 0; i++)
        {
            var query = Embedding.Normalize(Space, Vector(-1 - i, round));
            var truth = there.Select(image => Dot(image.Item2, query)).OrderDescending().ElementAt(wanted - 1);
            var hits = index.Search(query, wanted, VectorFilter.None, CancellationToken.None);
            if (hits.Length != wanted || hits.DistinctBy(hit => hit.Image).Count() != wanted)
            {
                throw new InvalidOperationException($"Round {round}: {hits.Length} hits of {wanted}, or one of them twice.");
            }

            found += hits.Count(hit => hit.Score >= truth - 2e-5f) / (double)wanted / Queries;
        }

        return wanted == 0 || found >= LeastRecall ? Math.Min(found, 1)
            : throw new InvalidOperationException($"Round {round}: recall {found}.");
    }

    private static async Task<Dictionary<int, ImageId>> IdsAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("select path, id from image");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new Dictionary<int, ImageId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(int.Parse(reader.GetString(0), CultureInfo.InvariantCulture), new ImageId(reader.GetInt64(1)));
        }

        return ids;
    }

    private static float Dot(float[] vector, Embedding query) => System.Numerics.Tensors.TensorPrimitives.Dot(vector, query.Values);

    private static bool AreNear(float[] x, float[] y) => System.Numerics.Tensors.TensorPrimitives.Distance<float>(x, y) < 1e-3;

    private static string PathOf(int name) => name.ToString(CultureInfo.InvariantCulture);

    // What an image looks like follows from its name and revision.
    private static float[] Vector(int name, int revision)
    {
        var random = new Random(unchecked(name * 7_919 + revision));
        return Embedding.Normalize(Space, [.. Enumerable.Range(0, Space.Dimensions).Select(_ => (float)(random.NextDouble() - 0.5))])
            .Values.ToArray();
    }

    private static NewImage Image(RootId root, int name, int revision) => new(
        root, PathOf(name), SHA256.HashData(Encoding.UTF8.GetBytes($"{name} {revision}")), 1, DateTimeOffset.UnixEpoch,
        new ImageMetadata("jpeg", 1, 1, 1, null, null, null, null), null, Provenance.Collected,
        Embedding.Normalize(Space, Vector(name, revision)));
}
