using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests.NN;

public sealed class ModuleTests
{
    [Fact]
    public void Names_join_by_dots_in_the_order_of_registration()
    {
        using var model = nn.Sequential(("conv", nn.Conv2d(3, 4, 3, bias: false)), ("norm", nn.BatchNorm2d(4)));
        Assert.Equal(
            ["conv.weight", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"],
            model.state_dict().Keys);
        Assert.Equal(["conv.weight", "norm.weight", "norm.bias"], model.named_parameters().Select(p => p.name));
        Assert.Equal(["conv", "norm"], model.named_modules().Select(m => m.name));
    }

    [Fact]
    public void A_list_names_its_modules_by_position()
    {
        using var list = nn.ModuleList(nn.Linear(2, 2, hasBias: false), nn.Linear(2, 2, hasBias: false));
        Assert.Equal(["0.weight", "1.weight"], list.state_dict().Keys);
        Assert.Equal(2, list.Count);
        Assert.Same(list[1], list.Last());
    }

    [Fact]
    public void A_name_with_a_dot_is_refused_as_TorchSharp_does()
    {
        using var inner = nn.Linear(2, 2);
        Assert.Throws<ArgumentException>(() => nn.Sequential(("a.b", inner)));
        Assert.Throws<ArgumentException>(() => nn.Sequential(("", inner)));
    }

    [Fact]
    public void A_name_is_registered_once()
    {
        using var model = nn.Linear(2, 2);
        Assert.Throws<InvalidOperationException>(() => model.register_parameter("weight", model.weight));
        model.register_buffer("seen", zeros(1));
        Assert.Throws<InvalidOperationException>(() => model.register_buffer("seen", model.weight));
    }

    [Fact]
    public void A_buffer_that_does_not_persist_is_no_part_of_the_state()
    {
        using var model = nn.Linear(2, 2);
        model.register_buffer("mask", zeros(1), persistent: false);
        Assert.DoesNotContain("mask", model.state_dict().Keys);
        Assert.Equal(["mask"], model.named_buffers().Select(b => b.name));
    }

    [Fact]
    public void Parameters_and_buffers_outlive_the_scope_they_were_made_in()
    {
        BatchNorm2d model;
        using (NewDisposeScope())
        {
            model = nn.BatchNorm2d(2);
        }

        Assert.All(model.state_dict().Values, t => Assert.False(t.IsInvalid));
        var weight = model.weight;
        model.Dispose();
        Assert.True(weight.IsInvalid);
    }

    [Fact]
    public void State_loads_into_a_module_of_the_same_shape()
    {
        using var from = nn.Linear(3, 2);
        using var to = nn.Linear(3, 2);
        to.load_state_dict(from.state_dict());
        Assert.Equal(Numbers.Of(from.weight), Numbers.Of(to.weight));
        Assert.True(to.weight.requires_grad);
    }

    [Fact]
    public void State_that_does_not_fit_is_refused_by_name()
    {
        using var model = nn.Linear(3, 2);
        using var wide = nn.Linear(3, 1);
        using var bare = nn.Linear(3, 2, hasBias: false);
        var before = Numbers.Of(model.weight);
        var mixed = model.state_dict();
        mixed["weight"] = wide.weight;
        var shape = Assert.Throws<ArgumentException>(() => model.load_state_dict(mixed));
        var names = Assert.Throws<InvalidOperationException>(() => model.load_state_dict(bare.state_dict()));
        Assert.Contains("weight", shape.Message, StringComparison.Ordinal);
        Assert.Contains("bias", names.Message, StringComparison.Ordinal);
        Assert.Equal(before, Numbers.Of(model.weight));
        Assert.Equal(["bias"], model.load_state_dict(bare.state_dict(), strict: false).missing_keys);
    }

    [Fact]
    public void Moving_converts_floating_numbers_and_keeps_counts_whole()
    {
        using var model = nn.BatchNorm2d(2);
        model.to(ScalarType.BFloat16);
        Assert.Equal(ScalarType.BFloat16, model.weight.dtype);
        Assert.Equal(ScalarType.BFloat16, model.running_var.dtype);
        Assert.Equal(ScalarType.Int64, model.get_buffer("num_batches_tracked")!.dtype);
        Assert.True(model.weight.requires_grad);
    }

    [Fact]
    public void Training_mode_reaches_every_module()
    {
        using var norm = nn.BatchNorm2d(1);
        using var model = nn.Sequential(norm);
        model.eval();
        Assert.False(norm.training);
        using var x = tensor([1f, 3f], [2, 1, 1, 1]);
        using var unchanged = model.forward(x);
        Numbers.AssertClose([1, 3], unchanged, 1e-4);
        model.train();
        using var normalised = model.forward(x);
        Numbers.AssertClose([-1, 1], normalised, 1e-4);
        Assert.Equal(1, norm.get_buffer("num_batches_tracked")!.item<long>());
    }
}
