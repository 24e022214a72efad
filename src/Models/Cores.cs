namespace Sightline.Models;

/// <summary>How loops over many items share the processors.</summary>
public static class Cores
{
    /// <summary>
    /// As many items at a time as there are processors. A loop without a bound takes every thread that the pool has, and the pool adds
    /// threads for as long as the loop keeps them busy: one was seen with 190, most of them waiting for the collector.
    /// </summary>
    public static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
}
