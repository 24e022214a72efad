namespace Sightline.Training.Data;

/// <summary>A picture of a source before it is decoded.</summary>
/// <param name="Key">Of the picture, unique within its source: its path within it, or its name in its shard.</param>
/// <param name="Location">Where its bytes are: as <see cref="Curation.ImageLocation"/> writes it, or the name of a zip's member.</param>
/// <param name="Captions">Grows while the source is read.</param>
/// <param name="Label">Empty where it has none.</param>
internal sealed record PictureDraft(string Key, string Location, List<TrainingCaption> Captions, string Label);

/// <summary>What stands where a picture should.</summary>
/// <param name="Source">File of the source.</param>
/// <param name="Place">In that file: a line, a member, or a picture's key.</param>
/// <param name="Reason">A snake_case code.</param>
/// <param name="Detail">One sentence for a person.</param>
public sealed record DataFault(string Source, string Place, string Reason, string Detail);

/// <summary>What a source holds: its pictures in its order, the classes in theirs, and what could not be read.</summary>
internal sealed record SourceContents(IReadOnlyList<PictureDraft> Pictures, IReadOnlyList<string> Labels, FaultList Faults);
