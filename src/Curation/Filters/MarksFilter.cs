using System.Globalization;

namespace Sightline.Curation;

/// <summary>Captions hold nothing that is no description: addresses, markup, names of people and files. See <see cref="CaptionMarks"/>.</summary>
/// <param name="dropped">Marks that drop a pair, each for a reason of its own; of Url, Email, Markup, Handle and FileName.</param>
/// <param name="maxMarked">Most share of the caption's characters that marks of any kind cover, in [0, 1]; null: any.</param>
public sealed class MarksFilter(CaptionMarks dropped, double? maxMarked) : PairFilter(
    "marks", FilterCost.Numbers,
    new DropReason("url", "a web address"),
    new DropReason("email", "an e-mail address"),
    new DropReason("markup", "markup"),
    new DropReason("handle", "a name or tag such as @someone or #sunset"),
    new DropReason("file_name", "a file's name"),
    new DropReason("mostly_marked", string.Create(CultureInfo.InvariantCulture, $"more than {maxMarked:P0} is no description")))
{
    // A share as it is stored: 0.3 must pass 0.3.
    private readonly double _maxMarked = maxMarked is { } most ? (double)(Half)most : double.PositiveInfinity;

    internal static FilterDefinition Definition { get; } = new(
        "marks", "Addresses and markup", "Captions hold no web or e-mail addresses, markup, handles or files' names.",
        [
            new FilterParameter("drop_url", "Drop captions with a web address", ParameterKind.Boolean, "true"),
            new FilterParameter("drop_email", "Drop captions with an e-mail address", ParameterKind.Boolean, "true"),
            new FilterParameter("drop_markup", "Drop captions with markup", ParameterKind.Boolean, "true"),
            new FilterParameter("drop_handle", "Drop captions with @names or #tags", ParameterKind.Boolean, "false"),
            new FilterParameter("drop_file_name", "Drop captions with a file's name", ParameterKind.Boolean, "true"),
            new FilterParameter("max_marked_share", "At most marked", ParameterKind.Share, null, 0, 1, Field: PairField.MarkedShare),
        ],
        Create);

    /// <inheritdoc/>
    public override int Check(in Pair pair)
    {
        ref readonly var facts = ref pair.Facts;
        var found = facts.Marks & dropped;
        return found == CaptionMarks.None ? (double)facts.MarkedShare > _maxMarked ? 5 : Keep
            : found.HasFlag(CaptionMarks.Url) ? 0
            : found.HasFlag(CaptionMarks.Email) ? 1
            : found.HasFlag(CaptionMarks.Markup) ? 2
            : found.HasFlag(CaptionMarks.Handle) ? 3
            : found.HasFlag(CaptionMarks.FileName) ? 4
            : Keep;
    }

    private static MarksFilter Create(FilterArguments a)
    {
        var dropped = (a.Boolean("drop_url") ? CaptionMarks.Url : 0) | (a.Boolean("drop_email") ? CaptionMarks.Email : 0)
            | (a.Boolean("drop_markup") ? CaptionMarks.Markup : 0) | (a.Boolean("drop_handle") ? CaptionMarks.Handle : 0)
            | (a.Boolean("drop_file_name") ? CaptionMarks.FileName : 0);
        return dropped == CaptionMarks.None && a.Number("max_marked_share") is null
            ? throw a.Fault("switch at least one mark on, or give max_marked_share.")
            : new MarksFilter(dropped, a.Number("max_marked_share"));
    }
}
