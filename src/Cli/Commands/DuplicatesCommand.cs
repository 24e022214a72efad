using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Host;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>duplicates</c>: groups of nearly equal images, printed as they are found.</summary>
internal static class DuplicatesCommand
{
    internal static Command Create()
    {
        var above = new Option<float>("--above")
        {
            Description = "The least similarity of two images of a group, 0 to 1.", DefaultValueFactory = _ => 0.97f,
        };
        var command = new Command("duplicates", "Find images that are nearly the same.") { above };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var path = string.Create(CultureInfo.InvariantCulture, $"/api/duplicates?above={parsed.GetValue(above)}");
            var groups = 0;
            await foreach (var group in session.StreamAsync<DuplicateGroupDto>(path, cancellationToken))
            {
                groups++;
                if (options.Json)
                {
                    Output.Json(group);
                    continue;
                }

                if (groups > 1)
                {
                    Console.Out.WriteLine();
                }

                foreach (var image in group.Images)
                {
                    Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{image.Id,8}  {image.Width,5} x {image.Height,-5}  {image.Bytes,10}  {Path.Combine(image.Folder, image.Path)}"));
                }
            }

            if (groups == 0 && !options.Json)
            {
                Console.Out.WriteLine("No two images are that similar.");
            }

            return 0;
        });
        return command;
    }
}
