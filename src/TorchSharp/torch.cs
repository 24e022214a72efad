using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp.Native;

namespace TorchSharp;

/// <summary>libtorch under TorchSharp's names; only what Sightline uses.</summary>
public static partial class torch
{
    public static readonly ScalarType uint8 = ScalarType.Byte;
    public static readonly ScalarType int8 = ScalarType.Int8;
    public static readonly ScalarType int16 = ScalarType.Int16;
    public static readonly ScalarType int32 = ScalarType.Int32;
    public static readonly ScalarType int64 = ScalarType.Int64;
    public static readonly ScalarType float16 = ScalarType.Float16;
    public static readonly ScalarType float32 = ScalarType.Float32;
    public static readonly ScalarType float64 = ScalarType.Float64;
    public static readonly ScalarType bfloat16 = ScalarType.BFloat16;
    public static readonly ScalarType @bool = ScalarType.Bool;

    public static readonly Device CPU = new(DeviceType.CPU);
    public static readonly Device CUDA = new(DeviceType.CUDA);

    /// <summary>Element types, numbered as in c10/core/ScalarType.h.</summary>
    public enum ScalarType : sbyte
    {
        Byte = 0,
        Int8 = 1,
        Int16 = 2,
        Int32 = 3,
        Int64 = 4,
        Float16 = 5,
        Float32 = 6,
        Float64 = 7,
        Bool = 11,
        BFloat16 = 15,
    }

    /// <summary>libtorch's version, such as 1.13.0.</summary>
    internal static string LibtorchVersion => Marshal.PtrToStringUTF8(NativeMethods.sl_torch_version())!;

    public static Device device(string description) => new(description);

    public static Device device(DeviceType type, int index = -1) => new(type, index);

    /// <summary>Opens a scope: tensors made on this thread are disposed with it unless they are moved out.</summary>
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.Open();

    /// <summary>No gradients are recorded on this thread until the result is disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    /// <summary>As <see cref="no_grad"/>, and tensors made under it can never need gradients, which makes operations cheaper.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceModeGuard(mode);

    public static int get_num_threads()
    {
        NativeMethods.Check(NativeMethods.sl_torch_get_num_threads(out var threads, out var error), error);
        return threads;
    }

    public static void set_num_threads(int num) => NativeMethods.Check(NativeMethods.sl_torch_set_num_threads(num, out var error), error);

    /// <summary>Seeds every device's own generator.</summary>
    /// <returns>A generator on the CPU with the same seed.</returns>
    public static Generator manual_seed(long seed)
    {
        NativeMethods.Check(NativeMethods.sl_torch_manual_seed(seed, out var error), error);
        return new Generator((ulong)seed);
    }

    public static bool cuda_is_available() => cuda.is_available();

    public static class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static int device_count()
        {
            NativeMethods.Check(NativeMethods.sl_torch_cuda_device_count(out var count, out var error), error);
            return count;
        }

        /// <summary>Waits until all that was queued on the device is done.</summary>
        public static void synchronize(Device? device = null) =>
            NativeMethods.Check(NativeMethods.sl_torch_cuda_synchronize(device?.index ?? -1, out var error), error);
    }

    /// <summary>A place that tensors live and operations run in.</summary>
    public sealed class Device
    {
        public Device(string description)
        {
            var parts = description.Split(':');
            type = parts[0].ToUpperInvariant() switch
            {
                "CPU" => DeviceType.CPU,
                "CUDA" => DeviceType.CUDA,
                "META" => DeviceType.META,
                _ => throw new ArgumentException($"\"{description}\" is no device: cpu, cuda, cuda:N or meta.", nameof(description)),
            };
            index = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : -1;
        }

        public Device(DeviceType type, int index = -1)
        {
            this.type = type;
            this.index = index;
        }

        public DeviceType type { get; }

        /// <summary>-1: the current one.</summary>
        public int index { get; }

        public static implicit operator Device(string description) => new(description);

        public override string ToString()
        {
            var name = type switch
            {
                DeviceType.CPU => "cpu",
                DeviceType.CUDA => "cuda",
                _ => "meta",
            };
            return index >= 0 ? string.Create(CultureInfo.InvariantCulture, $"{name}:{index}") : name;
        }
    }

    /// <summary>A source of random numbers with a state of its own.</summary>
    public sealed class Generator : IDisposable
    {
        private readonly GeneratorHandle _handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            NativeMethods.Check(
                NativeMethods.sl_torch_generator_new((device ?? CPU).ToString(), (long)seed, out var generator, out var error), error);
            _handle = new GeneratorHandle(generator);
        }

        /// <summary>The native generator; valid while this object is alive.</summary>
        internal nint Handle => _handle.IsClosed
            ? throw new ObjectDisposedException(nameof(Generator))
            : _handle.DangerousGetHandle();

        public void Dispose() => _handle.Dispose();
    }

    private sealed class GradMode : IDisposable
    {
        private readonly int _before;

        internal GradMode(bool enabled) => _before = Set(enabled ? 1 : 0);

        public void Dispose() => Set(_before);

        private static int Set(int enabled)
        {
            NativeMethods.Check(NativeMethods.sl_torch_set_grad_enabled(enabled, out var before, out var error), error);
            return before;
        }
    }

    // No SafeHandle: the guard must be undone by the thread that made it, which a finalizer is not.
    private sealed class InferenceModeGuard : IDisposable
    {
        private nint _guard;

        internal InferenceModeGuard(bool mode) =>
            NativeMethods.Check(NativeMethods.sl_torch_inference_mode_new(mode ? 1 : 0, out _guard, out var error), error);

        public void Dispose()
        {
            NativeMethods.sl_torch_inference_mode_free(_guard);
            _guard = 0;
        }
    }
}
