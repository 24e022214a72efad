using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Host;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>similar ID|FILE</c>: what is most like an image of the collection, or like a picture on disk.</summary>
internal static class SimilarCommand
{
    internal static Command Create()
    {
        var what = new Argument<string>("image") { Description = "A picture file, or the id of an image in the collection." };
        var limit = SearchCommand.LimitOption();
        var command = new Command("similar", "Search by a picture.") { what, limit };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var (image, count) = (parsed.GetValue(what)!, parsed.GetValue(limit));
            var hits = File.Exists(image)
                ? await session.PostFileAsync<SearchResponse>($"/api/similar?limit={count}",
                    await File.ReadAllBytesAsync(image, cancellationToken), cancellationToken)
                : long.TryParse(image, CultureInfo.InvariantCulture, out var id)
                    ? await session.GetAsync<SearchResponse>(
                        string.Create(CultureInfo.InvariantCulture, $"/api/images/{id}/similar?limit={count}"), cancellationToken)
                    : throw new CommandException($"{image} is neither a file nor the id of an image.");
            Output.Hits(hits, options.Json);
            return 0;
        });
        return command;
    }
}
