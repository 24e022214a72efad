using System.Globalization;
using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace Sightline.Curation.Import;

/// <summary>What the path of a request stands for.</summary>
/// <param name="Root">The folder, free of links; of files, the one they are named from.</param>
/// <param name="Files">Null where the path is a folder.</param>
/// <param name="Unreachable">Those of the files that are not to be read, and why.</param>
internal sealed partial record SourceFiles(string Root, IReadOnlyList<string>? Files, IReadOnlyDictionary<string, string> Unreachable)
{
    private const int MostFiles = 1_000_000;
    private const int LongestPattern = 4_096;
    private const int MostBraces = 4;

    /// <exception cref="PairSourceException">The path is relative, or there is nothing that it names.</exception>
    internal static SourceFiles Find(string path)
    {
        if (!Path.IsPathRooted(path))
        {
            throw new PairSourceException(
                $"{(path.Length == 0 ? "The path is empty" : $"{path} is a relative path")}; name the file or folder from the root on.");
        }

        if (Directory.Exists(path))
        {
            return new SourceFiles(RealPath.Of(path)!, null, new Dictionary<string, string>());
        }

        if (File.Exists(path))
        {
            var real = RealPath.Of(path)!;
            return new SourceFiles(Path.GetDirectoryName(real)!, [real], new Dictionary<string, string>());
        }

        if (path.Length > LongestPattern || path.Count(c => c == '{') > MostBraces)
        {
            throw new PairSourceException($"A pattern has at most {LongestPattern} characters and {MostBraces} braces.");
        }

        var names = Expand(path).ToList();
        var unreachable = new Dictionary<string, string>(StringComparer.Ordinal);
        var files = names.SelectMany(name => name.AsSpan().ContainsAny('*', '?') ? Match(name, unreachable) : [name]).Distinct().ToList();
        if (files.Count > MostFiles)
        {
            throw new PairSourceException($"{path} stands for more than {MostFiles} files.");
        }

        // A file that is missing from a range is told when it is read; the others are there.
        return files.Exists(File.Exists)
            ? new SourceFiles(FileSource.CommonFolder(files), files, unreachable)
            : throw Missing(path, files.Count);
    }

    /// <summary>One name for each choice of the braces.</summary>
    private static IEnumerable<string> Expand(string path)
    {
        if (Braces().Match(path) is not { Success: true } brace)
        {
            return [path];
        }

        var choices = brace.Groups["from"].Success ? Range(brace) : brace.Groups["list"].Value.Split(',');
        return choices.SelectMany(choice => Expand(path[..brace.Index] + choice + path[(brace.Index + brace.Length)..]))
            .Take(MostFiles + 1);
    }

    private static IEnumerable<string> Range(Match brace)
    {
        var (from, to) = (brace.Groups["from"].Value, brace.Groups["to"].Value);
        if (from.Length > 18 || to.Length > 18)
        {
            throw new PairSourceException($"{brace.Value} is no range of numbers of at most 18 digits.");
        }

        var (first, last) = (long.Parse(from, CultureInfo.InvariantCulture), long.Parse(to, CultureInfo.InvariantCulture));
        if (last < first)
        {
            throw new PairSourceException($"The range {brace.Value} goes down; write the lower number first.");
        }

        var digits = from.StartsWith('0') ? from.Length : 1;
        for (var i = first; i <= last; i++)
        {
            yield return i.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
        }
    }

    /// <summary>Files by a pattern, name by name, in ordinal order. Links that lead out of the folder before the first wildcard are not
    /// followed.</summary>
    private static List<string> Match(string pattern, Dictionary<string, string> unreachable)
    {
        var parts = Path.GetFullPath(pattern).Split('/', StringSplitOptions.RemoveEmptyEntries);
        var literal = Array.FindIndex(parts, p => p.AsSpan().ContainsAny('*', '?'));
        var root = RealPath.Of("/" + string.Join('/', parts[..literal]));
        List<string> found = root is not null && Directory.Exists(root) ? [root] : [];
        for (var i = literal; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            var matches = new List<string>();
            foreach (var folder in found)
            {
                foreach (var entry in FolderListing.Read(folder, root!))
                {
                    if (entry.IsFolder == isLast || !FileSystemName.MatchesSimpleExpression(parts[i], entry.Name, ignoreCase: false))
                    {
                        continue;
                    }

                    matches.Add(Path.Join(folder, entry.Name));
                    if (entry.Reason is not null)
                    {
                        unreachable[matches[^1]] = entry.Detail;
                    }
                }
            }

            found = matches;
        }

        return found;
    }

    private static PairSourceException Missing(string path, int files)
    {
        var folder = Path.GetDirectoryName(path);
        while (folder is not null && !Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder);
        }

        var there = FolderListing.Read(folder ?? "/", RealPath.Of(folder ?? "/")!);
        var names = there.Count == 0 ? "nothing" : string.Join(", ", there.Take(10).Select(e => e.Name))
            + (there.Count > 10 ? $" and {there.Count - 10} more" : "");
        var what = files > 1 ? $"None of the {files} files of {path} is there" : $"{path} is not there";
        return new PairSourceException($"{what}; {folder} holds {names}.");
    }

    [GeneratedRegex(@"\{((?<from>[0-9]+)\.\.(?<to>[0-9]+)|(?<list>[^{}]*,[^{}]*))\}", RegexOptions.CultureInvariant)]
    private static partial Regex Braces();
}
