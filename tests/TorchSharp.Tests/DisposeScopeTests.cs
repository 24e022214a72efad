using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class DisposeScopeTests
{
    [Fact]
    public void A_scope_disposes_what_was_made_in_it()
    {
        Tensor tensor;
        using (NewDisposeScope())
        {
            tensor = ones(2) + ones(2);
            Assert.False(tensor.IsInvalid);
        }

        Assert.True(tensor.IsInvalid);
        Assert.Throws<ObjectDisposedException>(() => tensor.add(1));
    }

    [Fact]
    public void A_tensor_made_outside_survives()
    {
        using var tensor = ones(2);
        using (NewDisposeScope())
        {
            tensor.add_(1);
        }

        Assert.Equal([2, 2], Numbers.Of(tensor));
    }

    [Fact]
    public void A_result_moves_out_one_scope_at_a_time()
    {
        using var outer = NewDisposeScope();
        Tensor result;
        using (NewDisposeScope())
        {
            result = ones(2).MoveToOuterDisposeScope();
        }

        Assert.False(result.IsInvalid);
        outer.Dispose();
        Assert.True(result.IsInvalid);
    }

    [Fact]
    public void A_tensor_moved_out_of_the_last_scope_is_the_callers()
    {
        Tensor result;
        using (NewDisposeScope())
        {
            result = ones(2).MoveToOuterDisposeScope();
        }

        Assert.False(result.IsInvalid);
        result.Dispose();
        Assert.True(result.IsInvalid);
    }

    [Fact]
    public void A_detached_tensor_belongs_to_no_scope()
    {
        Tensor result;
        using (NewDisposeScope())
        {
            using var inner = NewDisposeScope();
            result = ones(2).DetachFromDisposeScope();
            Assert.Equal(0, inner.DisposablesCount);
        }

        Assert.False(result.IsInvalid);
        result.Dispose();
    }

    [Fact]
    public void Disposing_a_tensor_takes_it_out_of_its_scope()
    {
        using var scope = NewDisposeScope();
        var tensor = ones(2);
        Assert.Equal(1, scope.DisposablesCount);
        tensor.Dispose();
        tensor.Dispose();
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void A_scope_forgotten_inside_another_goes_with_it()
    {
        var outer = NewDisposeScope();
        var forgotten = NewDisposeScope();
        var tensor = ones(2);
        outer.Dispose();
        Assert.True(tensor.IsInvalid);
        forgotten.Dispose();
        using var free = ones(2);
        Assert.Equal(0, forgotten.DisposablesCount);
    }

    [Fact]
    public void Disposing_a_scope_twice_leaves_the_scopes_opened_since_alone()
    {
        using var outer = NewDisposeScope();
        var first = NewDisposeScope();
        first.Dispose();
        using var second = NewDisposeScope();
        first.Dispose();
        _ = ones(2);
        Assert.Equal(1, second.DisposablesCount);
    }

    [Fact]
    public void Scopes_of_two_threads_do_not_mix()
    {
        using var scope = NewDisposeScope();
        Tensor? other = null;
        var thread = new Thread(() => other = ones(2));
        thread.Start();
        thread.Join();
        Assert.Equal(0, scope.DisposablesCount);
        Assert.False(other!.IsInvalid);
        other.Dispose();
    }
}
