using System.CommandLine;
using Sightline.Cli.Host;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>curate measure DATASET [--clip]</c>.</summary>
internal static class CurateMeasure
{
    internal static Command Create()
    {
        var dataset = CurateCommand.DatasetArgument();
        var clip = new Option<bool>("--clip") { Description = "Also the model's embeddings, the similarity of image and caption, and how much an image is text." };
        var command = new Command("measure", "Look at a dataset's images: size, hashes, sharpness and the like. What is known is not looked at again.") { dataset, clip };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var job = await session.PostAsync<JobDto>(
                $"{CurateCommand.PathOf(parsed.GetValue(dataset)!)}/measure", new MeasureRequestDto(parsed.GetValue(clip)), cancellationToken);
            job = await IndexCommand.FollowAsync(session, job, cancels: true, options, cancellationToken);
            if (options.Json)
            {
                Output.Json(job);
            }

            return CurateCommand.ExitCode(job);
        });
        return command;
    }
}
