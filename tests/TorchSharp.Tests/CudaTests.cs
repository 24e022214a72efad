using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class CudaTests
{
    [CudaFact]
    public void A_module_gives_on_the_device_what_it_gives_on_the_cpu()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var model = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.LayerNorm(32));
        var x = randn([4, 16]);
        var expected = Numbers.Of(model.forward(x));
        var actual = model.to(CUDA).forward(x.cuda());
        Assert.Equal(DeviceType.CUDA, actual.device_type);

        // TF32 rounds products to ten bits.
        Numbers.AssertClose(expected, actual, 1e-2);
    }

    [CudaFact]
    public void A_training_step_lowers_the_loss()
    {
        using var scope = NewDisposeScope();
        using var model = nn.Linear(8, 1, device: CUDA, dtype: ScalarType.BFloat16);
        using var optimizer = optim.AdamW(model.parameters(), lr: 0.01);
        var x = randn([64, 8], ScalarType.BFloat16, CUDA);
        var before = model.forward(x).pow(2).mean();
        before.backward();
        optimizer.step();
        cuda.synchronize();
        Assert.True(model.forward(x).pow(2).mean().ToDouble() < before.ToDouble());
    }

    [CudaFact]
    public void Generators_have_a_state_on_the_device()
    {
        using var scope = NewDisposeScope();
        using var one = new Generator(3, CUDA);
        using var two = new Generator(3, CUDA);
        Assert.Equal(Numbers.Of(randn([4], device: CUDA, generator: one)), Numbers.Of(randn([4], device: CUDA, generator: two)));
    }

    [Fact]
    public void Without_a_device_nothing_breaks()
    {
        Assert.Equal(cuda.device_count() > 0, cuda.is_available());
        Assert.Equal(cuda.is_available(), cuda_is_available());
    }
}
