using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sightline.Models.Images;

namespace Sightline.Search;

/// <summary>What somebody wrote into the search box.</summary>
public sealed record ParsedQuery(IReadOnlyList<QueryTerm> Terms, QueryShift? Shift);

/// <summary>
/// Reads the search box. Terms are joined by <c>+</c> and <c>-</c> with a space before and after (so "t-shirt" and "black-and-white" are
/// words), weighted by a number and a colon, quoted where they hold such signs: <c>2:dog + beach - people</c>. <c>#33</c> is an image of the
/// collection, <c>upload:NAME</c> a picture that was given. After pictures, <c>but</c> turns the query: <c>#33 but at night</c>,
/// <c>#33 but red instead of blue</c>.
/// </summary>
public static partial class QueryParser
{
    /// <summary>Most terms in one query.</summary>
    public const int MaxTerms = 32;

    private const float MaxWeight = 100;

    /// <param name="text">The box.</param>
    /// <param name="uploaded">Finds an uploaded picture by name; throws an <see cref="ArgumentException"/> where there is none.</param>
    /// <exception cref="ArgumentException">A weight, a sign or a picture that cannot be; says which.</exception>
    public static ParsedQuery Parse(string text, Func<string, RgbImage> uploaded)
    {
        var but = But().Match(text);
        return but.Success
            ? new ParsedQuery(Terms(but.Groups["pictures"].Value, uploaded), ParseShift(but.Groups["shift"].Value))
            : new ParsedQuery(Terms(text, uploaded), null);
    }

    /// <summary>What follows "but": "at night", or "red instead of blue".</summary>
    public static QueryShift ParseShift(string text) => InsteadOf().Match(text) is { Success: true } both
        ? new QueryShift(both.Groups["to"].Value, both.Groups["from"].Value)
        : new QueryShift(text.Trim(), null);

    /// <summary>The words of the terms that are wanted, for whoever looks them up.</summary>
    public static string WordsOf(IEnumerable<QueryTerm> terms) =>
        string.Join(' ', terms.OfType<TextTerm>().Where(t => t.Weight > 0).Select(t => t.Text));

    private static List<QueryTerm> Terms(string text, Func<string, RgbImage> uploaded)
    {
        var terms = new List<QueryTerm>();
        foreach (var (sign, part) in Split(text))
        {
            terms.Add(Term(sign, part, uploaded));
        }

        return terms.Count <= MaxTerms ? terms : throw new ArgumentException($"A query has at most {MaxTerms} terms, not {terms.Count}.");
    }

    // Signs stand alone between spaces; a sign may also open the query. Nothing in quotes is a sign.
    private static List<(int Sign, string Part)> Split(string text)
    {
        var parts = new List<(int, string)>();
        var (sign, part, quoted) = (1, new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            var isSign = text[i] is '+' or '-' && !quoted && (i == 0 || char.IsWhiteSpace(text[i - 1]))
                && (i + 1 == text.Length || char.IsWhiteSpace(text[i + 1]));
            if (isSign)
            {
                End(parts.Count == 0);
                sign = text[i] == '+' ? 1 : -1;
                continue;
            }

            quoted ^= text[i] == '"';
            part.Append(text[i]);
        }

        End(isFirst: false);
        return parts.Count > 0 || string.IsNullOrWhiteSpace(text) ? parts : throw new ArgumentException($"{text.Trim()} is no query; signs join words.");

        void End(bool isFirst)
        {
            var given = part.ToString().Trim();
            part.Clear();
            if (given.Length > 0)
            {
                parts.Add((sign, given));
            }
            else if (!isFirst && parts.Count > 0)
            {
                throw new ArgumentException($"After a {(sign > 0 ? '+' : '-')} comes a word or a picture.");
            }
        }
    }

    private static QueryTerm Term(int sign, string part, Func<string, RgbImage> uploaded)
    {
        var weight = (float)sign;
        if (Weighted().Match(part) is { Success: true } weighted)
        {
            var number = float.Parse(weighted.Groups["weight"].Value, CultureInfo.InvariantCulture);
            weight *= number is > 0 and <= MaxWeight ? number
                : throw new ArgumentException($"The weight {weighted.Groups["weight"].Value} is not above 0 and at most {MaxWeight}.");
            part = weighted.Groups["term"].Value;
        }

        if (Image().Match(part) is { Success: true } image)
        {
            return new ImageTerm(new ImageId(long.Parse(image.Groups["id"].Value, CultureInfo.InvariantCulture)), weight);
        }

        if (Upload().Match(part) is { Success: true } upload)
        {
            return new PictureTerm(uploaded(upload.Groups["name"].Value), weight);
        }

        var words = part.Replace("\"", "", StringComparison.Ordinal).Trim();
        return words.Length > 0 ? new TextTerm(words, weight) : throw new ArgumentException("The query has no words.");
    }

    [GeneratedRegex(@"^(?<weight>\d{1,4}(\.\d{1,4})?):\s*(?<term>[^\d\s].*)$", RegexOptions.Singleline)]
    private static partial Regex Weighted();

    [GeneratedRegex(@"^#(?<id>\d{1,18})$")]
    private static partial Regex Image();

    [GeneratedRegex("^upload:(?<name>[0-9a-z]{1,64})$")]
    private static partial Regex Upload();

    [GeneratedRegex(
        @"^\s*(?<pictures>(#\d{1,18}|upload:[0-9a-z]{1,64})(\s\+\s(#\d{1,18}|upload:[0-9a-z]{1,64}))*)\s+but\s+(?<shift>\S.*)$",
        RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex But();

    [GeneratedRegex(@"^\s*(?<to>\S.*?)\s+instead\s+of\s+(?<from>\S.*?)\s*$", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex InsteadOf();
}
