namespace TorchSharp;

/// <summary>Kinds of devices, numbered as in c10/core/DeviceType.h.</summary>
public enum DeviceType
{
    CPU = 0,
    CUDA = 1,
    META = 14,
}
