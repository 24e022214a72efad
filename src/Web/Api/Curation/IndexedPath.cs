using Sightline.Search;

namespace Sightline.Web.Api;

/// <summary>Whether a path that came over the network stays in the folders that are indexed.</summary>
internal static class IndexedPath
{
    private static readonly char[] Patterns = ['*', '?', '{', '}'];

    /// <summary>
    /// The path is an indexed folder or lies below one: no part of it leads up or is a link, and only the file's name is a pattern, whose
    /// choices name no folders. Links inside a folder are for its source to see, which follows none that lead out.
    /// </summary>
    internal static bool IsIn(IEnumerable<RootFolder> roots, string path) => roots.Any(root => IsIn(root.Path, path));

    /// <summary>The files that a pattern stands for are no links.</summary>
    internal static bool AreOrdinary(IEnumerable<string> files) => files.All(file => new FileInfo(file).LinkTarget is null);

    private static bool IsIn(string root, string path)
    {
        var folder = root.TrimEnd('/') + "/";
        if (path.TrimEnd('/') == root.TrimEnd('/'))
        {
            return true;
        }

        if (!path.StartsWith(folder, StringComparison.Ordinal))
        {
            return false;
        }

        var parts = path[folder.Length..].TrimEnd('/').Split('/');
        var at = root;
        foreach (var (number, part) in parts.Index())
        {
            at = Path.Combine(at, part);
            if (part is "" or "." or ".." || (part.IndexOfAny(Patterns) >= 0 && number < parts.Length - 1) || new FileInfo(at).LinkTarget is not null)
            {
                return false;
            }
        }

        return true;
    }
}
