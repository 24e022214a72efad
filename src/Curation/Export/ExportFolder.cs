using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;

namespace Sightline.Curation.Export;

/// <summary>
/// The folder of an export while it is made. Its <see cref="Work"/> holds the plan's identity, a receipt for each shard that is complete,
/// and what is put together at the end; it is gone when the manifest is there. One process at a time.
/// </summary>
internal sealed class ExportFolder : IDisposable
{
    private const string WorkName = ".export";
    private const string PlanName = "plan.json";
    private const string ReceiptEnding = ".receipt";
    private const string Unfinished = ".unfinished";
    private const int WouldBlock = 11;

    private readonly FileStream _lock;
    private readonly ConcurrentDictionary<string, ExportShard> _receipts = new(StringComparer.Ordinal);
    private bool _isEntered;

    private ExportFolder(string root)
    {
        Root = root;
        Work = Path.Combine(root, WorkName);
        Directory.CreateDirectory(Work);
        try
        {
            _lock = new FileStream(Path.Combine(Work, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new ExportException($"Another process exports to {root}.", e);
        }
    }

    internal string Root { get; }

    /// <summary>For files that are no part of the export.</summary>
    internal string Work { get; }

    /// <summary>Of an export that was complete.</summary>
    internal ExportManifest? Manifest { get; private set; }

    /// <exception cref="ExportException">It holds something else, or another process writes it.</exception>
    internal static ExportFolder Open(string path, PlanIdentity identity)
    {
        var folder = new ExportFolder(Path.GetFullPath(path));
        try
        {
            folder.Enter(identity);
            folder._isEntered = true;
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>What the shard has where it is complete.</summary>
    internal ExportShard? ReceiptOf(string shard) => _receipts.GetValueOrDefault(shard);

    /// <summary>Marks a shard as complete: its files are in their places.</summary>
    internal void Receive(ExportShard shard)
    {
        AtomicFile.WriteText(WorkPathOf(shard.Name, ReceiptEnding), JsonSerializer.Serialize(shard, ManifestFile.Options));
        _receipts[shard.Name] = shard;
    }

    /// <summary>A place for a file of the export; its folder is made.</summary>
    internal string PathOf(string relative)
    {
        var path = Path.Combine(Root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>A place for something of a shard that is no part of the export.</summary>
    internal string WorkPathOf(string shard, string ending) => Path.Combine(Work, shard.Replace('/', '!') + ending);

    /// <summary>A file of the export as it lies on the disk.</summary>
    internal ExportFile Describe(string relative)
    {
        using var file = SequentialFile.Open(Path.Combine(Root, relative));
        return new ExportFile(relative, file.Length, Convert.ToHexStringLower(SHA256.HashData(file)));
    }

    /// <summary>Writes the manifest: the export is complete.</summary>
    internal void Seal(ExportManifest manifest)
    {
        ManifestFile.Write(Root, manifest);
        Manifest = manifest;
    }

    public void Dispose()
    {
        // Nothing is lost with the work folder of an export that is complete or has nothing yet: its place is free for another.
        var isIdle = _isEntered ? _receipts.IsEmpty && IsEmpty() : !File.Exists(Path.Combine(Work, PlanName));
        if (Manifest is not null || isIdle)
        {
            Directory.Delete(Work, recursive: true);
        }

        _lock.Dispose();
    }

    private void Enter(PlanIdentity identity)
    {
        Manifest = ManifestFile.Read(Root);
        var plan = Path.Combine(Work, PlanName);
        var found = Manifest?.Plan ?? (File.Exists(plan) ? Parse<PlanIdentity>(plan) : null);
        if (found is null && !IsEmpty())
        {
            throw new ExportException($"{Root} is not empty, and what it holds is no export: choose an empty folder.");
        }

        if (found is not null && found != identity)
        {
            var what = Manifest is null ? "an unfinished export" : "an export";
            throw new ExportException(
                $"{Root} holds {what} of something else ({found.Difference(identity)} changed): choose an empty folder, or empty it.");
        }

        if (Manifest is not null)
        {
            var lost = Manifest.Shards.SelectMany(s => s.Files).Concat(Manifest.Files).FirstOrDefault(f => !IsThere(f));
            if (lost is not null)
            {
                throw new ExportException(
                    $"{Root} holds this export, but {lost.Path} is gone or has changed: empty the folder and export again.");
            }

            return;
        }

        AtomicFile.WriteText(plan, JsonSerializer.Serialize(identity, ManifestFile.Options));
        Sweep(Root);
        foreach (var path in Directory.EnumerateFiles(Work, "*" + ReceiptEnding))
        {
            var shard = Parse<ExportShard>(path);
            if (shard.Files.All(IsThere))
            {
                _receipts[shard.Name] = shard;
            }
        }
    }

    private static T Parse<T>(string path) => JsonSerializer.Deserialize<T>(File.ReadAllText(path), ManifestFile.Options)!;

    private bool IsThere(ExportFile file) =>
        new FileInfo(Path.Combine(Root, file.Path)) is { Exists: true } found && found.Length == file.Bytes;

    private bool IsEmpty() => Directory.EnumerateFileSystemEntries(Root).All(e => Path.GetFileName(e) == WorkName);

    /// <summary>Removes what a process that was killed had begun.</summary>
    private static void Sweep(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().ToList())
        {
            if (entry is DirectoryInfo directory && directory.LinkTarget is null)
            {
                if (directory.Name.EndsWith(Unfinished, StringComparison.Ordinal))
                {
                    directory.Delete(recursive: true);
                }
                else
                {
                    Sweep(directory.FullName);
                }
            }
            else if (entry.Name.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                entry.Delete();
            }
        }
    }
}
