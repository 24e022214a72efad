using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed partial class AdamW
{
    /// <summary>The running means of one parameter's gradient and of its square.</summary>
    public sealed class State : OptimizerState, IDisposable
    {
        // Fields, as in TorchSharp.
        public long step;
        public Tensor exp_avg;
        public Tensor exp_avg_sq;

        internal State(Parameter parameter)
        {
            exp_avg = zeros_like(parameter).DetachFromDisposeScope();
            exp_avg_sq = zeros_like(parameter).DetachFromDisposeScope();
        }

        public void Dispose()
        {
            exp_avg.Dispose();
            exp_avg_sq.Dispose();
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            Save(writer, exp_avg);
            Save(writer, exp_avg_sq);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            Load(reader, exp_avg);
            Load(reader, exp_avg_sq);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            using var guard = no_grad();
            var other = (State)source;
            step = other.step;
            exp_avg.copy_(other.exp_avg);
            exp_avg_sq.copy_(other.exp_avg_sq);
        }

        private static void Save(BinaryWriter writer, Tensor tensor)
        {
            using var scope = NewDisposeScope();
            writer.Write7BitEncodedInt((int)tensor.dtype);
            writer.Write7BitEncodedInt((int)tensor.ndim);
            Array.ForEach(tensor.shape, writer.Write7BitEncodedInt64);
            writer.Write(tensor.cpu().contiguous().bytes);
        }

        private static void Load(BinaryReader reader, Tensor tensor)
        {
            var type = (ScalarType)reader.Read7BitEncodedInt();
            var shape = new long[reader.Read7BitEncodedInt()];
            for (var i = 0; i < shape.Length; i++)
            {
                shape[i] = reader.Read7BitEncodedInt64();
            }

            if (type != tensor.dtype || !shape.SequenceEqual(tensor.shape))
            {
                throw new ArgumentException($"The state of a {type} parameter of [{string.Join('x', shape)}] does not fit {tensor}.");
            }

            using var guard = no_grad();
            using var saved = empty(shape, type);
            reader.BaseStream.ReadExactly(saved.bytes);
            tensor.copy_(saved);
        }
    }
}
