using System.Runtime.Intrinsics;
using Sightline.Curation.Languages;

namespace Sightline.LanguageTrainer;

/// <summary>
/// Trains the rows of one script's n-grams and the weights of its languages together, by the cross-entropy of short texts drawn evenly
/// over the languages, one at a time (AdaGrad: Duchi et al. 2011, https://jmlr.org/papers/v12/duchi11a.html; one rate a row). One thread a
/// script, so that a seed gives one model.
/// </summary>
internal sealed class LayerTrainer
{
    private const int D = NgramModel.Dimensions;
    private const float RowRate = 0.3f;
    private const float WeightRate = 0.09f;
    private const float BiasRate = 0.03f;
    private const int Seed = 7;

    // A text that is as good as certain teaches nothing: half of the work is saved by leaving it.
    private const float Certain = 0.998f;

    private readonly Script _script;
    private readonly IReadOnlyList<TrainingText> _texts;
    private readonly NgramIndex _index;
    private readonly Random _random = new(Seed);
    private readonly float[] _rows;
    private readonly float[] _weights;
    private readonly float[] _bias;
    private readonly float[] _rowSquares;
    private readonly float[] _weightSquares;
    private readonly float[] _biasSquares;
    private readonly float[] _sum = new float[D];
    private readonly float[] _sumGradient = new float[D];
    private readonly float[] _scores;
    private readonly int[] _found = new int[1 << 14];
    private readonly int _classes;

    internal LayerTrainer(Script script, IReadOnlyList<TrainingText> texts, uint[] keys)
    {
        (_script, _texts, _index) = (script, texts, new NgramIndex(keys));
        // Nonsense is a class of its own where a word has letters enough to be one.
        HasNonsense = script is not (Script.Han or Script.Ethiopic);
        _classes = texts.Count + (HasNonsense ? 1 : 0);
        (_rows, _weights, _bias) = (new float[keys.Length * D], new float[_classes * D], new float[_classes]);
        (_rowSquares, _weightSquares, _biasSquares) = (new float[keys.Length], new float[_weights.Length], new float[_classes]);
        Array.Fill(_rowSquares, 1e-3f);
        Array.Fill(_weightSquares, 1e-2f);
        Array.Fill(_biasSquares, 1e-2f);
        _scores = new float[_classes];
        for (var i = 0; i < _rows.Length; i++)
        {
            _rows[i] = (_random.NextSingle() - 0.5f) * 2 / D;
        }

        for (var i = 0; i < _weights.Length; i++)
        {
            _weights[i] = (_random.NextSingle() - 0.5f) * 0.5f;
        }
    }

    internal bool HasNonsense { get; }

    internal ReadOnlySpan<float> Rows => _rows;

    internal float[] Weights => _weights;

    internal float[] Bias => _bias;

    internal void Train(int textsEach, TextWriter log)
    {
        var sampler = new Sampler(_script, _random);
        var words = new List<string>();
        var listed = _texts.Where(text => text.Words.Count > 0).ToList();
        var (steps, loss, right, counted) = ((long)textsEach * _classes, 0.0, 0, 0);
        for (long step = 0; step < steps; step++)
        {
            var language = _random.Next(_classes);
            if (language == _texts.Count)
            {
                sampler.DrawNonsense(listed[_random.Next(listed.Count)], words);
            }
            else
            {
                sampler.Draw(_texts[language], words);
            }

            var count = Find(words);
            if (count > 0)
            {
                loss -= Math.Log(Math.Max(Learn(language, count, 1 - ((float)step / steps) + 1e-3f), 1e-9f));
                right += _scores.AsSpan().IndexOf(_scores.Max()) == language ? 1 : 0;
                counted++;
            }

            if (step % (steps / 8) == steps / 8 - 1)
            {
                var part = $"{_script} {100.0 * step / steps:F0} %";
                log.WriteLine($"{part}: cross-entropy {loss / counted:F4}, right {100.0 * right / counted:F2} %");
                (loss, right, counted) = (0, 0, 0);
            }
        }
    }

    private int Find(List<string> words)
    {
        Span<uint> hashes = stackalloc uint[NgramFeatures.MaxPerWord];
        var count = 0;
        foreach (var word in words)
        {
            var written = NgramFeatures.Write(word.AsSpan(0, Math.Min(word.Length, CaptionWords.MaxLength)), _script, hashes);
            foreach (var hash in hashes[..written])
            {
                var row = _index.Find(hash);
                if (row != NgramIndex.None && count < _found.Length)
                {
                    _found[count++] = row;
                }
            }
        }

        return count;
    }

    // One step; returns the probability of the language before it.
    private float Learn(int language, int count, float rate)
    {
        var scale = 1 / MathF.Sqrt(count);
        Array.Clear(_sum);
        for (var i = 0; i < count; i++)
        {
            AddScaled(_sum, 0, _rows, _found[i] * D, scale);
        }

        for (var l = 0; l < _classes; l++)
        {
            _scores[l] = _bias[l] + Dot(_weights, l * D, _sum);
        }

        var (max, total) = (_scores.Max(), 0f);
        for (var l = 0; l < _classes; l++)
        {
            total += _scores[l] = MathF.Exp(_scores[l] - max);
        }

        var probability = _scores[language] / total;
        if (probability > Certain)
        {
            return probability;
        }

        Array.Clear(_sumGradient);
        for (var l = 0; l < _classes; l++)
        {
            _scores[l] /= total;
            var gradient = _scores[l] - (l == language ? 1 : 0);
            if (MathF.Abs(gradient) > 1e-4f)
            {
                LearnWeights(l, gradient, rate);
            }
        }

        LearnRows(count, scale, rate);
        return probability;
    }

    private void LearnWeights(int language, float gradient, float rate)
    {
        AddScaled(_sumGradient, 0, _weights, language * D, gradient);
        for (var d = 0; d < D; d++)
        {
            var i = (language * D) + d;
            var g = gradient * _sum[d];
            _weightSquares[i] += g * g;
            _weights[i] -= rate * WeightRate * g / MathF.Sqrt(_weightSquares[i]);
        }

        _biasSquares[language] += gradient * gradient;
        _bias[language] -= rate * BiasRate * gradient / MathF.Sqrt(_biasSquares[language]);
    }

    private void LearnRows(int count, float scale, float rate)
    {
        var square = Dot(_sumGradient, 0, _sumGradient) * scale * scale / D;
        for (var i = 0; i < count; i++)
        {
            _rowSquares[_found[i]] += square;
            AddScaled(_rows, _found[i] * D, _sumGradient, 0, -rate * RowRate * scale / MathF.Sqrt(_rowSquares[_found[i]]));
        }
    }

    private static void AddScaled(float[] to, int toOffset, float[] from, int fromOffset, float scale)
    {
        for (var d = 0; d < D; d += 8)
        {
            var sum = Vector256.LoadUnsafe(ref to[toOffset + d]) + (Vector256.LoadUnsafe(ref from[fromOffset + d]) * scale);
            sum.StoreUnsafe(ref to[toOffset + d]);
        }
    }

    private static float Dot(float[] a, int offset, float[] b)
    {
        var total = Vector256<float>.Zero;
        for (var d = 0; d < D; d += 8)
        {
            total += Vector256.LoadUnsafe(ref a[offset + d]) * Vector256.LoadUnsafe(ref b[d]);
        }

        return Vector256.Sum(total);
    }
}
