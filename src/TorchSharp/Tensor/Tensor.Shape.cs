using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Views, copies, indexing.
    public partial class Tensor
    {
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor view(params long[] shape) => Ops.View.Call(this, shape);

        public Tensor reshape(params long[] shape) => Ops.Reshape.Call(this, shape);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Ops.Flatten.Call(this, start_dim, end_dim);

        public Tensor permute(params long[] permutation) => Ops.Permute.Call(this, permutation);

        public Tensor transpose(long dim0, long dim1) => Ops.Transpose.Call(this, dim0, dim1);

        public Tensor t() => transpose(0, 1);

        public Tensor unsqueeze(long dim) => Ops.Unsqueeze.Call(this, dim);

        public Tensor squeeze(long? dim = null) => dim is { } given ? Ops.Squeeze.Call(this, given) : Ops.SqueezeAll.Call(this);

        public Tensor expand(params long[] sizes) => Ops.Expand.Call(this, sizes);

        public Tensor repeat(params long[] sizes) => Ops.Repeat.Call(this, sizes);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Ops.RepeatInterleave.Call(this, repeats, dim, output_size);

        public Tensor roll(long shifts, long? dims = null) =>
            Ops.Roll.Call(this, new[] { shifts }, dims is { } given ? [given] : Array.Empty<long>());

        public Tensor contiguous() => Ops.Contiguous.Call(this);

        /// <summary>A copy in memory that a CUDA device reads without the host's help.</summary>
        public Tensor pin_memory() => Ops.PinMemory.Call(this);

        public Tensor clone() => Ops.Clone.Call(this);

        public Tensor detach() => Ops.Detach.Call(this);

        public Tensor copy_(Tensor source, bool nonBlocking = false) => InPlace(Ops.CopyInPlace, source, nonBlocking);

        public Tensor narrow(long dim, long start, long length) => Ops.Narrow.Call(this, dim, start, length);

        public Tensor slice(long dim, long start, long finish, long step) => Ops.Slice.Call(this, dim, start, finish, step);

        public Tensor select(long dim, long index) => Ops.Select.Call(this, dim, index);

        public Tensor index_select(long dim, Tensor index) => Ops.IndexSelect.Call(this, dim, index);

        public Tensor gather(long dim, Tensor index) => Ops.Gather.Call(this, dim, index);

        public Tensor scatter_(long dim, Tensor index, Tensor src) => InPlace(Ops.ScatterInPlace, dim, index, src);

        public Tensor[] chunk(long chunks, long dim = 0L) => Ops.Chunk.CallMany(this, chunks, dim);

        public Tensor[] split(long size, int dim = 0) => Ops.Split.CallMany(this, size, (long)dim);

        public Tensor[] split(long[] sizes, long dim = 0) => Ops.SplitSizes.CallMany(this, sizes, dim);

        public Tensor[] unbind(long dimension = 0L) => Ops.Unbind.CallMany(this, dimension);

        /// <summary>Picks the elements at the positions that the tensors name, one tensor for each of the first dimensions.</summary>
        public Tensor index(params Tensor[] indices) => Ops.IndexTensors.Call(this, Argument.Optional(indices));

        public Tensor index(params TensorIndex[] indices)
        {
            using var scope = NewDisposeScope();
            var (view, picks) = Narrowed(indices);
            var result = picks.Exists(p => p is not null) ? Ops.IndexTensors.Call(view, Argument.Optional([.. picks])) : view;
            return result.MoveToOuterDisposeScope();
        }

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            using var scope = NewDisposeScope();
            var (view, picks) = Narrowed(indices);
            if (picks.Exists(p => p is not null))
            {
                Ops.IndexPutInPlace.CallInPlace(view, Argument.Optional([.. picks]), value);
            }
            else
            {
                view.copy_(value);
            }

            return this;
        }

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            After(Ops.ToDtype.Call(this, type, non_blocking, copy), disposeAfter);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(dtype, device, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            After(Ops.ToDevice.Call(this, device, type, non_blocking, copy), disposeAfter);

        public Tensor to(
            DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor cpu() => to(CPU);

        public Tensor cuda(Device? device = null, bool non_blocking = false) => to(device ?? CUDA, non_blocking: non_blocking);

        public Tensor type_as(Tensor tensor) => to(tensor.dtype, tensor.device);

        private Tensor After(Tensor result, bool disposeThis)
        {
            if (disposeThis)
            {
                Dispose();
            }

            return result;
        }

        // Positions, slices and new dimensions become a view; the tensors among the indices are left to one gather over that view, where
        // null stands for "all of this dimension".
        private (Tensor View, List<Tensor?> Picks) Narrowed(TensorIndex[] indices)
        {
            var view = Ops.Alias.Call(this);
            var picks = new List<Tensor?>();
            var at = 0L;
            var rest = ndim - indices.Sum(i => i.Dimensions);
            foreach (var item in indices)
            {
                switch (item.Kind)
                {
                    case TensorIndex.IndexKind.Single:
                        view = view.select(at, item.Start!.Value);
                        continue;
                    case TensorIndex.IndexKind.Slice:
                        view = Ops.Slice.Call(view, at, item.Start, item.Stop, item.Step ?? 1L);
                        picks.Add(null);
                        at++;
                        break;
                    case TensorIndex.IndexKind.Null:
                        view = view.unsqueeze(at);
                        picks.Add(null);
                        at++;
                        break;
                    case TensorIndex.IndexKind.Ellipsis:
                        picks.AddRange(Enumerable.Repeat<Tensor?>(null, (int)Math.Max(0, rest)));
                        at += rest;
                        break;
                    default:
                        picks.Add(item.Picks);
                        at += item.Dimensions;
                        break;
                }
            }

            return (view, picks);
        }
    }
}
