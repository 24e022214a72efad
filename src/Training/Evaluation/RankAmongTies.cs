namespace Sightline.Training.Evaluation;

/// <summary>
/// Where the right answers stand in a ranking when equal scores are put in an order by chance: what breaking ties at random would give on
/// average, so that a model which scores everything alike does as well as guessing, not better and not worse.
/// </summary>
/// <param name="Above">Wrong answers with a higher score than the best right one.</param>
/// <param name="Wrong">Wrong answers with the same score as the best right one.</param>
/// <param name="Right">Right answers with that score, 1 at least.</param>
internal readonly record struct RankAmongTies(int Above, int Wrong, int Right)
{
    /// <summary>The expected place of the first right answer, from 1: the least of r places drawn from w + r is (w + r + 1) / (r + 1) in
    /// the mean.</summary>
    internal double Expected => Above + (Wrong + Right + 1.0) / (Right + 1);

    /// <summary>The probability that a right answer is among the first k.</summary>
    internal double Within(int k)
    {
        // None of the first places of the tie is right: (w / (w + r)) ((w - 1) / (w + r - 1)) ...
        var missed = 1.0;
        for (var place = 0; place < k - Above && missed > 0; place++)
        {
            missed *= Math.Max(0, (double)(Wrong - place) / Math.Max(1, Wrong + Right - place));
        }

        return 1 - missed;
    }
}
