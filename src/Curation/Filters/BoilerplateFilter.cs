using System.Globalization;

namespace Sightline.Curation;

/// <summary>
/// Captions are not mostly dates and boilerplate: DALL-E's training set left captions out that were little but boilerplate such as
/// "photographed on &lt;date&gt;" (Ramesh et al. 2021, appendix C), which is what the defaults do.
/// </summary>
/// <param name="maxShare">Most share of the characters that marks cover in a caption with a date or boilerplate, in [0, 1].</param>
/// <param name="dropAnyDate">Every caption with a calendar date drops.</param>
/// <param name="dropAnyBoilerplate">Every caption with boilerplate drops.</param>
public sealed class BoilerplateFilter(double maxShare, bool dropAnyDate, bool dropAnyBoilerplate) : PairFilter(
    "dates_and_boilerplate", FilterCost.Numbers,
    new DropReason("mostly_boilerplate", string.Create(CultureInfo.InvariantCulture, $"more than {maxShare:P0} is dates and boilerplate")),
    new DropReason("date", "a calendar date"),
    new DropReason("boilerplate", "boilerplate"))
{
    private readonly double _maxShare = (double)(Half)maxShare;

    internal static FilterDefinition Definition { get; } = new(
        "dates_and_boilerplate", "Dates and boilerplate", "Captions are not mostly dates and boilerplate such as “photographed on 12 March 2015”.",
        [
            new FilterParameter("max_share", "At most dates and boilerplate", ParameterKind.Share, "0.5", 0, 1, Field: PairField.MarkedShare),
            new FilterParameter("drop_any_date", "Drop captions with any calendar date", ParameterKind.Boolean, "false"),
            new FilterParameter("drop_any_boilerplate", "Drop captions with any boilerplate", ParameterKind.Boolean, "false"),
        ],
        a => new BoilerplateFilter(a.Number("max_share") ?? 1, a.Boolean("drop_any_date"), a.Boolean("drop_any_boilerplate")));

    /// <inheritdoc/>
    public override int Check(in Pair pair)
    {
        ref readonly var facts = ref pair.Facts;
        var hasDate = (facts.Marks & CaptionMarks.Date) != 0;
        var hasBoilerplate = (facts.Marks & CaptionMarks.Boilerplate) != 0;
        return !hasDate && !hasBoilerplate ? Keep
            : (double)facts.MarkedShare > _maxShare ? 0
            : hasDate && dropAnyDate ? 1
            : hasBoilerplate && dropAnyBoilerplate ? 2
            : Keep;
    }
}
