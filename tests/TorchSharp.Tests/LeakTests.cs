using System.Runtime.InteropServices;
using TorchSharp.Modules;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class LeakTests
{
    [Fact]
    public void Scoped_work_leaves_no_tensor_behind() => AssertNothingLeft(() =>
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        var x = randn([4, 8]);
        var parts = (x.matmul(x.t()).softmax(-1) * 2).chunk(2);
        nn.functional.normalize(parts[0][TensorIndex.Ellipsis, TensorIndex.Slice(0, 2)]);
        nn.functional.scaled_dot_product_attention(x.view(1, 2, 2, 8), x.view(1, 2, 2, 8), x.view(1, 2, 2, 8), is_casual: true);
    });

    [Fact]
    public void Operations_make_no_tensor_besides_their_result() => AssertNothingLeft(() =>
    {
        using var x = randn([4, 8]);
        using var index = tensor([0L, 2L], [2]);
        nn.functional.normalize(x).Dispose();
        nn.functional.scaled_dot_product_attention(x, x, x, is_casual: true).Dispose();
        x[TensorIndex.Ellipsis, 1].Dispose();
        x[index, TensorIndex.Slice(1, 5)].Dispose();
        using var total = index.sum();
        x[0] = total;
        x.add_(1).clamp_(0, 1);
        total.item<long>();
    });

    [Fact]
    public void Failures_leave_no_tensor_behind() => AssertNothingLeft(() =>
    {
        using var scope = NewDisposeScope();
        var x = randn([4, 8]);
        Assert.Throws<ExternalException>(() => x.matmul(x));
        Assert.Throws<ExternalException>(() => x.view(3, 3));
        Assert.Throws<ExternalException>(() => x[9]);
        Assert.Throws<ExternalException>(() => cat([x, ones(3)]));
    });

    [Fact]
    public void A_training_step_leaves_no_tensor_behind() => AssertNothingLeft(() =>
    {
        using var model = nn.Sequential(nn.Linear(8, 4), nn.GELU(), nn.LayerNorm(4));
        using var optimizer = optim.AdamW(model.parameters());
        for (var i = 0; i < 3; i++)
        {
            using var scope = NewDisposeScope();
            model.forward(randn([2, 8])).sum().backward();
            nn.utils.clip_grad_norm_(model.parameters(), 1);
            optimizer.step();
            optimizer.zero_grad();
        }
    });

    [Fact]
    public void Moving_a_module_leaves_no_tensor_behind() => AssertNothingLeft(() =>
    {
        using var model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4));
        model.to(ScalarType.BFloat16).to(CPU, ScalarType.Float32);
    });

    [Fact]
    public void Tensors_left_to_the_finalizer_are_freed()
    {
        var before = Settled();
        Abandon();
        Assert.Equal(before, Settled());

        static void Abandon()
        {
            for (var i = 0; i < 100; i++)
            {
                _ = new Parameter(ones(10)) * 2;
            }
        }
    }

    private static void AssertNothingLeft(Action work)
    {
        var before = (Settled(), DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        for (var i = 0; i < 5; i++)
        {
            work();
        }

        // Without a collection: every handle was closed by its owner, none by a finalizer.
        Assert.Equal(before.Item1, TensorHandle.Live);
        Assert.Equal(before.ThreadTotalLiveCount, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    // What other tests left to their finalizers must not come into the count.
    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return TensorHandle.Live;
    }
}
