using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Training.Runs;

namespace Sightline.Training;

/// <summary>A training that somebody asks for.</summary>
/// <param name="Kind">One of <see cref="Trainings.Kinds"/>.</param>
/// <param name="Config">Path of its configuration.</param>
/// <param name="Folder">Of the run; made where there is none.</param>
/// <param name="Resumes">Whether it goes on from the folder's last checkpoint; otherwise the folder may hold no run.</param>
/// <param name="Compute">Where and in which precision; fp16 is not trained in.</param>
/// <param name="Models">By whose names the configuration may speak of models.</param>
/// <param name="CacheFolder">For what is made of the data once and used again.</param>
public sealed record TrainingRequest(
    string Kind, string Config, RunFolder Folder, bool Resumes, ComputeOptions Compute, ModelCatalog Models, string CacheFolder);
