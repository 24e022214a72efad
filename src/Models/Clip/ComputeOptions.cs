using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Clip;

/// <summary>Where and in which precision a tower runs.</summary>
/// <param name="Device"><c>auto</c> (CUDA when there is one), <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Precision"><c>auto</c> (bf16 where the device computes it natively), <c>fp32</c>, <c>bf16</c> or <c>fp16</c> (CUDA
/// only).</param>
public sealed record ComputeOptions(string Device = "auto", string Precision = "auto")
{
    /// <exception cref="ArgumentException">A name is unknown, or the machine has no such device.</exception>
    internal (Device Device, ScalarType Type) Resolve()
    {
        var device = Device switch
        {
            "auto" => cuda.is_available() ? CUDA : CPU,
            _ when Device == "cpu" || (Device.StartsWith("cuda", StringComparison.Ordinal) && cuda.is_available()) => torch.device(Device),
            _ when Device.StartsWith("cuda", StringComparison.Ordinal) =>
                throw new ArgumentException("This machine has no CUDA device that libtorch can use; leave --device out, or say cpu."),
            _ => throw new ArgumentException($"The device {Device} is unknown: auto, cpu, cuda or cuda:N."),
        };
        var native = device.type == DeviceType.CUDA || HasNativeBf16();
        return (device, Precision switch
        {
            "auto" => native ? ScalarType.BFloat16 : ScalarType.Float32,
            "fp32" => ScalarType.Float32,
            "bf16" => ScalarType.BFloat16,
            "fp16" when device.type == DeviceType.CUDA => ScalarType.Float16,
            "fp16" => throw new ArgumentException("fp16 is computed on CUDA only; on a CPU take bf16 or fp32."),
            _ => throw new ArgumentException($"The precision {Precision} is unknown: auto, fp32, bf16 or fp16."),
        });
    }

    // CPUID leaf 7.1, EAX bit 5 (AVX512_BF16); leaf 7.0, EDX bit 22 (AMX-BF16). .NET has no IsSupported for either.
    private static bool HasNativeBf16()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7 || !Avx512F.IsSupported)
        {
            return false;
        }

        var leaf = X86Base.CpuId(7, 0);
        return (leaf.Edx >> 22 & 1) != 0 || (leaf.Eax >= 1 && (X86Base.CpuId(7, 1).Eax >> 5 & 1) != 0);
    }
}
