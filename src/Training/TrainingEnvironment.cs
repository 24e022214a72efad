using Sightline.Models;
using Sightline.Training.Data;
using Sightline.Training.Steps;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Where a training finds things.</summary>
/// <param name="ConfigFolder">Relative paths of the configuration start here.</param>
/// <param name="CacheFolder">For what is made of the data once and used again, such as packed pictures.</param>
/// <param name="Models">By whose names a configuration may speak of models.</param>
internal sealed record TrainingPlaces(string ConfigFolder, string CacheFolder, ModelCatalog Models)
{
    /// <summary>Absolute.</summary>
    internal string PathOf(string path) => Path.GetFullPath(path, ConfigFolder);

    /// <summary>Path of a model that a setting names: a folder or file, from the configuration's folder on, or else one of the
    /// catalogue.</summary>
    /// <exception cref="TrainingConfigException">It is missing, or there is no such model; names the setting.</exception>
    internal string FindModel(ConfigSection section, string key) =>
        FindModel(section, key, section.Text(key) ?? throw section.Wrong(key, "is needed: a model by its name, or a folder"));

    /// <inheritdoc cref="FindModel(ConfigSection, string)"/>
    /// <param name="name">What stands there.</param>
    internal string FindModel(ConfigSection section, string key, string name)
    {
        try
        {
            return Path.Exists(PathOf(name)) ? PathOf(name) : Models.Resolve(name);
        }
        catch (ModelNotFoundException e)
        {
            throw section.Wrong(key, $"is neither in {ConfigFolder} nor known by its name. {e.Message.TrimEnd('.')}");
        }
    }
}

/// <summary>What a task is made in.</summary>
/// <param name="Type">Of the passes: float32 or bfloat16.</param>
/// <param name="Validation">Null where the configuration names no such data: nothing is validated then.</param>
/// <param name="Seed">Of the first weights and whatever else chance decides before the first step.</param>
internal sealed record TrainingEnvironment(
    Device Device, ScalarType Type, ITrainingData Train, ITrainingData? Validation, long Seed);

/// <summary>What a task asks of its pictures.</summary>
/// <param name="Side">Of the pictures that it takes.</param>
/// <param name="HaveCaptions">Pictures without a caption are of no use to it.</param>
internal sealed record PictureNeeds(int Side, bool HaveCaptions);

/// <summary>What a kind of training makes of a configuration before there is data.</summary>
/// <param name="Create">Makes the task; the caller disposes it.</param>
internal sealed record TaskPlan(PictureNeeds Pictures, Func<TrainingEnvironment, ITrainingTask> Create);

/// <summary>The data of a training, open.</summary>
/// <param name="Validation">Null where there is none.</param>
/// <param name="Load">Makes what gives steps their batches of <paramref name="Train"/>, on a device; called once, before the configuration is
/// checked for settings that nobody has read.</param>
internal sealed record TrainingInputs(
    ITrainingData Train, ITrainingData? Validation, Func<TrainingLength, Device, IBatchSource> Load) : IDisposable
{
    public void Dispose()
    {
        Train.Dispose();
        Validation?.Dispose();
    }
}

/// <summary>Opens what a configuration says of data.</summary>
/// <param name="root">The whole configuration.</param>
/// <param name="pictures">What they are for.</param>
/// <param name="tell">Is told what takes time, such as <c>packing flickr8k.zip</c>.</param>
internal delegate TrainingInputs OpenInputs(
    ConfigSection root, PictureNeeds pictures, TrainingPlaces places, Action<string> tell, CancellationToken cancellationToken);
