using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sightline.Curation.Import;

/// <summary>
/// Turns what a source tells into the parts of a dataset, each caption read on the way. A part is acknowledged once it is on the disk; an
/// import that ended in the middle goes on after its last part. Memory: three parts, whatever the source holds.
/// </summary>
public sealed class DatasetImporter(CaptionReader captions)
{
    /// <summary>Faults that are kept with their place; of the rest only the number is.</summary>
    public const int MostExamples = 1_000;

    private const string Note = "sightline.import";
    private const int LongestReason = 60;
    private const int LongestText = 300;

    /// <summary>Imports what is not imported yet. Blocks its thread while it reads and writes.</summary>
    /// <param name="source">As it was in the runs before.</param>
    /// <param name="progress">Told of each pair.</param>
    /// <exception cref="PairSourceException">The source has changed since the import began.</exception>
    public ImportResult Run(IPairSource source, PairDataset dataset, ImportProgress progress, CancellationToken cancellationToken)
    {
        var identity = IdentityOf(source);
        var parts = dataset.CountParts();
        var state = parts == 0 ? ImportState.New(identity) : ReadState(dataset, parts - 1);
        if (state.Source != identity)
        {
            throw new PairSourceException(
                $"The source of {dataset.Folder} has changed since its import began, so that it cannot go on: delete the dataset and import it again.");
        }

        if (!source.IsRepeatable && !state.IsDone && parts > 0)
        {
            dataset.Clear();
            (parts, state) = (0, ImportState.New(identity));
        }

        progress.Start(source.Files, state);
        if (state.IsDone)
        {
            return state.ToResult();
        }

        using var sink = new PartSink(dataset, captions, parts, state, progress, cancellationToken);
        for (var i = state.File; i < source.Files.Count; i++)
        {
            sink.Open(i, source.Files[i]);
            try
            {
                source.Read(source.Files[i], sink, cancellationToken);
            }
            catch (PairSourceException e)
            {
                sink.Fault("", "unreadable_file", e.Message);
            }

            sink.CheckReached(dataset);
        }

        return sink.Finish().ToResult();
    }

    private static ImportState ReadState(PairDataset dataset, int part) =>
        JsonSerializer.Deserialize<ImportState>(dataset.ReadNotes(part)[Note], JsonSerializerOptions.Web)!;

    // Names, lengths and times of the files: what a changed one held is not where the import left it.
    private static string IdentityOf(IPairSource source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in source.Files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{file}\n{Stamp(file)}\n{Stamp(Path.ChangeExtension(file, ".parquet"))}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // A folder's time changes with the files in it; a table may lie beside a shard.
    private static string Stamp(string path) => new FileInfo(path) is { Exists: true } file
        ? string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}")
        : Directory.Exists(path) ? Directory.GetLastWriteTimeUtc(path).Ticks.ToString(CultureInfo.InvariantCulture) : "";

    /// <summary>How far an import is when a part is complete, kept in the part.</summary>
    /// <param name="Source">Identity of the source's files.</param>
    /// <param name="File">Number of the file that is being read.</param>
    /// <param name="Items">Pairs and faults of that file that are counted.</param>
    /// <param name="Pairs">In all.</param>
    /// <param name="IsDone">Nothing is left.</param>
    /// <param name="Faults">By reason, in all.</param>
    /// <param name="Examples">The first of them.</param>
    internal sealed record ImportState(
        string Source, int File, long Items, long Pairs, bool IsDone, IReadOnlyDictionary<string, long> Faults, IReadOnlyList<SourceFault> Examples)
    {
        internal static ImportState New(string source) => new(source, 0, 0, 0, false, new Dictionary<string, long>(), []);

        internal ImportResult ToResult() => new(Pairs, Faults, Examples);
    }

