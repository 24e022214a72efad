using System.Text;
using Sightline.Curation.Languages;

namespace Sightline.LanguageTrainer;

/// <summary>Fits <see cref="LanguageCalibration"/> on the first half of the captions, languages weighing alike, by a search along one
/// parameter after the other; and tries the costs of a change of language on captions put together.</summary>
internal static class Calibration
{
    private const int Rounds = 12;
    private const float Shrink = 0.7f;

    private sealed record Parameter(
        string Name, float Step, Func<LanguageCalibration, float> Get, Func<LanguageCalibration, float, LanguageCalibration> With);

    private sealed record Sample(string Language, double Weight, NgramLayer Layer, int Known, float[] Scores, Cld2Answer Cld2);

    private static readonly Parameter[] Parameters =
    [
        new("ScoreScale", 0.2f, c => c.ScoreScale, (c, v) => c with { ScoreScale = v }),
        new("ScoreScalePerLog", 0.1f, c => c.ScoreScalePerLog, (c, v) => c with { ScoreScalePerLog = v }),
        new("Cld2Share", 0.5f, c => c.Cld2Share, (c, v) => c with { Cld2Share = v }),
        new("Cld2ShareReliable", 0.3f, c => c.Cld2ShareReliable, (c, v) => c with { Cld2ShareReliable = v }),
        new("Cld2SharePerLogByte", 0.1f, c => c.Cld2SharePerLogByte, (c, v) => c with { Cld2SharePerLogByte = v }),
        new("Cld2First", 0.5f, c => c.Cld2First, (c, v) => c with { Cld2First = v }),
        new("Cld2Later", 0.3f, c => c.Cld2Later, (c, v) => c with { Cld2Later = v }),
    ];

    internal static void Fit(string folder, TextWriter output)
    {
        var model = LanguageIdentifier.LoadBundled();
        var languages = new LanguageIdentifier().Languages;
        var captions = Captions.Read(folder, 0, [.. languages]);
        var samples = captions.SelectMany(pair => pair.Value.Select(text => MakeSample(model, pair.Key, text, 1.0 / pair.Value.Count)))
            .Where(sample => sample is not null).Select(sample => sample!).ToList();
        var (fitted, steps) = (LanguageCalibration.Default, Parameters.Select(parameter => parameter.Step).ToArray());
        var best = CrossEntropy(samples, fitted);
        output.WriteLine($"{samples.Count} captions of {captions.Count} languages; cross-entropy {best:F4}");
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < Parameters.Length; i++)
            {
                foreach (var step in new[] { steps[i], -steps[i] })
                {
                    for (var better = true; better;)
                    {
                        var tried = Parameters[i].With(fitted, Parameters[i].Get(fitted) + step);
                        var entropy = CrossEntropy(samples, tried);
                        better = entropy < best - 1e-6;
                        (fitted, best) = better ? (tried, entropy) : (fitted, best);
                    }
                }

                steps[i] *= Shrink;
            }
        }

        output.WriteLine($"fitted: cross-entropy {best:F4}");
        foreach (var parameter in Parameters)
        {
            output.WriteLine($"  {parameter.Name} = {parameter.Get(fitted):F3}f");
        }

        TryMixtures(model, fitted, captions, output);
    }

    private static Sample? MakeSample(NgramModel model, string language, string text, double weight)
    {
        var (script, words) = Captions.WordsOf(text);
        if ((int)script >= Scripts.Modelled || words.Count == 0 || Cld2.Detect(Encoding.UTF8.GetBytes(text)) is not { } cld2)
        {
            return null;
        }

        var sum = new int[NgramModel.Dimensions];
        var known = words.Sum(word => model.Add(word, script, sum));
        var scores = new float[model.LayerOf(script).Room];
        model.Score(script, sum, known, scores);
        return new Sample(language, weight, model.LayerOf(script), known, scores, cld2);
    }

    private static double CrossEntropy(List<Sample> samples, LanguageCalibration calibration)
    {
        var (loss, weight) = (0.0, 0.0);
        Span<float> scores = stackalloc float[128];
        foreach (var sample in samples)
        {
            sample.Scores.CopyTo(scores);
            var all = new LanguageScores(calibration, sample.Layer, sample.Known, scores);
            all.Add(sample.Cld2);
            loss -= sample.Weight * Math.Log(Math.Max(all.ProbabilityOf(sample.Language), 1e-6));
            weight += sample.Weight;
        }

        return loss / weight;
    }

    // Two captions of three words or more in one language against two in different ones of the same script, with a mark between and
    // without.
    private static void TryMixtures(
        NgramModel model, LanguageCalibration fitted, Dictionary<string, List<string>> captions, TextWriter output)
    {
        captions = captions.Select(pair => (pair.Key, Texts: pair.Value
                .Where(text => Captions.WordsOf(text) is { Script: Script.Latin, Words.Count: >= 3 }).ToList()))
            .Where(pair => pair.Texts.Count > 0).ToDictionary(pair => pair.Key, pair => pair.Texts);
        var groups = captions.SelectMany(pair => pair.Value.Select(text => (Language: pair.Key, Text: text))).ToList();
        output.WriteLine("change  at mark  part  one language | found: 'a / b'  'a b' | wrongly: 'a / a'  'a a'");
        var tried = from change in new[] { 6f, 8 }
                    from mark in new[] { 2f, 4 }
                    from part in new[] { 0.4f, 0.5f, 0.6f }
                    from one in new[] { 0.003f, 0.01f, 0.03f }
                    select (change, mark, part, one);
        foreach (var (change, mark, part, one) in tried)
        {
            var calibration = fitted with { Change = change, ChangeAtMark = mark, MixedPartFrom = part, MixedOneLanguageUpTo = one };
            var identifier = new LanguageIdentifier(model, calibration);
            var random = new Random(1);
            var (counts, hits) = (new int[4], new int[4]);
            for (var i = 0; i < 6000; i++)
            {
                var a = groups[random.Next(groups.Count)];
                var b = groups[random.Next(groups.Count)];
                var same = captions[a.Language][random.Next(captions[a.Language].Count)];
                var kind = i % 2;
                Try(kind, a.Text + (kind == 0 ? " / " : " ") + b.Text, [a.Language, b.Language], a.Language != b.Language);
                Try(kind + 2, a.Text + (kind == 0 ? " / " : " ") + same, [], true);
            }

            output.WriteLine($"{change,6} {mark,8} {part,5} {one,13} | {Part(0),14:F3} {Part(1),6:F3} | {Part(2),16:F3} {Part(3),6:F3}");
            double Part(int kind) => hits[kind] / (double)counts[kind];
            void Try(int kind, string text, string[] expected, bool counted)
            {
                var guess = identifier.Identify(text);
                counts[kind] += counted ? 1 : 0;
                var asExpected = expected.Length == 0 || (expected.Contains(guess.Candidate) && expected.Contains(guess.Second));
                hits[kind] += counted && guess.IsMixed && asExpected ? 1 : 0;
            }
        }
    }
}
