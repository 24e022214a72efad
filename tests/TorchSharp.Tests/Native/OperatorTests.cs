using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Native;

public sealed class OperatorTests
{
    public static TheoryData<string> Names =>
        [.. typeof(Ops).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_bound_operator_is_in_this_libtorch(string name)
    {
        var op = (Operator)typeof(Ops).GetField(name, BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;

        // Called with one argument too many, an operator answers with its own name only if it was found.
        var error = Assert.Throws<ExternalException>(() => op.Call(Enumerable.Repeat(Argument.None, 40).ToArray()));
        var isFused = name == nameof(Ops.ScaledDotProductAttention) && LibtorchVersion.StartsWith("1.", StringComparison.Ordinal);
        Assert.Contains(isFused ? "Could not find schema" : "arguments, not 40", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_operator_is_an_error_that_names_it()
    {
        var error = Assert.Throws<ExternalException>(() => new Operator("no_such_operator").Call());
        Assert.Contains("aten::no_such_operator", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_arguments_are_an_error()
    {
        using var x = ones(2);
        var error = Assert.Throws<ExternalException>(() => new Operator("relu").Call(x, 1L, 2L));
        Assert.Contains("aten::relu takes 1 arguments, not 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_argument_is_named()
    {
        using var x = ones(2);
        var error = Assert.Throws<ExternalException>(() => new Operator("matmul").Call(x));
        Assert.Contains("argument other is missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_carries_what_libtorch_says()
    {
        using var left = ones([2, 3]);
        using var right = ones([2, 3]);
        var error = Assert.Throws<ExternalException>(() => left.matmul(right));
        Assert.Contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("frame #", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_longer_than_the_scratch_block_arrives_whole()
    {
        using var scope = NewDisposeScope();
        var parts = Enumerable.Range(0, 300).Select(i => full([1], i, ScalarType.Int64)).ToArray();
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (double)i), Numbers.Of(cat(parts)));
    }
}
