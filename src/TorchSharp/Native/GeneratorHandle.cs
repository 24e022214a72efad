using System.Runtime.InteropServices;

namespace TorchSharp.Native;

/// <summary>Owns an at::Generator.</summary>
internal sealed class GeneratorHandle : SafeHandle
{
    internal GeneratorHandle(nint generator)
        : base(0, ownsHandle: true) => SetHandle(generator);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.sl_torch_generator_free(handle);
        return true;
    }
}
