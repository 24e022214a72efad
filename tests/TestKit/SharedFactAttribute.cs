using Xunit;

namespace Sightline.TestKit;

/// <summary>
/// A test on the reference data that lies beside a developer's checkout. Skipped with its reason where the data is absent, unless
/// SIGHTLINE_REQUIRE_SHARED=1, where its absence fails the test.
/// </summary>
public sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute() => Skip = SharedData.SkipReason;
}

/// <inheritdoc cref="SharedFactAttribute"/>
public sealed class SharedTheoryAttribute : TheoryAttribute
{
    public SharedTheoryAttribute() => Skip = SharedData.SkipReason;
}

/// <summary>The reference data: the folder <c>shared</c> beside the repository, or SIGHTLINE_SHARED.</summary>
public static class SharedData
{
    public static string Folder { get; } = Environment.GetEnvironmentVariable("SIGHTLINE_SHARED")
        ?? Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared"));

    internal static string? SkipReason =>
        Directory.Exists(Folder) || Environment.GetEnvironmentVariable("SIGHTLINE_REQUIRE_SHARED") == "1"
            ? null
            : $"needs the reference data, which is not at {Folder}";

    /// <summary>The full path of a file or folder of the reference data.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Folder, .. parts]);
}
