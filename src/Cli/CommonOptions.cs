using System.CommandLine;
using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Search;

namespace Sightline.Cli;

internal enum LogFormat
{
    Text,
    Json,
}

/// <summary>Options that every command takes, with the environment variables behind them.</summary>
internal sealed record CommonOptions(
    DataFolder Data, string? Database, string? Model, ComputeOptions Compute, bool Json, bool Verbose, LogFormat LogFormat)
{
    private static readonly Option<string?> DataOption = new("--data") { Description = "Data folder (SIGHTLINE_DATA).", Recursive = true };
    private static readonly Option<string?> DatabaseOption = new("--database")
    {
        Description = "Connection string of a PostgreSQL server; without it Sightline runs its own (SIGHTLINE_DATABASE).", Recursive = true,
    };
    private static readonly Option<string?> ModelOption = new("--model")
    {
        Description = "Model by name or path (SIGHTLINE_MODEL).",
        Recursive = true,
    };
    private static readonly Option<string> DeviceOption = new("--device")
    {
        Description = "auto, cpu, cuda or cuda:N.",
        Recursive = true,
        DefaultValueFactory = _ => "auto",
    };
    private static readonly Option<string> PrecisionOption = new("--precision")
    {
        Description = "auto, fp32, bf16 or fp16.",
        Recursive = true,
        DefaultValueFactory = _ => "auto",
    };
    private static readonly Option<bool> JsonOption = new("--json") { Description = "Print JSON.", Recursive = true };
    private static readonly Option<bool> VerboseOption = new("--verbose") { Description = "Log what is decided.", Recursive = true };
    private static readonly Option<LogFormat> LogFormatOption = new("--log-format")
    {
        Description = "Lines of the log: text or json.",
        Recursive = true,
    };

    /// <summary>The models that came with the program, and the user's.</summary>
    internal ModelCatalog Models => new(Path.Combine(AppContext.BaseDirectory, "models"), Data.Models);

    /// <summary>Where trainings and evaluations keep what they make of data once, such as packed pictures.</summary>
    internal string TrainingCache => Path.Combine(Data.Root, "cache", "training");

    internal static void AddTo(RootCommand root)
    {
        Option[] options = [DataOption, DatabaseOption, ModelOption, DeviceOption, PrecisionOption, JsonOption, VerboseOption, LogFormatOption];
        Array.ForEach(options, root.Options.Add);
    }

    internal static CommonOptions Read(ParseResult parsed) => new(
        DataFolder.Open(parsed.GetValue(DataOption) ?? Variable("SIGHTLINE_DATA")),
            parsed.GetValue(DatabaseOption) ?? Variable("SIGHTLINE_DATABASE"),
        parsed.GetValue(ModelOption) ?? Variable("SIGHTLINE_MODEL"),
        new ComputeOptions(parsed.GetValue(DeviceOption)!, parsed.GetValue(PrecisionOption)!), parsed.GetValue(JsonOption),
            parsed.GetValue(VerboseOption), parsed.GetValue(LogFormatOption));

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
