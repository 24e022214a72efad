using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>
/// A prior's step on the CPU in one call (native/kernels.cpp) instead of some three dozen operators a layer: what a few candidates cost
/// is reading the weights once. Same caches, same result up to rounding: activations stay in float32 where libtorch rounds them to bfloat16.
/// Borrows the weights and the caches, which must outlive it. For one thread.
/// </summary>
internal sealed unsafe partial class PriorKernel : IDisposable
{
    // Up to so many rows it is faster than libtorch's products: oneDNN's in bfloat16, a BLAS's in float32 (bench generate, two Zen 5 cores:
    // 905 to 838 tokens/s at 8 rows and 1,088 to 1,490 at 16 in bfloat16; 1,072 to 250 at 64 in float32).
    private const long MostBrainRows = 8;
    private const long MostFloatRows = 64;

    private const string Library = "sightline_kernels";

    private readonly Prior _prior;
    private readonly PriorLayerCache[] _caches;
    private readonly StepArguments* _step;
    private readonly LayerArguments* _layers;
    private readonly int _instructions;
    private readonly int _gapBytes;

    /// <param name="rows">Branches times candidates.</param>
    /// <param name="instructions">0 (what every machine has) to <see cref="BestInstructions"/>.</param>
    internal PriorKernel(Prior prior, PriorLayerCache[] caches, long rows, long candidates, int instructions)
    {
        (_prior, _caches, _instructions) = (prior, caches, instructions);
        var config = prior.Config;
        var isBrain = prior.Type == ScalarType.BFloat16;
        _gapBytes = isBrain ? 2 : 4;
        _layers = (LayerArguments*)NativeMemory.AllocZeroed((nuint)caches.Length, (nuint)sizeof(LayerArguments));
        _step = (StepArguments*)NativeMemory.AllocZeroed(1, (nuint)sizeof(StepArguments));
        var weights = prior.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        for (var i = 0; i < caches.Length; i++)
        {
            var block = $"blocks.{i}";
            _layers[i] = new LayerArguments
            {
                Norm1 = Pair(weights, $"{block}.ln_1"), Norm1Out = Pair(weights, $"{block}.ln_1_out"),
                Norm2 = Pair(weights, $"{block}.ln_2"), Norm2Out = Pair(weights, $"{block}.ln_2_out"),
                In = Pair(weights, $"{block}.attn.in_proj"), Out = Pair(weights, $"{block}.attn.out_proj"),
                Up = Pair(weights, $"{block}.mlp.c_fc"), Down = Pair(weights, $"{block}.mlp.c_proj"),
                TextKeys = Address(caches[i].TextKeys), TextValues = Address(caches[i].TextValues),
                ImageKeys = Address(caches[i].ImageKeys), ImageValues = Address(caches[i].ImageValues), Slots = caches[i].Pattern.Slots,
            };
        }

        *_step = new StepArguments
        {
            IsBrain = isBrain ? 1 : 0, Rows = rows, Candidates = candidates, Heads = config.Heads, Width = config.Width,
            Mlp = config.MlpWidth, Text = config.TextLength, Vocabulary = config.Grid.Vocabulary, Layers = caches.Length,
            IsTanh = config.Activation == GELU.Approximate.tanh ? 1 : 0, Threads = get_num_threads(), Eps = PriorConfig.NormEps, Layer = _layers,
            FinalNorm = Pair(weights, "ln_final"), LogitNorm = Pair(weights, "ln_logits"), Head = Pair(weights, "image_head"),
        };
        _step->Scratch = (float*)NativeMemory.AlignedAlloc((nuint)(sl_kernels_scratch(_step) * sizeof(float)), 64);
    }

    /// <summary>2: AVX-512; 1: AVX2; 0: neither.</summary>
    internal static int BestInstructions { get; } = sl_kernels_best();

    /// <summary>Whether a step of so many rows goes through here.</summary>
    internal static bool Serves(Prior prior, long rows) =>
        prior.Device.type == DeviceType.CPU && prior.Type switch
        {
            ScalarType.BFloat16 => rows <= MostBrainRows,
            ScalarType.Float32 => rows <= MostFloatRows,
            _ => false,
        };

