namespace Sightline.Curation.Import;

/// <summary>Where pairs come from: some files of one format, read one after the other.</summary>
public interface IPairSource
{
    /// <summary>As <c>--format</c> names it.</summary>
    string Format { get; }

    /// <summary>The files in the order in which they are read, which a second look finds the same: absolute paths, or names of the
    /// source's own.</summary>
    IReadOnlyList<string> Files { get; }

    /// <summary>Whether a second read gives the same pairs. An import from what does not begins anew when it was cut short.</summary>
    bool IsRepeatable => true;

    /// <summary>
    /// Reads one file's pairs into the sink, in an order that a second read repeats, faults included: by their count an import that was
    /// killed goes on. Memory stays flat.
    /// </summary>
    /// <exception cref="PairSourceException">The file cannot be read at all; other files still can.</exception>
    void Read(string file, PairSink sink, CancellationToken cancellationToken);
}
