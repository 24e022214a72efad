using System.Text.Json;
using Sightline.Curation.Languages;

namespace Sightline.LanguageTrainer;

/// <summary>Trains scripts one at a time, each into a file of its own, as Latin takes minutes and the others seconds.</summary>
internal static class ModelTrainer
{
    // N-grams kept of each script, and short texts drawn of each language.
    private static readonly (Script Script, int Ngrams, int TextsEach)[] Plan =
    [
        (Script.Latin, 160_000, 200_000), (Script.Cyrillic, 30_000, 200_000), (Script.Arabic, 14_000, 200_000),
        (Script.Devanagari, 10_000, 200_000), (Script.Bengali, 3_000, 200_000), (Script.Hebrew, 2_000, 200_000),
        (Script.Ethiopic, 4_000, 200_000), (Script.Han, 14_000, 400_000),
    ];

    /// <param name="layers">Gets SCRIPT.json.</param>
    /// <param name="only">Scripts by name; all where it is empty.</param>
    internal static void Train(string folder, string layers, string[] only)
    {
        Directory.CreateDirectory(layers);
        var writers = File.ReadLines(Path.Combine(folder, "writers.tsv")).Select(line => line.Split('\t'))
            .ToDictionary(parts => parts[0], parts => double.Parse(parts[1]));
        foreach (var (script, ngrams, textsEach) in Plan.Where(plan => only.Length == 0 || only.Contains(plan.Script.ToString())))
        {
            var layer = TrainLayer(folder, script, ngrams, textsEach, writers);
            File.WriteAllText(PathOf(layers, script), JsonSerializer.Serialize(layer));
        }
    }

    internal static TrainedLayer[] Read(string layers) =>
        [.. Plan.Select(plan => JsonSerializer.Deserialize<TrainedLayer>(File.ReadAllText(PathOf(layers, plan.Script)))!)];

    private static float PriorOf(double writers) => writers > 0 ? (float)Math.Log((writers / 1e6) + 0.5) : 0;

    private static string PathOf(string layers, Script script) => Path.Combine(layers, script + ".json");

    private static TrainedLayer TrainLayer(string folder, Script script, int ngrams, int textsEach, Dictionary<string, double> writers)
    {
        var texts = Directory.EnumerateFiles(folder, $"*.{script}.words").Select(path => Path.GetFileName(path).Split('.')[0])
            .Order(StringComparer.Ordinal).Select(language => TrainingText.Read(folder, language, script)).ToList();
        TrainingText.FindBorrowed(texts, script);
        var keys = Vocabulary.Choose(texts, script, ngrams);
        Console.WriteLine($"{script}: {texts.Count} languages, {keys.Length} n-grams");
        var trainer = new LayerTrainer(script, texts, keys);
        trainer.Train(textsEach, Console.Out);
        var steps = new byte[keys.Length];
        var levels = new sbyte[keys.Length * NgramModel.Dimensions];
        for (var k = 0; k < keys.Length; k++)
        {
            var at = k * NgramModel.Dimensions;
            steps[k] = RowQuantizer.Quantize(trainer.Rows.Slice(at, NgramModel.Dimensions), levels.AsSpan(at, NgramModel.Dimensions));
        }

        string[] nonsense = trainer.HasNonsense ? [LanguageGuess.Unknown] : [];
        string[] languages = [.. texts.Select(text => text.Language), .. nonsense];
        float[] prior = [.. languages.Select(language => PriorOf(writers.GetValueOrDefault(language)))];
        return new TrainedLayer(new NgramLayer(languages, prior, trainer.Bias, trainer.Weights), keys, steps, levels);
    }
}
