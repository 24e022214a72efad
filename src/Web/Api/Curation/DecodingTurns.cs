namespace Sightline.Web.Api;

/// <summary>
/// Decodes pictures for the page, at most so many at once: each takes a core, and a large one some hundred megabytes. Others wait their
/// turn, and those whose reader has left are not decoded. Thread-safe.
/// </summary>
/// <param name="most">1 or more.</param>
internal sealed class DecodingTurns(int most) : IDisposable
{
    private readonly SemaphoreSlim _free = new(most);

    internal async Task<T> RunAsync<T>(Func<T> decode, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(decode, cancellationToken);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
