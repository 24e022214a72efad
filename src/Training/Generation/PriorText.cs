using Sightline.Models.Generation;
using Sightline.Models.Text;
using static TorchSharp.torch;

namespace Sightline.Training.Generation;

/// <summary>Captions as a prior reads them.</summary>
internal sealed class PriorText : IDisposable
{
    // What a vocabulary may lie in (see ClipTokenizer).
    private static readonly string[] Files =
        ["vocab.json", "merges.txt", "tokenizer.json", "bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt"];

    private readonly ClipTokenizer _tokenizer;
    private readonly string _folder;
    private readonly int _length;
    private readonly Device _device;

    /// <param name="folder">Where the tokenizer's files are.</param>
    /// <param name="length">Text positions.</param>
    internal PriorText(ClipTokenizer tokenizer, string folder, int length, Device device)
    {
        (_tokenizer, _folder, _length, _device) = (tokenizer, folder, length, device);
        using var scope = NewDisposeScope();
        Empty = Encode([""]).view(length).DetachFromDisposeScope();
    }

    /// <summary>[L]: the empty caption.</summary>
    internal Tensor Empty { get; }

    public void Dispose() => Empty.Dispose();

    /// <summary>As <see cref="ClipTokenizer.Encode(string, int)"/>.</summary>
    internal int[] Encode(string caption, int length) => _tokenizer.Encode(caption, length);

    /// <returns>[N, L], int64, padded.</returns>
    internal Tensor Encode(string[] captions) => Rows(captions, Encode);

    /// <param name="dropout">Of merges; 0: none, and no chance is drawn.</param>
    /// <inheritdoc cref="Encode(string[])"/>
    internal Tensor Encode(string[] captions, double dropout, Generator generator)
    {
        if (dropout == 0)
        {
            return Encode(captions);
        }

        using var drawn = randint(0, int.MaxValue, [1], ScalarType.Int64, _device, generator: generator);
        var random = new Random((int)drawn.ToInt64());
        return Rows(captions, (caption, length) => _tokenizer.Encode(caption, length, dropout, random));
    }

    internal void CopyFiles(string folder)
    {
        foreach (var name in Files.Where(name => File.Exists(Path.Combine(_folder, name))))
        {
            File.Copy(Path.Combine(_folder, name), Path.Combine(folder, name));
        }
    }

    private Tensor Rows(string[] captions, Func<string, int, int[]> encode)
    {
        long[] rows = [.. captions.SelectMany(caption => CaptionRows.Encode(caption, false, _length, Prior.Padding, encode))];
        return tensor(rows, [captions.Length, _length], device: _device);
    }
}
