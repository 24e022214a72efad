using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Sightline.Models.Images;

namespace Sightline.Training.Data;

/// <summary>
/// Decodes the pictures of a source once and writes them as <see cref="PackedPictures"/>. A folder comes to its place whole; packing that
/// was stopped goes on where it stopped, after the pixels that are there have been checked. Pictures that are the same byte by byte are one
/// with all their captions.
/// </summary>
internal sealed class PicturePacker
{
    private const int ChunkPictures = 256;
    private const int MostFileBytes = 1 << 28;
    private const string Unfinished = ".unfinished";
    private const string Pixels = "pixels.part";
    private const string Journal = "journal.jsonl";
    private const string FaultFile = "faults.jsonl";
    private const string ReportFile = "pack.json";

    private readonly PictureSource _source;
    private readonly PackOptions _options;
    private readonly Action<PackProgress> _progress;
    private readonly TimeProvider _time;
    private readonly int _length;
    private readonly Dictionary<string, int> _byFile = new(StringComparer.Ordinal);
    private readonly List<PackEntry> _entries = [];
    private int _packed;
    private int _resumed;
    private long _faults;
    private long _started;

    internal PicturePacker(PictureSource source, PackOptions options, Action<PackProgress> progress, TimeProvider time)
    {
        (_source, _options, _progress, _time) = (source, options, progress, time);
        _length = 3 * options.Side * options.Side;
    }

    private IReadOnlyList<PictureDraft> Pictures => _source.Contents.Pictures;

    /// <summary>Packs into a folder that is not there yet, or is replaced.</summary>
    /// <param name="key">Of the source: what an unfinished run left of another one is not gone on with.</param>
    /// <exception cref="TrainingDataException">No picture could be read, another process packs the same, or the disk does not take
    /// it.</exception>
    internal PackReport Pack(string folder, string key, CancellationToken cancellationToken)
    {
        var work = $"{folder}-{key}{Unfinished}";
        Directory.CreateDirectory(work);
        using var claim = Claim(work);
        _started = _time.GetTimestamp();
        _faults = _source.Contents.Faults.Counts.Values.Sum();
        using (var journal = PackJournal.Open(Path.Combine(work, Journal), out var entries))
        using (var pixels = new FileStream(Path.Combine(work, Pixels), FileMode.OpenOrCreate, FileAccess.ReadWrite))
        {
            Resume(journal, pixels, entries, cancellationToken);
            PackRest(journal, pixels, cancellationToken);
            if (_packed == 0)
            {
                throw new TrainingDataException(
                    $"{_source.Config.Place}: not one picture of {_source.Config.Path} could be packed. {FirstFault()}");
            }

            var report = Finish(work, folder, pixels);
            pixels.Flush(flushToDisk: true);
            pixels.Dispose();
            File.Move(Path.Combine(work, Pixels), Path.Combine(work, PackedPictures.PixelFile));
            journal.Dispose();
            File.Delete(Path.Combine(work, Journal));
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            Directory.Move(work, folder);
            return report;
        }
    }

    /// <summary>Reads the report that lies beside packed pictures.</summary>
    internal static PackReport ReadReport(string folder) =>
        JsonSerializer.Deserialize<PackReport>(File.ReadAllBytes(Path.Combine(folder, ReportFile)))! with { Folder = folder };

