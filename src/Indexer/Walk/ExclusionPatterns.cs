using System.Text;
using System.Text.RegularExpressions;

namespace Sightline.Indexer.Walk;

/// <summary>
/// What a walk passes over, in gitignore's spirit: <c>*</c> and <c>?</c> stay within a name, <c>**</c> crosses folders, a pattern with a
/// slash is anchored at the root, one without matches a name anywhere, and what is below an excluded folder is excluded with it.
/// </summary>
public sealed class ExclusionPatterns
{
    /// <summary>Hidden things, and the folders that systems and programs keep their own pictures in.</summary>
    private static readonly string[] Always = [".*", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "node_modules",
        "__MACOSX", "lost+found"];

    private readonly Regex[] _patterns;

    public ExclusionPatterns(IEnumerable<string> patterns) =>
        _patterns = [.. Always.Concat(patterns).Where(p => p.Length > 0).Select(ToRegex)];

    /// <param name="path">Relative to the root, with <c>/</c>, without one at either end.</param>
    public bool Excludes(string path) => Array.Exists(_patterns, p => p.IsMatch(path));

    private static Regex ToRegex(string pattern)
    {
        var body = pattern.Trim('/');
        var anchored = pattern.TrimEnd('/').Contains('/', StringComparison.Ordinal);
        var regex = new StringBuilder(anchored ? "^" : "(^|/)");
        for (var i = 0; i < body.Length; i++)
        {
            if (body.AsSpan(i).StartsWith("**/", StringComparison.Ordinal))
            {
                regex.Append("(.*/)?");
                i += 2;
            }
            else if (body.AsSpan(i).StartsWith("**", StringComparison.Ordinal))
            {
                regex.Append(".*");
                i++;
            }
            else
            {
                regex.Append(body[i] switch
                {
                    '*' => "[^/]*",
                    '?' => "[^/]",
                    var other => Regex.Escape(other.ToString()),
                });
            }
        }

        return new Regex(regex.Append("(/|$)").ToString(), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }
}
