using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace Sightline.Training.Data;

/// <summary>
/// Makes the batches of coming steps on a thread of its own: reads pixels from packed pictures, sends them to the device, augments them
/// there. What a step sees follows from the seed and the step alone.
/// </summary>
internal sealed class BatchLoader : IBatchSource
{
    private readonly ITrainingData _data;
    private readonly BatchOrder _order;
    private readonly LoaderOptions _options;
    private readonly Augmentation _augmentation;
    private readonly Device _device;
    private Assembly? _assembly;
    private long _next;
    private long _waitedTicks;

    /// <param name="set">Stays the caller's.</param>
    /// <exception cref="TrainingDataException">There are fewer pictures than a batch has, or they are smaller than the model's
    /// input.</exception>
    /// <exception cref="ArgumentException">The batch is no multiple of its parts.</exception>
    internal BatchLoader(TrainingSet set, LoaderOptions options, Augmentation augmentation, Device device)
    {
        if (options.Parts < 1 || options.BatchSize < 1 || options.BatchSize % options.Parts != 0)
        {
            throw new ArgumentException($"A batch of {options.BatchSize} pictures has no {options.Parts} equal parts.", nameof(options));
        }

        if (set.Data.Side < augmentation.Side)
        {
            throw new TrainingDataException(
                $"The pictures are packed as {set.Data.Side} x {set.Data.Side} pixels, less than the model's input, {augmentation.Side}.");
        }

        (_data, _options, _augmentation, _device) = (set.Data, options, augmentation, device);
        _order = new BatchOrder(set.Data, set.Weights, options.IsCaptionedOnly, options.Seed);
        if (_order.Length < options.BatchSize)
        {
            throw new TrainingDataException($"A batch of {options.BatchSize} asks for more than the {_order.Length} pictures of the data.");
        }
    }

    /// <inheritdoc/>
    public int BatchSize => _options.BatchSize;

    /// <inheritdoc/>
    public long StepsPerEpoch => (_order.Length + BatchSize - 1) / BatchSize;

    /// <inheritdoc/>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(0, _waitedTicks);

    /// <inheritdoc/>
    public IReadOnlyList<TrainingBatch> Read(long step, CancellationToken cancellationToken)
    {
        if (_assembly is null || step != _next)
        {
            _assembly?.Dispose();
            _assembly = new Assembly(this, step);
        }

        _next = step + 1;
        var start = Stopwatch.GetTimestamp();
        var parts = _assembly.Take(cancellationToken);
        _waitedTicks += Stopwatch.GetTimestamp() - start;
        return parts;
    }

    public void Dispose() => _assembly?.Dispose();

    private TrainingBatch[] Assemble(long step)
    {
        var parts = new TrainingBatch[_options.Parts];
        var size = _options.BatchSize / _options.Parts;
        var made = 0;
        try
        {
            for (; made < parts.Length; made++)
            {
                parts[made] = AssemblePart(step * _options.BatchSize + made * size, size);
            }

            return parts;
        }
        catch
        {
            Array.ForEach(parts[..made], p => p.Dispose());
            throw;
        }
    }

    private TrainingBatch AssemblePart(long first, int count)
    {
        using var scope = NewDisposeScope();
        var (samples, captions, labels) = (new int[count], new string[count], new int[count]);
        for (var i = 0; i < count; i++)
        {
            samples[i] = _order.PictureAt(first + i);
            var sample = _data[samples[i]];
            captions[i] = BatchOrder.CaptionAt(sample.Captions, _options.Seed, first + i);
            labels[i] = sample.Label;
        }

        var pixels = _augmentation.Apply(PictureTensors.Read(_data, samples, _device), _options.Seed, first);
        return new TrainingBatch(pixels.DetachFromDisposeScope(), captions, samples, labels);
    }

    /// <summary>A thread that makes steps from one on, and stops when enough are ready.</summary>
    private sealed class Assembly : IDisposable
    {
        private readonly BlockingCollection<TrainingBatch[]> _ready;
        private readonly CancellationTokenSource _stop = new();
        private readonly Thread _thread;
        private ExceptionDispatchInfo? _fault;

        internal Assembly(BatchLoader loader, long step)
        {
            _ready = new BlockingCollection<TrainingBatch[]>(Math.Max(1, loader._options.Ahead));
            _thread = new Thread(() => Run(loader, step)) { IsBackground = true, Name = "batches" };
            _thread.Start();
        }

        internal TrainingBatch[] Take(CancellationToken cancellationToken)
        {
            if (_ready.TryTake(out var parts, Timeout.Infinite, cancellationToken))
            {
                return parts;
            }

            _fault?.Throw();
            throw new UnreachableException("The thread of batches ends with a fault or by its loader alone.");
        }

        public void Dispose()
        {
            _stop.Cancel();
            _thread.Join();
            foreach (var parts in _ready)
            {
                Array.ForEach(parts, p => p.Dispose());
            }

            _ready.Dispose();
            _stop.Dispose();
        }

        private void Run(BatchLoader loader, long step)
        {
            TrainingBatch[]? parts = null;
            try
            {
                using var without = no_grad();
                for (; ; step++)
                {
                    parts = loader.Assemble(step);
                    _ready.Add(parts, _stop.Token);
                    parts = null;
                }
            }
            catch (OperationCanceledException)
            {
                Array.ForEach(parts ?? [], p => p.Dispose());
            }
            catch (Exception e)
            {
                // Told by the next read, on the thread that asks for batches.
                _fault = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                _ready.CompleteAdding();
            }
        }
    }
}
