namespace Sightline.Models.Tests;

public sealed class DeviceQueueTests
{
    [Fact]
    public async Task Interactive_work_goes_before_bulk_work_that_came_earlier()
    {
        using var queue = new DeviceQueue();
        using var gate = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        var order = new List<string>();
        var first = queue.RunAsync(DevicePriority.Bulk, () => { started.Set(); gate.Wait(); return Note("first"); }, default);
        started.Wait();
        var bulk = queue.RunAsync(DevicePriority.Bulk, () => Note("bulk"), default);
        var person = queue.RunAsync(DevicePriority.Interactive, () => Note("person"), default);
        gate.Set();
        await Task.WhenAll(first, bulk, person);

        Assert.Equal(["first", "person", "bulk"], order);

        int Note(string name)
        {
            order.Add(name);
            return 0;
        }
    }

    [Fact]
    public async Task A_failure_reaches_its_caller_and_the_next_work_runs()
    {
        using var queue = new DeviceQueue();

        await Assert.ThrowsAsync<InvalidOperationException>(() => queue.RunAsync<int>(DevicePriority.Bulk, () => throw new InvalidOperationException(), default));

        Assert.Equal(5, await queue.RunAsync(DevicePriority.Bulk, () => 5, default));
    }

    [Fact]
    public async Task Closing_cancels_what_waits_and_refuses_what_comes_after()
    {
        var queue = new DeviceQueue();
        using var started = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        var running = queue.RunAsync(DevicePriority.Bulk, () => { started.Set(); gate.Wait(); return 1; }, default);
        var waiting = queue.RunAsync(DevicePriority.Bulk, () => 2, default);
        started.Wait();
        var closing = Task.Run(queue.Dispose);
        gate.Set();
        await closing;

        Assert.Equal(1, await running);
        Assert.True(waiting.IsCanceled || await waiting == 2);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => queue.RunAsync(DevicePriority.Bulk, () => 3, default));
    }
}
