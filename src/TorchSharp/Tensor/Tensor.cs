using System.Runtime.InteropServices;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// An n-dimensional array. It belongs to the innermost dispose scope of the thread that makes it; without one, dispose it, or its
    /// finalizer will. Not thread-safe.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private readonly TensorHandle _handle;

        internal Tensor(TensorHandle handle)
        {
            _handle = handle;
            DisposeScopeManager.Statistics.ThreadTotalLiveCount++;
            DisposeScopeManager.Current?.Add(this);
        }

        /// <summary>The native tensor; valid while this object is alive.</summary>
        internal nint handle => _handle.IsClosed
            ? throw new ObjectDisposedException(nameof(Tensor), "The tensor has been disposed, by itself or with its scope.")
            : _handle.DangerousGetHandle();

        internal DisposeScope? Scope { get; set; }

        public bool IsInvalid => _handle.IsClosed || _handle.IsInvalid;

        public ScalarType dtype => Info(0).Type;

        public Device device => Info(0).Device;

        public DeviceType device_type => Info(0).Device.type;

        public long[] shape => Info(16).Sizes;

        public long ndim => Info(0).Dimensions;

        public long NumberOfElements => Info(0).Elements;

        public bool is_leaf => (Info(0).Flags & 2) != 0;

        public bool requires_grad
        {
            get => (Info(0).Flags & 1) != 0;
            set => requires_grad_(value);
        }

        /// <summary>The gradient that backward has left; null before that. Setting copies nothing.</summary>
        public Tensor? grad
        {
            get
            {
                NativeMethods.Check(NativeMethods.sl_torch_tensor_grad(_handle, out var result, out var error), error);
                return result == 0 ? null : new Tensor(new TensorHandle(result));
            }

            set
            {
                var gradient = value is null ? 0 : value.handle;
                NativeMethods.Check(NativeMethods.sl_torch_tensor_set_grad(_handle, gradient, out var error), error);
                GC.KeepAlive(value);
            }
        }

        /// <summary>The numbers of a contiguous tensor on the CPU; valid while the tensor is alive.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                var (type, at, _, elements, flags, _) = Info(0);
                if (at.type != DeviceType.CPU || (flags & 4) == 0)
                {
                    throw new InvalidOperationException("Only a contiguous tensor on the CPU can be read in place.");
                }

                NativeMethods.Check(NativeMethods.sl_torch_tensor_data(_handle, out var data, out var error), error);
                return new Span<byte>((void*)data, checked((int)(elements * SizeOf(type))));
            }
        }

        /// <summary>Whether backward has left a gradient; makes no tensor for it.</summary>
        internal bool HasGrad => (Info(0).Flags & 8) != 0;

        public long dim() => ndim;

        public long numel() => NumberOfElements;

        public long size(int dim) => shape[dim < 0 ? dim + (int)ndim : dim];

        public long[] size() => shape;

        public bool is_contiguous() => (Info(0).Flags & 4) != 0;

        /// <summary>The single number of a one-element tensor.</summary>
        /// <exception cref="ArgumentException">T is not the tensor's element type, or there is not one element.</exception>
        public T item<T>()
            where T : unmanaged
        {
            if (NumberOfElements != 1)
            {
                throw new ArgumentException($"Only a tensor of one element has an item; this one has {NumberOfElements}.");
            }

            using var here = cpu();
            using var packed = here.contiguous();
            return typeof(T) == ClrType(dtype)
                ? MemoryMarshal.Read<T>(packed.bytes)
                : throw new ArgumentException($"{typeof(T).Name} is not the element type of a {dtype} tensor.");
        }

        /// <summary>The single number of a one-element tensor of any type, converted.</summary>
        public float ToSingle() => (float)ToDouble();

        /// <inheritdoc cref="ToSingle"/>
        public double ToDouble()
        {
            var number = Ops.Item.CallScalar(this);
            return number.Kind == ValueKind.Double ? BitConverter.Int64BitsToDouble(number.Payload) : number.Payload;
        }

        /// <inheritdoc cref="ToSingle"/>
        public long ToInt64()
        {
            var number = Ops.Item.CallScalar(this);
            return number.Kind == ValueKind.Double ? (long)BitConverter.Int64BitsToDouble(number.Payload) : number.Payload;
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            NativeMethods.Check(NativeMethods.sl_torch_tensor_set_requires_grad(_handle, requires_grad ? 1 : 0, out var error), error);
            return this;
        }

        /// <summary>Computes the gradients of this scalar with respect to the leaves that ask for them, and adds them to theirs.</summary>
        public void backward() => backward(null);

        /// <param name="grad_tensors">One tensor of this one's shape: the gradient to start from.</param>
        /// <param name="retain_graph">Keep what a second call needs.</param>
        /// <param name="create_graph">Record this computation too.</param>
        /// <param name="inputs">Not supported: null.</param>
        public void backward(
            IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            if (inputs is not null)
            {
                throw new NotSupportedException("backward with chosen inputs is not bound.");
            }

            var start = grad_tensors is { Count: > 0 } ? grad_tensors[0].handle : 0;
            NativeMethods.Check(
                NativeMethods.sl_torch_tensor_backward(_handle, start, retain_graph ? 1 : 0, create_graph ? 1 : 0, out var error), error);
            GC.KeepAlive(grad_tensors);
        }

        /// <summary>Hands this tensor to the scope around its own.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            Scope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes this tensor out of every scope; the caller disposes it.</summary>
        public Tensor DetachFromDisposeScope()
        {
            Scope?.Detach(this);
            return this;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (disposing && !_handle.IsClosed)
            {
                Scope?.Remove(this);
                _handle.Dispose();
                DisposeScopeManager.Statistics.ThreadTotalLiveCount--;
            }
        }

        public override string ToString() => IsInvalid ? "disposed" : $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";

        internal static int SizeOf(ScalarType type) => type switch
        {
            ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
            ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
            ScalarType.Int32 or ScalarType.Float32 => 4,
            _ => 8,
        };

        internal static Type ClrType(ScalarType type) => type switch
        {
            ScalarType.Byte => typeof(byte),
            ScalarType.Int8 => typeof(sbyte),
            ScalarType.Int16 => typeof(short),
            ScalarType.Int32 => typeof(int),
            ScalarType.Int64 => typeof(long),
            ScalarType.Float16 => typeof(Half),
            ScalarType.Float32 => typeof(float),
            ScalarType.Float64 => typeof(double),
            ScalarType.Bool => typeof(bool),
            _ => typeof(void),
        };

        internal static unsafe Tensor FromMemory(ReadOnlySpan<byte> data, ReadOnlySpan<long> sizes, ScalarType type)
        {
            fixed (byte* bytes = data)
            fixed (long* first = sizes)
            {
                NativeMethods.Check(
                    NativeMethods.sl_torch_tensor_new(bytes, first, sizes.Length, (int)type, out var result, out var error), error);
                return new Tensor(new TensorHandle(result));
            }
        }

        private unsafe (ScalarType Type, Device Device, int Dimensions, long Elements, int Flags, long[] Sizes) Info(int capacity)
        {
            _ = handle;
            var sizes = stackalloc long[16];
            NativeMethods.Check(
                NativeMethods.sl_torch_tensor_info(
                    _handle, out var type, out var deviceType, out var deviceIndex, sizes, capacity, out var dimensions, out var elements,
                    out var flags, out var error), error);
            return ((ScalarType)type, new Device((DeviceType)deviceType, deviceIndex), dimensions, elements, flags,
                capacity == 0 ? [] : new Span<long>(sizes, Math.Min(dimensions, capacity)).ToArray());
        }
    }
}
