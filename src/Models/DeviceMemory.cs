using System.Runtime.InteropServices;

namespace Sightline.Models;

/// <summary>Tells a batch that was too large from a failure.</summary>
public static class DeviceMemory
{
    // What libtorch's allocators and cuBLAS say; there is no code to go by.
    private static readonly string[] Sayings = ["out of memory", "not enough memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED"];

    /// <summary>The device or the machine had too little memory left for the work; a smaller batch may pass.</summary>
    public static bool IsExhausted(Exception exception) =>
        exception is OutOfMemoryException
        || (exception is ExternalException && Array.Exists(Sayings, s => exception.Message.Contains(s, StringComparison.OrdinalIgnoreCase)));
}
