using System.Text.Json;
using TorchSharp;

namespace Sightline.Training.Runs;

/// <summary>What <c>training.json</c> in an exported model's folder says: where its weights come from.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Score">Of the validation then; null where nothing is validated.</param>
internal sealed record ExportedModel(long Step, double? Score, TrainingOrigin Origin)
{
    private const string FileName = "training.json";

    /// <summary>Steps done at the model that lies in the run's folder; null where there is none.</summary>
    internal static long? StepOf(RunFolder folder)
    {
        var path = Path.Combine(folder.Model, FileName);
        return File.Exists(path) ? JsonSerializer.Deserialize<ExportedModel>(File.ReadAllBytes(path), TrainingJson.Indented)!.Step : null;
    }

    /// <summary>Replaces the run's model, at once.</summary>
    /// <param name="write">Writes the model's files into the folder that it is given.</param>
    internal void Write(RunFolder folder, Action<string, IReadOnlyDictionary<string, torch.Tensor>> write, Dictionary<string, torch.Tensor> weights)
    {
        try
        {
            DurableFiles.WriteFolder(folder.Model, temporary =>
            {
                write(temporary, weights);
                File.WriteAllText(Path.Combine(temporary, FileName), JsonSerializer.Serialize(this, TrainingJson.Indented) + "\n");
            });
        }
        finally
        {
            foreach (var tensor in weights.Values)
            {
                tensor.Dispose();
            }
        }
    }
}
