using System.CommandLine;
using System.Text.Json;
using Sightline.Cli.Host;
using Sightline.Curation;
using Sightline.Search;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>curate download DATASET FOLDER</c>.</summary>
internal static class CurateDownload
{
    internal static Command Create()
    {
        var resizes = Enum.GetValues<ResizeMode>().ToDictionary(m => JsonNamingPolicy.SnakeCaseLower.ConvertName(m.ToString()));
        var dataset = CurateCommand.DatasetArgument();
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Where the shards go; the same download goes on there." };
        var name = new Option<string>("--as") { Description = "Import the shards as a dataset of this name, once they are there." };
        var concurrency = new Option<int?>("--concurrency") { Description = "Addresses under way at once." };
        var perHost = new Option<int>("--per-host") { Description = "Of one host.", DefaultValueFactory = _ => 4 };
        var retries = new Option<int>("--retries") { Description = "Tries after the first, where the failure may pass.", DefaultValueFactory = _ => 2 };
        var timeout = new Option<double>("--timeout") { Description = "Seconds of one try.", DefaultValueFactory = _ => 15 };
        var resize = new Option<string>("--resize") { Description = $"{string.Join(", ", resizes.Keys)}.", DefaultValueFactory = _ => "none" };
        resize.AcceptOnlyFromAmong([.. resizes.Keys]);
        var size = new Option<int>("--size") { Description = "Pixels of the side that --resize sets.", DefaultValueFactory = _ => 256 };
        var format = new Option<string>("--image-format") { Description = "jpg, png or webp, of images that are resized.", DefaultValueFactory = _ => "jpg" };
        var quality = new Option<int>("--quality") { Description = "1 to 100, of jpg and webp.", DefaultValueFactory = _ => 95 };
        var ignore = new Option<bool>("--ignore-opt-out") { Description = "Fetch also what servers forbid by X-Robots-Tag: noai and the like." };
        var command = new Command("download", "Fetch the images of a dataset's addresses into WebDataset shards, as img2dataset lays them out.")
        {
            dataset, folder, name, concurrency, perHost, retries, timeout, resize, size, format, quality, ignore,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            var output = parsed.GetValue(folder)!.FullName;
            var request = new DownloadRequestDto(
                output, parsed.GetValue(concurrency), parsed.GetValue(perHost), parsed.GetValue(retries), parsed.GetValue(timeout),
                resizes[parsed.GetValue(resize)!], parsed.GetValue(size), parsed.GetValue(format)!, parsed.GetValue(quality), parsed.GetValue(ignore));
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var job = await session.PostAsync<JobDto>($"{CurateCommand.PathOf(parsed.GetValue(dataset)!)}/download", request, cancellationToken);
            job = await IndexCommand.FollowAsync(session, job, cancels: true, options, cancellationToken);
            if (job.State != JobState.Succeeded || parsed.GetValue(name) is not { } imported)
            {
                if (options.Json)
                {
                    Output.Json(job);
                }

                return CurateCommand.ExitCode(job);
            }

            return await CurateImport.RunAsync(session, new DatasetRequest(imported, output, "img2dataset"), options, cancellationToken);
        });
        return command;
    }
}
