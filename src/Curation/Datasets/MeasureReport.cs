using System.Text.Json;

namespace Sightline.Curation;

/// <summary>An image that gave no measures.</summary>
/// <param name="Row">The pair's number in the dataset; of several with the same image, the first's.</param>
/// <param name="Image">As <see cref="ImageLocation"/> writes it.</param>
/// <param name="Reason">A snake_case code, such as vanished, truncated, corrupt or device_out_of_memory.</param>
/// <param name="Detail">One sentence for a person.</param>
public sealed record MeasuredFault(long Row, string Key, string Image, string Reason, string Detail);

/// <summary>What came of measuring a dataset's images, kept in its folder.</summary>
/// <param name="Counts">Pairs by outcome: measured, unchanged, no_image, and each fault's reason.</param>
/// <param name="Faults">The first <see cref="MostFaults"/>, by row.</param>
public sealed record MeasureReport(IReadOnlyDictionary<string, long> Counts, IReadOnlyList<MeasuredFault> Faults)
{
    public const int MostFaults = 1_000;

    private const string File = "measure-report.json";

    /// <param name="folder">Of the dataset.</param>
    /// <returns>Null: its images have not been measured to the end.</returns>
    /// <exception cref="InvalidDataException">The report is damaged.</exception>
    public static MeasureReport? Read(string folder)
    {
        var path = Path.Combine(folder, File);
        try
        {
            return System.IO.File.Exists(path) ? JsonSerializer.Deserialize<MeasureReport>(System.IO.File.ReadAllText(path), JsonSerializerOptions.Web) : null;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is no report: measure the dataset again.", e);
        }
    }

    public void Write(string folder) => AtomicFile.WriteText(Path.Combine(folder, File), JsonSerializer.Serialize(this, JsonSerializerOptions.Web));
}
