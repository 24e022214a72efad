using Sightline.Models;

namespace Sightline.Search;

/// <summary>How one label does on pictures whose label is known.</summary>
/// <param name="Given">Pictures that were given the tag.</param>
/// <param name="Right">Of these, the ones that have it.</param>
/// <param name="There">Pictures that have it.</param>
public sealed record LabelFigures(string Label, int Given, int Right, int There)
{
    /// <summary>Of the tags given, the share that is right; 1 where none was given.</summary>
    public double Precision => Given == 0 ? 1 : (double)Right / Given;

    /// <summary>Of the tags that should be there, the share that is.</summary>
    public double Recall => There == 0 ? 1 : (double)Right / There;

    public double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);
}

/// <param name="Labels">Each label's figures.</param>
/// <param name="All">All labels together.</param>
/// <param name="Strangers">Pictures that show none of the labels.</param>
/// <param name="StrangersLeftAlone">Of these, the ones that were given no tag.</param>
/// <param name="FirstIsRight">Of the pictures with a label, the share whose most probable label it is.</param>
public sealed record TagReport(
    double Threshold, IReadOnlyList<LabelFigures> Labels, LabelFigures All, int Strangers, int StrangersLeftAlone, double FirstIsRight)
{
    /// <param name="pictures">Each picture's embedding, and its label; null: none of the set's.</param>
    public static TagReport Of(LabelClassifier classifier, IReadOnlyList<(Embedding Picture, string? Label)> pictures, double threshold)
    {
        var figures = classifier.Set.Labels.ToDictionary(l => l.Name, l => (Given: 0, Right: 0, There: 0), StringComparer.OrdinalIgnoreCase);
        var (strangers, leftAlone, first, labelled) = (0, 0, 0, 0);
        foreach (var (picture, label) in pictures)
        {
            var found = classifier.Classify(picture);
            var given = found.Labels.Where(l => l.Probability >= (l.Label.Threshold ?? threshold)).Select(l => l.Label.Name).ToList();
            foreach (var name in given)
            {
                var (g, r, t) = figures[name];
                figures[name] = (g + 1, r + (Is(name, label) ? 1 : 0), t);
            }

            if (label is null)
            {
                strangers++;
                leftAlone += given.Count == 0 ? 1 : 0;
                continue;
            }

            var (known, right, there) = figures[label];
            figures[label] = (known, right, there + 1);
            labelled++;
            first += Is(found.Labels[0].Label.Name, label) ? 1 : 0;
        }

        LabelFigures[] rows = [.. figures.Select(f => new LabelFigures(f.Key, f.Value.Given, f.Value.Right, f.Value.There))];
        return new TagReport(
            threshold, rows, new LabelFigures("all", rows.Sum(r => r.Given), rows.Sum(r => r.Right), rows.Sum(r => r.There)), strangers, leftAlone,
            labelled == 0 ? 1 : (double)first / labelled);
    }

    private static bool Is(string name, string? label) => string.Equals(name, label, StringComparison.OrdinalIgnoreCase);
}
