using System.Runtime.InteropServices;

namespace TorchSharp.Native;

/// <summary>Owns an at::Tensor. The count of live ones lets a test see that nothing is left behind.</summary>
internal sealed class TensorHandle : SafeHandle
{
    private static long _live;

    internal TensorHandle(nint tensor)
        : base(0, ownsHandle: true)
    {
        SetHandle(tensor);
        Interlocked.Increment(ref _live);
    }

    public override bool IsInvalid => handle == 0;

    internal static long Live => Interlocked.Read(ref _live);

    protected override bool ReleaseHandle()
    {
        NativeMethods.sl_torch_tensor_free(handle);
        Interlocked.Decrement(ref _live);
        return true;
    }
}
