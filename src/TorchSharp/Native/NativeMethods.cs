using System.Runtime.InteropServices;

namespace TorchSharp.Native;

/// <summary>The exports of native/torch.cpp.</summary>
internal static unsafe partial class NativeMethods
{
    internal const string Library = "sightline_torch";

    [LibraryImport(Library)]
    internal static partial void sl_torch_free(nint memory);

    [LibraryImport(Library)]
    internal static partial nint sl_torch_version();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sl_torch_operator(string name, string overload, out nint result, out nint error);

    [LibraryImport(Library)]
    internal static partial int sl_torch_call(
        nint op, NativeValue* arguments, int count, out NativeValue* results, out int resultCount, out nint error);

    [LibraryImport(Library)]
    internal static partial void sl_torch_tensor_free(nint tensor);

    [LibraryImport(Library)]
    internal static partial int sl_torch_tensor_new(void* data, long* sizes, int dimensions, int dtype, out nint result, out nint error);

    [LibraryImport(Library)]
    internal static partial int sl_torch_tensor_info(
        TensorHandle tensor, out int dtype, out int deviceType, out int deviceIndex, long* sizes, int capacity, out int dimensions,
        out long elements, out int flags, out nint error);

    [LibraryImport(Library)]
    internal static partial int sl_torch_tensor_data(TensorHandle tensor, out nint result, out nint error);

    [LibraryImport(Library)]
    internal static partial int sl_torch_tensor_set_requires_grad(TensorHandle tensor, int requiresGrad, out nint error);

    [LibraryImport(Library)]
    internal static partial int sl_torch_tensor_grad(TensorHandle tensor, out nint result, out nint error);

    [LibraryImport(Library)]
    internal static partial int sl_torch_tensor_set_grad(TensorHandle tensor, nint grad, out nint error);

    [LibraryImport(Library)]
    internal static partial int sl_torch_tensor_backward(TensorHandle tensor, nint grad, int retainGraph, int createGraph, out nint error);

    [LibraryImport(Library)]
    internal static partial int sl_torch_set_grad_enabled(int enabled, out int before, out nint error);

    [LibraryImport(Library)]
    internal static partial int sl_torch_inference_mode_new(int enabled, out nint result, out nint error);

    [LibraryImport(Library)]
    internal static partial void sl_torch_inference_mode_free(nint guard);

    [LibraryImport(Library)]
    internal static partial int sl_torch_manual_seed(long seed, out nint error);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sl_torch_generator_new(string device, long seed, out nint result, out nint error);

    [LibraryImport(Library)]
    internal static partial void sl_torch_generator_free(nint generator);

    [LibraryImport(Library)]
    internal static partial int sl_torch_get_num_threads(out int result, out nint error);

    [LibraryImport(Library)]
    internal static partial int sl_torch_set_num_threads(int threads, out nint error);

    [LibraryImport(Library)]
    internal static partial int sl_torch_cuda_device_count(out int result, out nint error);

    [LibraryImport(Library)]
    internal static partial int sl_torch_cuda_synchronize(int device, out nint error);

    /// <summary>Throws what a failed call says, as TorchSharp does, and frees its text.</summary>
    /// <exception cref="ExternalException">The status is not 0; carries libtorch's message.</exception>
    internal static void Check(int status, nint error)
    {
        if (status != 0)
        {
            var message = Marshal.PtrToStringUTF8(error) ?? "libtorch failed without saying why.";
            sl_torch_free(error);
            throw new ExternalException(message);
        }
    }
}