    /// <summary>Adds numbers up by so many threads: how long that takes tells how fast memory is read.</summary>
    /// <param name="numbers">A multiple of 8,192 of them, more than caches hold.</param>
    internal static double Sum(ReadOnlySpan<float> numbers, int threads)
    {
        fixed (float* first = numbers)
        {
            return sl_kernels_sum(first, numbers.Length, threads);
        }
    }

    /// <summary>Takes in one token of every row and predicts the next.</summary>
    /// <param name="x">[M, 1, D], embedded; may be overwritten.</param>
    /// <returns>[M, V], float32.</returns>
    internal Tensor Step(Tensor x, int position)
    {
        using var scope = NewDisposeScope();
        var hidden = x.to(ScalarType.Float32).contiguous();
        var logits = empty([_step->Rows, _step->Vocabulary]);
        for (var i = 0; i < _caches.Length; i++)
        {
            var pattern = _caches[i].Pattern;
            var window = pattern.Windows[position];
            _layers[i].Slot = pattern.Attention.Slot(_prior.Config.Grid, position);
            (_layers[i].Start, _layers[i].Length) = (window.Start, window.Length);
            _layers[i].Gaps = window.HasGaps ? Address(pattern.Gaps!) + (nint)position * pattern.Slots * _gapBytes : 0;
        }

        _step->X = (float*)Address(hidden);
        _step->Logits = (float*)Address(logits);
        if (sl_kernels_prior_step(_step, _instructions) != 0)
        {
            throw new PlatformNotSupportedException($"This machine lacks the instructions of number {_instructions}.");
        }

        return logits.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_step->Scratch);
        NativeMemory.Free(_layers);
        NativeMemory.Free(_step);
    }

    [LibraryImport(Library)]
    internal static partial long sl_kernels_size_of_step();

    [LibraryImport(Library)]
    internal static partial long sl_kernels_size_of_layer();

    [LibraryImport(Library)]
    private static partial long sl_kernels_scratch(StepArguments* step);

    [LibraryImport(Library)]
    private static partial int sl_kernels_best();

    [LibraryImport(Library)]
    private static partial int sl_kernels_prior_step(StepArguments* step, int instructions);

    [LibraryImport(Library)]
    private static partial double sl_kernels_sum(float* numbers, long count, int threads);

    // Memory of the tensor itself, which does not move.
    private static nint Address(Tensor tensor) => (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(
        ref MemoryMarshal.GetReference(tensor.bytes));

    private static PairOfTensors Pair(Dictionary<string, Parameter> weights, string name) =>
        weights.TryGetValue($"{name}.weight", out var weight)
            ? new PairOfTensors { Weight = Address(weight), Bias = Address(weights[$"{name}.bias"]) }
            : default;

    /// <summary>sl_norm and sl_affine.</summary>
    internal struct PairOfTensors
    {
        internal nint Weight;
        internal nint Bias;
    }

    /// <summary>sl_layer.</summary>
    internal struct LayerArguments
    {
        internal PairOfTensors Norm1;
        internal PairOfTensors Norm1Out;
        internal PairOfTensors Norm2;
        internal PairOfTensors Norm2Out;
        internal PairOfTensors In;
        internal PairOfTensors Out;
        internal PairOfTensors Up;
        internal PairOfTensors Down;
        internal nint TextKeys;
        internal nint TextValues;
        internal nint ImageKeys;
        internal nint ImageValues;
        internal nint Gaps;
        internal long Slots;
        internal long Slot;
        internal long Start;
        internal long Length;
    }

    /// <summary>sl_step.</summary>
    internal struct StepArguments
    {
        internal long IsBrain;
        internal long Rows;
        internal long Candidates;
        internal long Heads;
        internal long Width;
        internal long Mlp;
        internal long Text;
        internal long Vocabulary;
        internal long Layers;
        internal long IsTanh;
        internal long Threads;
        internal double Eps;
        internal LayerArguments* Layer;
        internal PairOfTensors FinalNorm;
        internal PairOfTensors LogitNorm;
        internal PairOfTensors Head;
        internal float* X;
        internal float* Logits;
        internal float* Scratch;
    }
}
