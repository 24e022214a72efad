using System.Numerics.Tensors;

namespace Sightline.Training.Evaluation;

/// <summary>How well pictures are sorted into classes.</summary>
/// <param name="Top1">Share whose class scores highest.</param>
/// <param name="Top5">Share whose class is among the five highest, 0 to 1.</param>
/// <param name="MeanPerClass">The mean over the classes that have pictures of the share whose class scores highest.</param>
public sealed record ClassificationFigures(Proportion Top1, double Top5, double MeanPerClass);

/// <param name="Pictures">Of this class.</param>
/// <param name="Found">Share that is taken for it, 0 to 1.</param>
/// <param name="TakenFor">The other classes that most of the rest is taken for, most frequent first.</param>
public sealed record ClassFigures(string Class, int Pictures, double Found, IReadOnlyList<Confusion> TakenFor);

/// <param name="Share">Of the true class's pictures, 0 to 1.</param>
public sealed record Confusion(string Class, double Share);

/// <summary>Every picture's scores for every class, told by two numbers: the rank of the right one, and which scores highest.</summary>
internal sealed class ClassRanking
{
    private const int MostConfusions = 3;

    private readonly int[] _labels;
    private readonly RankAmongTies[] _ranks;
    private readonly int[] _highest;

    /// <param name="images">[N, E] row by row.</param>
    /// <param name="labels">N class numbers.</param>
    /// <param name="classes">[K, E] row by row.</param>
    internal ClassRanking(float[] images, int[] labels, float[] classes, int dimensions)
    {
        _labels = labels;
        _ranks = new RankAmongTies[labels.Length];
        _highest = new int[labels.Length];
        Parallel.For(0, labels.Length, i =>
        {
            var scores = Similarities.Of(images.AsSpan(i * dimensions, dimensions), classes);
            var right = scores[labels[i]];
            _ranks[i] = new RankAmongTies(scores.Count(s => s > right), scores.Count(s => s == right) - 1, 1);
            _highest[i] = TensorPrimitives.IndexOfMax(scores);
        });
    }

    internal ClassificationFigures Figures => new(
        Proportion.Of(_ranks.Average(r => r.Within(1)), _ranks.Length), _ranks.Average(r => r.Within(5)),
        _ranks.Zip(_labels).GroupBy(p => p.Second).Average(c => c.Average(p => p.First.Within(1))));

    /// <summary>Classes that have pictures, the worst first.</summary>
    internal IReadOnlyList<ClassFigures> Classes(IReadOnlyList<string> names) =>
    [
        .. _labels.Index().GroupBy(l => l.Item, l => l.Index).Select(c =>
        {
            var count = c.Count();
            var taken = c.Where(i => _highest[i] != c.Key).GroupBy(i => _highest[i]).OrderByDescending(g => g.Count()).ThenBy(g => g.Key)
                .Take(MostConfusions).Select(g => new Confusion(names[g.Key], (double)g.Count() / count));
            return new ClassFigures(names[c.Key], count, c.Average(i => _ranks[i].Within(1)), [.. taken]);
        }).OrderBy(c => c.Found).ThenBy(c => c.Class, StringComparer.Ordinal),
    ];
}
