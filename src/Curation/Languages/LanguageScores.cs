using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Curation.Languages;

/// <summary>
/// The candidates of a text in one script: the n-gram model's languages, and behind them those that CLD2 alone names. Scores are logarithms
/// up to a constant.
/// </summary>
internal ref struct LanguageScores
{
    private readonly LanguageCalibration _calibration;
    private readonly NgramLayer _layer;
    private readonly Span<float> _scores;
    private Cld2Languages _others;
    private int _count;

    /// <param name="scores">The model's scores, <see cref="NgramLayer.Room"/> long.</param>
    internal LanguageScores(LanguageCalibration calibration, NgramLayer layer, int known, Span<float> scores)
    {
        Debug.Assert(scores.Length >= layer.Room);
        _calibration = calibration;
        _layer = layer;
        _scores = scores[..layer.Room];
        _count = layer.Languages.Length;
        var scale = _calibration.ScoreScale + (_calibration.ScoreScalePerLog * MathF.Log(1 + known));
        ref var values = ref MemoryMarshal.GetReference(scores);
        ref var prior = ref MemoryMarshal.GetArrayDataReference(layer.RoomPrior);
        for (nuint i = 0; i < (nuint)layer.Room; i += (nuint)Vector256<float>.Count)
        {
            var scaled = (Vector256.Create(scale) * Vector256.LoadUnsafe(ref values, i))
                + (Vector256.Create(calibration.PriorScale) * Vector256.LoadUnsafe(ref prior, i));
            scaled.StoreUnsafe(ref values, i);
        }
    }

    /// <summary>Adds what CLD2 says.</summary>
    internal void Add(in Cld2Answer answer)
    {
        var best = Best().First;
        var (below, ahead) = (_scores[best] - _calibration.Cld2OnlyBelow, _scores[best] + _calibration.Cld2OnlyAhead);
        for (var k = 0; k < Cld2.Answers; k++)
        {
            var (language, share) = (answer.Languages[k], answer.Shares[k]);
            if (language == LanguageGuess.Unknown)
            {
                continue;
            }

            var i = IndexOf(language);
            if (i < 0)
            {
                // The model spreads a language that it does not know over those that it does, and may be sure of it.
                i = _count++;
                _others[i - _layer.Languages.Length] = language;
                var sure = k == 0 && answer.IsReliable && Cld2.KnowsAlone(language, answer.TextBytes);
                _scores[i] = sure ? ahead : below;
            }

            _scores[i] += k == 0 ? _calibration.Cld2First : _calibration.Cld2Later;
            _scores[i] += share * (_calibration.Cld2Share + (_calibration.Cld2SharePerLogByte * MathF.Log(1 + answer.TextBytes)));
            _scores[i] += answer.IsReliable ? share * _calibration.Cld2ShareReliable : 0;
        }
    }

    /// <summary>Leaves nonsense no chance.</summary>
    internal readonly void ForbidNonsense()
    {
        if (_layer.Nonsense >= 0)
        {
            _scores[_layer.Nonsense] = float.NegativeInfinity;
        }
    }

    internal readonly string LanguageAt(int i) => i < _layer.Languages.Length ? _layer.Languages[i] : _others[i - _layer.Languages.Length];

    /// <summary>The two most probable languages, the unknown left aside, and the probability of the first, the unknown counted.</summary>
    internal readonly (int First, int Second, float Probability) Best()
    {
        var nonsense = Exchange(_layer.Nonsense, float.NegativeInfinity);
        var first = ScoreVectors.IndexOfMax(_scores);
        var best = Exchange(first, float.NegativeInfinity);
        var second = ScoreVectors.IndexOfMax(_scores);
        second = _scores[second] == float.NegativeInfinity ? -1 : second;
        Exchange(first, best);
        Exchange(_layer.Nonsense, nonsense);
        return (first, second, 1 / ScoreVectors.SumOfExp(_scores, best));
    }

    private readonly float Exchange(int i, float value)
    {
        if (i < 0)
        {
            return value;
        }

        var before = _scores[i];
        _scores[i] = value;
        return before;
    }

    /// <summary>The probability of a language; 0 of one that is no candidate.</summary>
    internal readonly float ProbabilityOf(string language)
    {
        var (i, total) = (IndexOf(language), 0f);
        for (var k = 0; i >= 0 && k < _count; k++)
        {
            total += MathF.Exp(_scores[k] - _scores[i]);
        }

        return i < 0 ? 0 : 1 / total;
    }

    /// <summary>The probability that this text and another of the same script are in one language; CLD2 was asked of neither.</summary>
    internal readonly float ProbabilityOfOneLanguage(in LanguageScores other)
    {
        var (shared, ours, theirs) = (0f, 0f, 0f);
        var (max, otherMax) = (_scores[Best().First], other._scores[other.Best().First]);
        for (var i = 0; i < _layer.Languages.Length; i++)
        {
            var (a, b) = (MathF.Exp(_scores[i] - max), MathF.Exp(other._scores[i] - otherMax));
            shared += a * b;
            ours += a;
            theirs += b;
        }

        return shared / (ours * theirs);
    }

    private readonly int IndexOf(string language)
    {
        // Bosnian is not told from Croatian: a few words do not carry the difference.
        var wanted = language == "bs" ? "hr" : language;
        for (var i = 0; i < _count; i++)
        {
            if (LanguageAt(i) == wanted)
            {
                return i;
            }
        }

        return -1;
    }
}
