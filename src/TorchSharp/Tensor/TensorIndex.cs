namespace TorchSharp;

public static partial class torch
{
    /// <summary>One part of an index: a position, a slice, a new dimension, "the rest", or a tensor of positions.</summary>
    public readonly struct TensorIndex
    {
        private TensorIndex(IndexKind kind, long? start = null, long? stop = null, long? step = null, Tensor? picks = null)
        {
            Kind = kind;
            Start = start;
            Stop = stop;
            Step = step;
            Picks = picks;
        }

        internal enum IndexKind
        {
            Slice,
            Single,
            Null,
            Ellipsis,
            Tensor,
        }

        public static TensorIndex Ellipsis { get; } = new(IndexKind.Ellipsis);

        public static TensorIndex Null { get; } = new(IndexKind.Null);

        public static TensorIndex Colon { get; } = new(IndexKind.Slice);

        internal IndexKind Kind { get; }

        internal long? Start { get; }

        internal long? Stop { get; }

        internal long? Step { get; }

        internal Tensor? Picks { get; }

        /// <summary>Dimensions of the indexed tensor that this part uses up; a mask uses as many as it has.</summary>
        internal long Dimensions => Kind switch
        {
            IndexKind.Ellipsis or IndexKind.Null => 0,
            IndexKind.Tensor when Picks!.dtype == ScalarType.Bool => Picks.ndim,
            _ => 1,
        };

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new(IndexKind.Slice, start, stop, step);

        public static TensorIndex Single(long index) => new(IndexKind.Single, index);

        public static TensorIndex Tensor(Tensor tensor) => new(IndexKind.Tensor, picks: tensor);

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex(Tensor value) => Tensor(value);
    }
}
