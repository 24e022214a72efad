using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>Work of one kind, run once.</summary>
internal interface IJob
{
    /// <summary>To be called about twice a second while it runs, by one caller.</summary>
    JobProgress Progress();

    /// <summary>One line for a person once it has ended.</summary>
    string Summary();

    Task RunAsync(Job job, CancellationToken cancellationToken);
}
