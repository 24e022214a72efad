using Sightline.Web.Api;

namespace Sightline.Web.Tests;

public sealed class DecodingTurnsTests
{
    [Fact]
    public async Task As_many_pictures_are_decoded_at_once_as_there_are_turns()
    {
        using var turns = new DecodingTurns(2);
        using var pair = new Barrier(2);
        var (gate, now, most) = (new Lock(), 0, 0);

        var decoded = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => turns.RunAsync(() =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++now);
            }

            // Two must meet here, and a third may not come in meanwhile.
            pair.SignalAndWait();
            lock (gate)
            {
                now--;
            }

            pair.SignalAndWait();
            return i;
        }, CancellationToken.None)));

        Assert.Equal((2, 0), (most, now));
        Assert.Equal(Enumerable.Range(0, 8), decoded);
    }

    [Fact]
    public async Task Who_leaves_while_waiting_is_not_decoded_for_and_a_failure_gives_its_turn_back()
    {
        using var turns = new DecodingTurns(1);
        using var first = new ManualResetEventSlim();
        using var left = new CancellationTokenSource();
        var running = turns.RunAsync(() => { first.Wait(); return 1; }, CancellationToken.None);
        var waiting = turns.RunAsync<int>(() => throw new InvalidOperationException("Nobody waits for it."), left.Token);

        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        first.Set();
        Assert.Equal(1, await running);
        await Assert.ThrowsAsync<IOException>(() => turns.RunAsync<int>(() => throw new IOException(), CancellationToken.None));
        Assert.Equal(3, await turns.RunAsync(() => 3, CancellationToken.None));
    }
}
