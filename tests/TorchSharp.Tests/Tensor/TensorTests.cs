using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public sealed class TensorTests
{
    [Fact]
    public void A_tensor_copies_the_array_it_is_made_of()
    {
        float[] numbers = [1, 2, 3, 4, 5, 6];
        using var x = tensor(numbers, [2, 3]);
        numbers[0] = 9;
        Assert.Equal([1, 2, 3, 4, 5, 6], Numbers.Of(x));
        Assert.Equal([2, 3], x.shape);
        Assert.Equal((ScalarType.Float32, 2L, 6L, 3L), (x.dtype, x.ndim, x.NumberOfElements, x.size(-1)));
        Assert.Equal(DeviceType.CPU, x.device.type);
    }

    [Fact]
    public void An_array_of_the_wrong_length_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => tensor([1f, 2f], [2, 3]));
        Assert.Contains("2 numbers do not fill [2, 3]", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScalarType.Byte, 1)]
    [InlineData(ScalarType.Int8, 1)]
    [InlineData(ScalarType.Int16, 2)]
    [InlineData(ScalarType.Int32, 4)]
    [InlineData(ScalarType.Int64, 8)]
    [InlineData(ScalarType.Float16, 2)]
    [InlineData(ScalarType.BFloat16, 2)]
    [InlineData(ScalarType.Float32, 4)]
    [InlineData(ScalarType.Float64, 8)]
    [InlineData(ScalarType.Bool, 1)]
    public void Types_convert_and_have_their_size(ScalarType type, int size)
    {
        using var scope = NewDisposeScope();
        var x = tensor([0f, 1f, 1f]).to(type);
        Assert.Equal(type, x.dtype);
        Assert.Equal(3 * size, x.bytes.Length);
        Assert.Equal([0, 1, 1], Numbers.Of(x));
    }

    [Fact]
    public void Bytes_are_the_memory_itself()
    {
        using var x = zeros([2]);
        MemoryMarshal.Cast<byte, float>(x.bytes)[1] = 5;
        Assert.Equal([0, 5], Numbers.Of(x));
    }

    [Fact]
    public void Bytes_of_what_is_not_laid_out_in_order_are_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<InvalidOperationException>(() => zeros([2, 3]).t().bytes.Length);
    }

    [Fact]
    public void An_item_has_the_type_of_the_tensor()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(2.5f, tensor(2.5f).item<float>());
        Assert.Equal(7L, tensor(7L).item<long>());
        Assert.True(tensor(1L).to(ScalarType.Bool).item<bool>());
        Assert.Throws<ArgumentException>(() => tensor(2.5f).item<double>());
        Assert.Throws<ArgumentException>(() => ones(2).item<float>());
    }

    [Fact]
    public void A_number_converts_from_any_type()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(2.5f, tensor(2.5f).to(ScalarType.BFloat16).ToSingle());
        Assert.Equal(3.0, tensor(3L).ToDouble());
        Assert.Equal(2, tensor(2.9f).ToInt64());
    }

    [Fact]
    public void Equal_seeds_give_equal_numbers()
    {
        using var scope = NewDisposeScope();
        using var one = new Generator(5);
        using var two = new Generator(5);
        Assert.Equal(Numbers.Of(randn([4], generator: one)), Numbers.Of(randn([4], generator: two)));
        Assert.NotEqual(Numbers.Of(rand([4], generator: one)), Numbers.Of(rand([4], generator: one)));
        manual_seed(5);
        var first = Numbers.Of(randint(0, 100, [8]));
        manual_seed(5);
        Assert.Equal(first, Numbers.Of(randint(0, 100, [8])));
    }

    [Fact]
    public void A_generator_that_was_disposed_is_refused()
    {
        var generator = new Generator(5);
        generator.Dispose();
        Assert.Throws<ObjectDisposedException>(() => randn([4], generator: generator));
    }

    [Fact]
    public void Gradients_are_recorded_unless_told_not_to()
    {
        using var scope = NewDisposeScope();
        var x = ones([2], requires_grad: true);
        Assert.True((x * 2).requires_grad);
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
            {
                Assert.True((x * 2).requires_grad);
            }
        }

        using (inference_mode())
        {
            Assert.False((x * 2).requires_grad);
        }

        Assert.True((x * 2).requires_grad);
    }

    [Fact]
    public void Gradients_add_up_until_they_are_forgotten()
    {
        using var scope = NewDisposeScope();
        var x = ones([2], requires_grad: true);
        Assert.Null(x.grad);
        (x * 3).sum().backward();
        (x * 3).sum().backward();
        Assert.Equal([6, 6], Numbers.Of(x.grad!));
        x.grad = null;
        Assert.Null(x.grad);
        (x * 3).backward([tensor([1f, 2f])]);
        Assert.Equal([3, 6], Numbers.Of(x.grad!));
    }

    [Fact]
    public void Backward_of_many_numbers_is_an_error_that_says_why()
    {
        using var scope = NewDisposeScope();
        var x = ones([2], requires_grad: true);
        var error = Assert.Throws<ExternalException>(() => (x * 3).backward());
        Assert.Contains("grad can be implicitly created only for scalar outputs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_is_read_from_its_name()
    {
        Assert.Equal((DeviceType.CUDA, 1), (device("cuda:1").type, device("cuda:1").index));
        Assert.Equal("cpu", device("CPU").ToString());
        Assert.Equal("cuda:1", device("cuda:1").ToString());
        Assert.Throws<ArgumentException>(() => device("tpu"));
    }

    [Fact]
    public void Threads_can_be_set()
    {
        var before = get_num_threads();
        set_num_threads(1);
        Assert.Equal(1, get_num_threads());
        set_num_threads(before);
    }

    [Fact]
    public void A_sampled_index_follows_its_weight()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([2, 2, 2], Numbers.Of(tensor([0f, 0f, 1f]).multinomial(3, replacement: true)));
    }

    [Fact]
    public void Searching_and_comparing_answer_by_position()
    {
        using var scope = NewDisposeScope();
        var x = tensor([3f, 1f, 2f]);
        Assert.Equal(0, x.argmax().ToInt64());
        Assert.Equal([1, 2, 0], Numbers.Of(x.argsort()));
        Assert.Equal([0, 2], Numbers.Of(topk(x, 2).indices));
        Assert.Equal([1, 0, 1], Numbers.Of(x.ge(2)));
        Assert.Equal([0, 1, 0], Numbers.Of(x.lt(2)));
        Assert.Equal([0, 0, 1], Numbers.Of(x.eq(2).logical_and(x.ne(3)).logical_and(x.le(2))));
        Assert.False(x.gt(1).all().item<bool>());
        Assert.True(x.gt(1).any().item<bool>());
    }

    [Fact]
    public void Ranges_count_from_start_to_before_stop()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([2, 4, 6], Numbers.Of(arange(2, 8, 2)));
        Assert.Equal([0, 1, 2], Numbers.Of(arange(3)));
        Assert.Equal([0, 0.5, 1], Numbers.Of(linspace(0, 1, 3)));
        Assert.Equal([0, 1, 0], Numbers.Of(nn.functional.one_hot(tensor([1L]), 3)));
    }
}
