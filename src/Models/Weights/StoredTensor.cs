using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sightline.Models.Weights;

/// <summary>A stretch of a file.</summary>
internal readonly record struct FileRegion(SafeFileHandle File, long Offset, long Length)
{
    internal byte[] Read()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)Length));
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(File, bytes.AsSpan(done), Offset + done);
            if (read == 0)
            {
                throw new EndOfStreamException($"The file ends {bytes.Length - done} bytes early.");
            }

            done += read;
        }

        return bytes;
    }
}

/// <summary>A tensor as a checkpoint stores it; its numbers are read when they are asked for.</summary>
/// <param name="Type">How its numbers are written.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Strides">Steps between neighbours, in elements.</param>
/// <param name="Offset">Of the first element, in elements from the region's start.</param>
/// <param name="Region">Where its storage is; several tensors may share one.</param>
internal sealed record StoredTensor(WeightType Type, long[] Shape, long[] Strides, long Offset, FileRegion Region)
{
    internal long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));

    internal static long[] RowMajor(ReadOnlySpan<long> shape)
    {
        var strides = new long[shape.Length];
        for (long i = shape.Length - 1, step = 1; i >= 0; step *= Math.Max(1, shape[(int)i--]))
        {
            strides[i] = step;
        }

        return strides;
    }

    /// <summary>The numbers as float32, row-major, whatever type and layout they are stored in.</summary>
    /// <exception cref="NotSupportedException">The stored type has no place in float32.</exception>
    internal float[] ReadFloats()
    {
        var bytes = ReadContiguous();
        var floats = new float[Count];
        switch (Type)
        {
            case WeightType.Float32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(floats);
                break;
            case WeightType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), floats);
                break;
            case WeightType.BFloat16:
                // bfloat16 is the upper half of a float32.
                var upper = MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan());
                var target = MemoryMarshal.Cast<float, uint>(floats.AsSpan());
                for (var i = 0; i < floats.Length; i++)
                {
                    target[i] = (uint)upper[i] << 16;
                }

                break;
            case WeightType.Float64:
                TensorPrimitives.ConvertTruncating<double, float>(MemoryMarshal.Cast<byte, double>(bytes), floats);
                break;
            case WeightType.Int64:
                TensorPrimitives.ConvertTruncating<long, float>(MemoryMarshal.Cast<byte, long>(bytes), floats);
                break;
            default:
                throw new NotSupportedException($"{Type} is not a type of weights.");
        }

        return floats;
    }

    /// <summary>The numbers as int64, row-major.</summary>
    /// <exception cref="NotSupportedException">They are not integers.</exception>
    internal long[] ReadIntegers()
    {
        var bytes = ReadContiguous();
        return Type switch
        {
            WeightType.Int64 => MemoryMarshal.Cast<byte, long>(bytes).ToArray(),
            WeightType.Int32 => [.. MemoryMarshal.Cast<byte, int>(bytes).ToArray().Select(i => (long)i)],
            _ => throw new NotSupportedException($"{Type} is not a type of whole numbers."),
        };
    }

    private byte[] ReadContiguous()
    {
        var size = Type.Size();
        var count = checked((int)Count);
        if (Strides.AsSpan().SequenceEqual(RowMajor(Shape)))
        {
            return new FileRegion(Region.File, Region.Offset + Offset * size, (long)count * size).Read();
        }

        // Weights saved channels-last or as views: gather element by element.
        var storage = Region.Read();
        var bytes = new byte[count * size];
        var position = new long[Shape.Length];
        for (var i = 0; i < count; i++)
        {
            var element = Offset;
            for (var axis = 0; axis < position.Length; axis++)
            {
                element += position[axis] * Strides[axis];
            }

            storage.AsSpan((int)(element * size), size).CopyTo(bytes.AsSpan(i * size));
            for (var axis = position.Length - 1; axis >= 0 && ++position[axis] == Shape[axis]; axis--)
            {
                position[axis] = 0;
            }
        }

        return bytes;
    }
}
