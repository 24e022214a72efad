namespace Sightline.Curation.Import;

/// <summary>Paths with their links followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40;

    /// <summary>The path with every link on it followed, whether or not there is something at its end; null where links lead in a
    /// circle.</summary>
    /// <param name="path">Absolute.</param>
    internal static string? Of(string path)
    {
        var names = new Stack<string>(Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var real = "/";
        for (var links = 0; names.TryPop(out var name);)
        {
            if (name is "." or "..")
            {
                real = name == "." ? real : Path.GetDirectoryName(real) ?? "/";
                continue;
            }

            var next = Path.Join(real, name);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                return null;
            }

            real = Path.IsPathRooted(target) ? "/" : real;
            foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                names.Push(part);
            }
        }

        return real;
    }

    /// <param name="path">Free of links, as is the folder.</param>
    internal static bool IsIn(string path, string folder) =>
        path == folder || path.StartsWith(folder.EndsWith('/') ? folder : folder + "/", StringComparison.Ordinal);
}
