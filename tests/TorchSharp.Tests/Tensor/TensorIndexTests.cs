using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.TensorIndex;

namespace TorchSharp.Tests.Tensors;

/// <summary>x is 0, 1, ..., 23 as [2, 3, 4]; each expectation is what NumPy gives for the index in the comment.</summary>
public sealed class TensorIndexTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x = arange(24).view(2, 3, 4);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void A_position_drops_its_dimension() => AssertIndex(_x[1, 2], [4], 20, 21, 22, 23); // x[1, 2]

    [Fact]
    public void A_negative_position_counts_from_the_end() => AssertIndex(_x[-1, -1, -1], [], 23); // x[-1, -1, -1]

    [Fact]
    public void A_slice_takes_every_step() => AssertIndex(_x[0, 0, Slice(1, null, 2)], [2], 1, 3); // x[0, 0, 1::2]

    [Fact]
    public void A_colon_takes_all() => AssertIndex(_x[Colon, 1, 0], [2], 4, 16); // x[:, 1, 0]

    [Fact]
    public void An_ellipsis_stands_for_the_dimensions_between() => AssertIndex(_x[1, Ellipsis, 3], [3], 15, 19, 23); // x[1, ..., 3]

    [Fact]
    public void An_ellipsis_may_stand_for_nothing() => AssertIndex(_x[1, 1, Ellipsis, 3], [], 19); // x[1, 1, ..., 3]

    [Fact]
    public void Null_makes_a_dimension() => AssertIndex(_x[0, Null, 0, Slice(0, 2)], [1, 2], 0, 1); // x[0, None, 0, :2]

    [Fact]
    public void A_tensor_picks_rows() => AssertIndex(_x[Ellipsis, Colon, tensor([3L, 0L])][0, 0], [2], 3, 0); // x[..., [3, 0]][0, 0]

    [Fact]
    public void A_mask_uses_as_many_dimensions_as_it_has() =>
        AssertIndex(_x[_x.select(2, 0).ge(12), Slice(0, 1)], [3, 1], 12, 16, 20); // x[x[:, :, 0] >= 12, :1]

    [Fact]
    public void Writing_through_an_index_changes_the_tensor()
    {
        var x = _x.clone();
        x[0, Colon, Slice(0, 2)] = tensor(-1L);
        x[tensor([1L]), 0] = tensor([7L, 7L, 7L, 7L]);
        AssertIndex(x[0, 0], [4], -1, -1, 2, 3);
        AssertIndex(x[1, 0], [4], 7, 7, 7, 7);
        AssertIndex(x[1, 1, 0], [], 16);
    }

    [Fact]
    public void A_view_shares_its_numbers()
    {
        var x = _x.clone();
        x[0, 0].fill_(5);
        AssertIndex(x[0, 0], [4], 5, 5, 5, 5);
    }

    [Fact]
    public void An_index_out_of_range_is_an_error_that_names_it()
    {
        var error = Assert.Throws<ExternalException>(() => _x[0, 3]);
        Assert.Contains("index 3 out of range", error.Message, StringComparison.Ordinal);
        Assert.Throws<ExternalException>(() => _x[0, 0, 0, 0]);
    }

    private static void AssertIndex(Tensor actual, long[] shape, params double[] numbers)
    {
        Assert.Equal(shape, actual.shape);
        Assert.Equal(numbers, Numbers.Of(actual));
    }
}
