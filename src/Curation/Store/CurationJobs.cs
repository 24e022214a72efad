namespace Sightline.Curation;

/// <summary>Kinds of the jobs of this room. Their arguments are a <see cref="CurationJob"/>.</summary>
public static class CurationJobs
{
    public const string Import = "import pairs";

    public const string Run = "curate";

    public const string Export = "export pairs";

    /// <summary>Deletes files of datasets and runs that are forgotten.</summary>
    public const string Sweep = "sweep";
}

/// <summary>Arguments of a job.</summary>
/// <param name="Id">Of the dataset, the run, or the export.</param>
public sealed record CurationJob(long Id);
