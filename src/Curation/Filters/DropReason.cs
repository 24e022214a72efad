namespace Sightline.Curation;

/// <summary>Why a filter drops a pair.</summary>
/// <param name="Code">For programs and files: the filter's name, a dot, and snake_case words, such as <c>caption_length.few_words</c>.</param>
/// <param name="Text">For people, with the threshold, such as <c>fewer than 3 words</c>.</param>
public sealed record DropReason(string Code, string Text);
