using System.Collections.Concurrent;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>Embeds the words of queries. Those that wait for the device together are one batch on it. Thread-safe.</summary>
internal sealed class QueryTexts(IEmbedder embedder, DeviceQueue device)
{
    private const int MostAtOnce = 64;

    private readonly ConcurrentQueue<Waiting> _waiting = new();

    private sealed record Waiting(string Text, CancellationToken Cancelled)
    {
        internal TaskCompletionSource<Embedding> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal async Task<Embedding> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(text, cancellationToken);
        _waiting.Enqueue(waiting);

        // Each text brings a turn on the device, and the first turn takes all that wait: the others find little or nothing left to do.
        // A turn is never cancelled, since it may be another text's.
        var turn = device.RunAsync(DevicePriority.Interactive, RunBatch, CancellationToken.None);
        await turn.WaitAsync(cancellationToken);
        return await waiting.Done.Task.WaitAsync(cancellationToken);
    }

    private void RunAlone(Waiting waiting)
    {
        try
        {
            waiting.Done.SetResult(embedder.EmbedTexts([waiting.Text], CancellationToken.None)[0]);
        }
        catch (Exception e)
        {
            // The caller awaits its own text and gets what that threw.
            waiting.Done.SetException(e);
        }
    }

    private bool RunBatch()
    {
        var batch = new List<Waiting>();
        while (batch.Count < MostAtOnce && _waiting.TryDequeue(out var next))
        {
            if (!next.Cancelled.IsCancellationRequested)
            {
                batch.Add(next);
            }
        }

        if (batch.Count == 0)
        {
            return false;
        }

        try
        {
            var embeddings = embedder.EmbedTexts([.. batch.Select(w => w.Text)], CancellationToken.None);
            foreach (var (waiting, embedding) in batch.Zip(embeddings))
            {
                waiting.Done.SetResult(embedding);
            }
        }
        catch (Exception) when (batch.Count > 1)
        {
            // One text must not cost the others theirs.
            batch.ForEach(RunAlone);
        }
        catch (Exception e)
        {
            batch[0].Done.SetException(e);
        }

        return true;
    }
}