    // Collects pairs to a part; while one is read, the captions of the one before are, and the one before that is written.
    private sealed class PartSink(
        PairDataset dataset, CaptionReader captions, int nextPart, ImportState start, ImportProgress progress, CancellationToken cancellationToken)
        : PairSink, IDisposable
    {
        private readonly Dictionary<string, long> _faults = new(start.Faults);
        private readonly List<SourceFault> _examples = [.. start.Examples];
        private PairBatch _batch = new((long)nextPart * PairDataset.PartRows);

        // Of the last two parts; the batch of the first is filled again once it is written.
        private Task _before = Task.CompletedTask;
        private Task _writing = Task.CompletedTask;
        private PairBatch? _written;
        private PairBatch? _beingWritten;
        private int _part = nextPart;
        private int _file = start.File;
        private string _name = "";
        private long _items;
        private long _skip = start.Items;
        private long _pairs = start.Pairs;

        internal void Open(int number, string name)
        {
            (_file, _name, _items) = (number, name, 0);
            _skip = number == start.File ? start.Items : 0;
            progress.Open(number);
        }

        /// <summary>What was read before must be there again, or nobody knows what is left.</summary>
        internal void CheckReached(PairDataset dataset)
        {
            if (_items < _skip)
            {
                throw new PairSourceException(
                    $"{_name} gave {_skip} items when the import of {dataset.Folder} began, and {_items} now: mend it, or delete the dataset and import it again.");
            }
        }

        public override void Add(in NewPair pair)
        {
            if (++_items <= _skip)
            {
                return;
            }

            // What comes after a full part belongs to the next: it is written only when there is more, so that a last part is never empty.
            if (_batch.Count == PairDataset.PartRows)
            {
                Write(isDone: false, itemsOfFile: _items - 1);
            }

            _batch.Add(pair);
            _pairs++;
            progress.Count();
        }

        public override void Fault(string place, string reason, string detail)
        {
            if (++_items <= _skip)
            {
                return;
            }

            reason = reason.Length is > 0 and <= LongestReason && reason.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? reason : "other";
            (place, detail) = (Clean(place), Clean(detail));
            _faults[reason] = _faults.GetValueOrDefault(reason) + 1;
            if (_examples.Count < MostExamples)
            {
                _examples.Add(new SourceFault(_name, place, reason, detail));
            }

            progress.CountFault(reason);
        }

        public override void Advance(long position) => progress.Advance(position);

        internal ImportState Finish()
        {
            var state = State(isDone: true, _items);
            if (_batch.Count > 0)
            {
                Write(isDone: true, _items);
            }

            _writing.GetAwaiter().GetResult();
            return state;
        }

        // A part that is being written is finished: it would be read again otherwise.
        public void Dispose()
        {
            ((IAsyncResult)_before).AsyncWaitHandle.WaitOne();
            ((IAsyncResult)_writing).AsyncWaitHandle.WaitOne();
        }

        private void Write(bool isDone, long itemsOfFile)
        {
            _before.GetAwaiter().GetResult();
            cancellationToken.ThrowIfCancellationRequested();
            var notes = new Dictionary<string, string> { [Note] = JsonSerializer.Serialize(State(isDone, itemsOfFile), JsonSerializerOptions.Web) };
            var (batch, part) = (_batch, _part++);
            _batch = _written ?? new PairBatch(0);
            _batch.Clear((long)_part * PairDataset.PartRows);
            (_written, _beingWritten) = (_beingWritten, batch);
            _before = _writing;
            _writing = WriteAsync(_before, part, batch, notes);
        }

        // Parts come to the disk in order: an import goes on behind the last.
        private async Task WriteAsync(Task before, int part, PairBatch batch, Dictionary<string, string> notes)
        {
            var facts = await Task.Run(() => ReadCaptions(batch), CancellationToken.None).ConfigureAwait(false);
            await before.ConfigureAwait(false);
            dataset.WritePart(part, batch, facts, notes);
            progress.Store(batch.Count);
        }

        // What stands in a source goes into reports: no zeros, which the database refuses, and no page of it.
        private static string Clean(string text) => (text.Length > LongestText ? text[..LongestText] + "…" : text).Replace('\0', '\uFFFD');

        private ImportState State(bool isDone, long itemsOfFile) =>
            new(start.Source, _file, itemsOfFile, _pairs, isDone, new Dictionary<string, long>(_faults), [.. _examples]);

        private CaptionFacts[] ReadCaptions(PairBatch batch)
        {
            const int Chunk = 2_000;
            var facts = new CaptionFacts[batch.Count];
            Parallel.For(0, (batch.Count + Chunk - 1) / Chunk, new ParallelOptions { CancellationToken = cancellationToken }, chunk =>
            {
                for (var i = chunk * Chunk; i < Math.Min(batch.Count, (chunk + 1) * Chunk); i++)
                {
                    facts[i] = captions.Read(batch.Captions[i]);
                }
            });
            return facts;
        }
    }
}

/// <summary>What stood in a source where a pair should.</summary>
/// <param name="File">The source's file.</param>
/// <param name="Place">In the file; empty where it is the file itself.</param>
/// <param name="Reason">A snake_case code.</param>
/// <param name="Detail">One sentence for a person.</param>
public sealed record SourceFault(string File, string Place, string Reason, string Detail);

/// <param name="Faults">By reason.</param>
/// <param name="Examples">The first of them.</param>
public sealed record ImportResult(long Pairs, IReadOnlyDictionary<string, long> Faults, IReadOnlyList<SourceFault> Examples);
