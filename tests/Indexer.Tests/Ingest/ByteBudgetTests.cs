using Sightline.Indexer.Ingest;

namespace Sightline.Indexer.Tests.Ingest;

public sealed class ByteBudgetTests
{
    private readonly ByteBudget _budget = new(10);

    [Fact]
    public void What_fits_goes_at_once_and_the_rest_in_its_order()
    {
        var first = Acquire(6);
        var large = Acquire(8);
        var small = Acquire(1);
        Assert.Equal((true, false, false), (first.IsCompleted, large.IsCompleted, small.IsCompleted));

        _budget.Release(6);

        Assert.True(large.IsCompletedSuccessfully);
        Assert.True(small.IsCompletedSuccessfully);
    }

    [Fact]
    public void What_is_larger_than_the_budget_goes_alone()
    {
        var small = Acquire(1);
        var huge = Acquire(1000);
        var next = Acquire(1);
        Assert.Equal((true, false, false), (small.IsCompleted, huge.IsCompleted, next.IsCompleted));

        _budget.Release(1);
        Assert.Equal((true, false), (huge.IsCompleted, next.IsCompleted));

        _budget.Release(1000);
        Assert.True(next.IsCompletedSuccessfully);
    }

    [Fact]
    public void Growth_is_waited_for_by_the_next_and_shrinking_lets_it_pass()
    {
        Assert.True(Acquire(2).IsCompletedSuccessfully);
        _budget.Exchange(2, 9);
        var next = Acquire(3);
        Assert.False(next.IsCompleted);

        _budget.Exchange(9, 5);

        Assert.True(next.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_wait_ends_with_its_token()
    {
        using var stop = new CancellationTokenSource();
        await _budget.AcquireAsync(10, stop.Token);
        var waiting = _budget.AcquireAsync(1, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private Task Acquire(long bytes) => _budget.AcquireAsync(bytes, CancellationToken.None);
}
