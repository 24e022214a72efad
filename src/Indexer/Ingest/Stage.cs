namespace Sightline.Indexer.Ingest;

/// <summary>A stage of a pipeline whose stages stop together.</summary>
internal static class Stage
{
    /// <param name="run">The stage's work.</param>
    /// <param name="complete">Tells the next stage that nothing more comes.</param>
    /// <param name="stop">Cancelled when the stage fails, so that the others do not wait for it.</param>
    internal static async Task RunAsync(Func<Task> run, Action? complete, CancellationTokenSource stop)
    {
        try
        {
            await Task.Yield();
            await run();
            complete?.Invoke();
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }
}
