using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp.Native;

/// <summary>
/// An operator of libtorch's dispatcher, looked up by its schema's name on first use. Arguments that are left off take the schema's
/// defaults, so one binding serves versions that added some.
/// </summary>
internal sealed class Operator(string name, string overload = "")
{
    private nint _handle;

    /// <summary>Calls an operator with one tensor for a result.</summary>
    internal torch.Tensor Call(params ReadOnlySpan<Argument> arguments)
    {
        var results = Invoke(arguments);
        Debug.Assert(results.Length == 1 && results[0].Kind == ValueKind.Tensor, $"{name} gives one tensor");
        return new torch.Tensor(new TensorHandle((nint)results[0].Payload));
    }

    /// <summary>As <see cref="Call"/>, for a tensor that no scope owns.</summary>
    internal TensorHandle CallHandle(params ReadOnlySpan<Argument> arguments) => new((nint)Invoke(arguments)[0].Payload);

    /// <summary>Calls an operator that gives several tensors, or a list of them.</summary>
    internal torch.Tensor[] CallMany(params ReadOnlySpan<Argument> arguments) =>
        [.. Invoke(arguments).Select(r => new torch.Tensor(new TensorHandle((nint)r.Payload)))];

    /// <summary>Calls an operator that changes its first argument and gives it back.</summary>
    internal void CallInPlace(params ReadOnlySpan<Argument> arguments)
    {
        foreach (var result in Invoke(arguments))
        {
            if (result.Kind == ValueKind.Tensor)
            {
                NativeMethods.sl_torch_tensor_free((nint)result.Payload);
            }
        }
    }

    /// <summary>Calls an operator that gives a number or a truth value.</summary>
    internal NativeValue CallScalar(params ReadOnlySpan<Argument> arguments) => Invoke(arguments)[0];

    private unsafe NativeValue[] Invoke(ReadOnlySpan<Argument> arguments)
    {
        // Lists and text are laid out one after the other in a scratch block that lives as long as the call.
        var length = 0;
        foreach (var argument in arguments)
        {
            length += Words(argument);
        }

        var values = stackalloc NativeValue[arguments.Length];
        Span<long> scratch = length <= 64 ? stackalloc long[64] : new long[length];
        fixed (long* block = scratch)
        {
            var next = block;
            for (var i = 0; i < arguments.Length; i++)
            {
                values[i] = Lay(arguments[i], ref next);
            }

            NativeMethods.Check(
                NativeMethods.sl_torch_call(Handle(), values, arguments.Length, out var results, out var count, out var error), error);
            var taken = new ReadOnlySpan<NativeValue>(results, count).ToArray();
            NativeMethods.sl_torch_free((nint)results);
            foreach (var argument in arguments)
            {
                GC.KeepAlive(argument.Reference);
            }

            return taken;
        }
    }

    private nint Handle()
    {
        if (_handle == 0)
        {
            // Two threads may both look it up; the handle of the one that loses is a few bytes, once.
            NativeMethods.Check(NativeMethods.sl_torch_operator("aten::" + name, overload, out var handle, out var error), error);
            _handle = handle;
        }

        return _handle;
    }

    private static int Words(in Argument argument) => argument.Reference switch
    {
        long[] list => list.Length,
        double[] list => list.Length,
        torch.Tensor?[] list => list.Length,
        string text => Encoding.UTF8.GetMaxByteCount(text.Length) / sizeof(long) + 1,
        _ => 0,
    };

    private static unsafe NativeValue Lay(in Argument argument, ref long* next)
    {
        var start = next;
        switch (argument.Reference)
        {
            case torch.Tensor tensor:
                return new() { Kind = argument.Kind, Payload = tensor.handle };
            case torch.Generator generator:
                return new() { Kind = argument.Kind, Payload = generator.Handle };
            case long[] list:
                list.CopyTo(new Span<long>(start, list.Length));
                next += list.Length;
                return new() { Kind = argument.Kind, Count = list.Length, Payload = (long)start };
            case double[] list:
                MemoryMarshal.Cast<double, long>(list.AsSpan()).CopyTo(new Span<long>(start, list.Length));
                next += list.Length;
                return new() { Kind = argument.Kind, Count = list.Length, Payload = (long)start };
            case torch.Tensor?[] list:
                foreach (var tensor in list)
                {
                    *next++ = tensor is null ? 0 : tensor.handle;
                }

                return new() { Kind = argument.Kind, Count = list.Length, Payload = (long)start };
            case string text:
                var room = Encoding.UTF8.GetMaxByteCount(text.Length);
                var bytes = Encoding.UTF8.GetBytes(text, new Span<byte>(start, room));
                next += room / sizeof(long) + 1;
                return new() { Kind = argument.Kind, Count = bytes, Payload = (long)start };
            default:
                return new() { Kind = argument.Kind, Payload = argument.Payload };
        }
    }
}
