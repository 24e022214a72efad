namespace Sightline.Web.Metrics;

/// <summary>Where the process's numbers and spans come from: the rooms, ASP.NET Core, Npgsql and the runtime.</summary>
public static class TelemetryNames
{
    public static IReadOnlyList<string> Meters { get; } =
    [
        "Sightline.Models", "Sightline.Search", "Sightline.Indexer", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
        "Npgsql", "System.Runtime",
    ];

    public static IReadOnlyList<string> Sources { get; } =
        ["Sightline.Models", "Sightline.Search", "Sightline.Indexer", "Microsoft.AspNetCore", "Npgsql"];
}