    private FileStream Claim(string work)
    {
        try
        {
            return new FileStream(Path.Combine(work, "claim"), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.DeleteOnClose,
            });
        }
        catch (IOException e)
        {
            throw new TrainingDataException($"{work} cannot be claimed: another process packs the same pictures. {e.Message}", e);
        }
    }

    /// <summary>Takes over what an earlier run left, as far as its pixels are what its journal says.</summary>
    private void Resume(PackJournal journal, FileStream pixels, List<PackEntry> entries, CancellationToken cancellationToken)
    {
        pixels.SetLength(Math.Max(pixels.Length, PackedHeader.Length));
        pixels.Position = PackedHeader.Length;
        var buffer = new byte[_length];
        foreach (var entry in entries.Take(Pictures.Count))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Outcome == PackOutcome.Packed
                && (pixels.ReadAtLeast(buffer, _length, throwOnEndOfStream: false) < _length || HashOf(buffer) != entry.Pixels))
            {
                break;
            }

            Take(entry);
        }

        _resumed = _entries.Count;
        journal.Truncate(_entries);
        pixels.SetLength(PackedHeader.Length + (long)_packed * _length);
        pixels.Position = pixels.Length;
    }

    private void PackRest(PackJournal journal, FileStream pixels, CancellationToken cancellationToken)
    {
        var buffer = new byte[Math.Min(ChunkPictures, Pictures.Count) * _length];
        var found = new PackEntry[ChunkPictures];
        while (_entries.Count < Pictures.Count)
        {
            var first = _entries.Count;
            var count = Math.Min(ChunkPictures, Pictures.Count - first);
            Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
                found[i] = Decode(Pictures[first + i], buffer.AsSpan(i * _length, _length)));
            for (var i = 0; i < count; i++)
            {
                var entry = Place(Pictures[first + i], found[i]);
                if (entry.Outcome == PackOutcome.Packed)
                {
                    pixels.Write(buffer, i * _length, _length);
                }

                Take(entry);
            }

            pixels.Flush();
            journal.Add(_entries.Skip(first));
            Tell();
        }
    }

    /// <summary>Of what is held out the bytes are hashed and no more: another picture may turn out to be the same.</summary>
    private PackEntry Decode(PictureDraft picture, Span<byte> planes)
    {
        if (!_source.Bytes.TryRead(picture.Location, MostFileBytes, out var bytes, out var fault))
        {
            return IsOurs(picture) ? Fault(fault!) : new PackEntry(PackOutcome.OtherPart);
        }

        var file = HashOf(bytes);
        if (!IsOurs(picture))
        {
            return new PackEntry(PackOutcome.OtherPart, file);
        }

        return SquarePicture.Decode(bytes, _options, planes) is { } broken
            ? Fault(broken) : new PackEntry(PackOutcome.Packed, file, HashOf(planes));
    }

    /// <summary>The first of equal pictures says on which side of what is held out all of them are.</summary>
    private PackEntry Place(PictureDraft picture, PackEntry entry) =>
        entry.File is { } file && _byFile.TryGetValue(file, out var same) ? new PackEntry(PackOutcome.Joined, file, Same: same) : entry;

    private void Take(PackEntry entry)
    {
        _entries.Add(entry);
        if (entry.File is not null && entry.Outcome is PackOutcome.Packed or PackOutcome.OtherPart)
        {
            _byFile.Add(entry.File, entry.Outcome == PackOutcome.Packed ? _packed : -1);
        }

        _packed += entry.Outcome == PackOutcome.Packed ? 1 : 0;
        _faults += entry.Outcome == PackOutcome.Fault ? 1 : 0;
    }

    private void Tell()
    {
        var done = _entries.Count;
        var seconds = _time.GetElapsedTime(_started).TotalSeconds;
        var rate = seconds > 0 ? (done - _resumed) / seconds : 0;
        TimeSpan? left = rate > 0 ? TimeSpan.FromSeconds((Pictures.Count - done) / rate) : null;
        _progress(new PackProgress(_source.Config.Path!, done, Pictures.Count, rate, left, _faults));
    }

    private PackReport Finish(string work, string folder, FileStream pixels)
    {
        var faults = Faults();
        var samples = Samples();
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        samples.ForEach(digest.AppendData);
        PackedPictures.AddLabels(digest, _source.Contents.Labels);
        var hash = digest.GetHashAndReset();
        WriteSamples(Path.Combine(work, PackedPictures.SampleFile), samples, hash);
        pixels.Position = 0;
        pixels.Write(new PackedHeader(_packed, _options.Side, hash).ToBytes(PackedPictures.PixelMagic));
        File.WriteAllLines(Path.Combine(work, FaultFile), faults.Listed.Select(f => JsonSerializer.Serialize(f)));
        var kept = Merge();
        var report = new PackReport(
            _source.Config.Path!, folder, _packed, kept.Sum(p => (long)p.Captions.Count), kept.Count(p => p.Captions.Count == 0),
            _entries.Count(e => e.Outcome == PackOutcome.Joined && e.Same >= 0),
            _entries.Count(e => e.Outcome == PackOutcome.OtherPart || e is { Outcome: PackOutcome.Joined, Same: < 0 }),
            _options.Side, Convert.ToHexStringLower(hash), faults.Counts);
        File.WriteAllBytes(Path.Combine(work, ReportFile), JsonSerializer.SerializeToUtf8Bytes(report));
        return report;
    }

    private FaultList Faults()
    {
        var faults = _source.Contents.Faults;
        for (var i = 0; i < _entries.Count; i++)
        {
            if (_entries[i].Outcome == PackOutcome.Fault)
            {
                faults.Add(new DataFault(_source.Config.Path!, Pictures[i].Key, _entries[i].Reason, _entries[i].Detail));
            }
        }

        return faults;
    }

    /// <summary>The pictures that were packed, with the captions of those that are the same.</summary>
    private List<PictureDraft> Merge()
    {
        var kept = new List<PictureDraft>(_packed);
        for (var i = 0; i < _entries.Count; i++)
        {
            if (_entries[i].Outcome == PackOutcome.Packed)
            {
                kept.Add(Pictures[i] with { Captions = [.. Pictures[i].Captions] });
            }
            else if (_entries[i] is { Outcome: PackOutcome.Joined, Same: >= 0 and var same })
            {
                kept[same].Captions.AddRange(Pictures[i].Captions.Except(kept[same].Captions).ToList());
            }
        }

        return kept;
    }

    private List<byte[]> Samples()
    {
        var numbers = _source.Contents.Labels.Select((name, i) => (name, i)).ToDictionary(l => l.name, l => l.i, StringComparer.Ordinal);
        var hashes = _entries.Where(e => e.Outcome == PackOutcome.Packed).Select(e => Convert.FromHexString(e.Pixels!)).ToList();
        return [.. Merge().Select((p, i) => SampleRecord.Write(p.Key, numbers.GetValueOrDefault(p.Label, -1), p.Captions, hashes[i]))];
    }

    private void WriteSamples(string path, List<byte[]> samples, byte[] digest)
    {
        var description = JsonSerializer.SerializeToUtf8Bytes(new PackedDescription(_source.Contents.Labels, _source.Config.Path!));
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        file.Write(new PackedHeader(_packed, description.Length, digest).ToBytes(PackedPictures.SampleMagic));
        file.Write(description);
        var offsets = new byte[8 * (samples.Count + 1)];
        for (var i = 0; i <= samples.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(offsets.AsSpan(8 * i), file.Position);
            if (i < samples.Count)
            {
                file.Write(samples[i]);
            }
        }

        file.Write(offsets);
        file.Flush(flushToDisk: true);
    }

    private bool IsOurs(PictureDraft picture) =>
        _source.Config.Holdout == 0 || Holdout.Contains(picture.Key, _source.Config.Holdout) == _source.Config.IsHeldOutPart;

    private string FirstFault() => Faults().Listed is [var first, ..] ? $"The first fault: {first.Place}: {first.Detail}" : "";

    private static PackEntry Fault(ImageFault fault) => new(PackOutcome.Fault, Reason: fault.Reason, Detail: fault.Detail);

    private static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
