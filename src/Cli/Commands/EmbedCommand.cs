using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Host;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>embed TEXT... --image FILE</c>: unit-length vectors, a line each, texts before pictures.</summary>
internal static class EmbedCommand
{
    internal static Command Create()
    {
        var texts = new Argument<string[]>("text") { Description = "Texts to embed.", Arity = ArgumentArity.ZeroOrMore };
        var images = new Option<string[]>("--image") { Description = "A picture to embed; may be repeated." };
        var command = new Command("embed", "Embed texts and pictures.") { texts, images };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            var inputs = new List<string>(parsed.GetValue(texts) ?? []);
            foreach (var file in parsed.GetValue(images) ?? [])
            {
                inputs.Add("data:image/*;base64," + Convert.ToBase64String(await File.ReadAllBytesAsync(file, cancellationToken)));
            }

            await using var session = await Session.OpenAsync(options, cancellationToken);
            var request = new EmbeddingsRequest(JsonSerializer.SerializeToElement(inputs), null, null, null, null);
            var response = await session.PostAsync<EmbeddingsResponse>("/v1/embeddings", request, cancellationToken);
            if (options.Json)
            {
                Output.Json(response);
                return 0;
            }

            foreach (var item in response.Data)
            {
                Console.Out.WriteLine(string.Join(' ', item.Embedding.EnumerateArray().Select(v => v.GetSingle().ToString("R", CultureInfo.InvariantCulture))));
            }

            return 0;
        });
        return command;
    }
}
