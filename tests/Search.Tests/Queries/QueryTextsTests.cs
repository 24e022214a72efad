using Sightline.Models;
using Sightline.TestKit;

namespace Sightline.Search.Tests;

public sealed class QueryTextsTests : IDisposable
{
    private readonly DeviceQueue _device = new();
    private readonly PointEmbedder _embedder = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public async Task Texts_that_wait_together_are_one_batch_and_each_gets_its_own_embedding()
    {
        var texts = new QueryTexts(_embedder, _device);
        using var busy = new ManualResetEventSlim();
        var before = _device.RunAsync(DevicePriority.Interactive, () => { busy.Wait(); return true; }, default);
        using var gone = new CancellationTokenSource();
        var asked = Enumerable.Range(0, 150).Select(i => texts.EmbedAsync($"text {i}", default)).ToList();
        var cancelled = texts.EmbedAsync("cancelled", gone.Token);
        await gone.CancelAsync();
        busy.Set();
        await before;

        var embedded = await Task.WhenAll(asked);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(3, _embedder.TextBatches);
        var alone = new PointEmbedder();
        for (var i = 0; i < embedded.Length; i++)
        {
            Assert.Equal(1, alone.EmbedTexts([$"text {i}"], default)[0].Similarity(embedded[i]), 1e-6);
        }
    }
}
