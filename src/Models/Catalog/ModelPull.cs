using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Sightline.Models.Weights;

namespace Sightline.Models;

/// <summary>How far a download is, in bytes of the file under way.</summary>
public readonly record struct PullProgress(string File, long Done, long? Total);

/// <summary>
/// Fetches a model's files from huggingface.co into the user's models folder: resumed where an earlier try broke off, each large file
/// checked against the SHA-256 that the site gives. The model appears only when it is whole and loads.
/// </summary>
public sealed class ModelPull(ModelCatalog catalog, string stagingFolder, HttpClient http)
{
    // Beside the weights: what the configuration, the tokenizer and the preprocessing are read from. Absent ones are skipped.
    private static readonly string[] SideFiles =
        ["config.json", "open_clip_config.json", "preprocessor_config.json", "vocab.json", "merges.txt", "tokenizer.json", "README.md"];

    // The first that the repository has.
    private static readonly string[] WeightFiles =
        ["model.safetensors", "open_clip_model.safetensors", "pytorch_model.bin", "open_clip_pytorch_model.bin"];

    /// <param name="repository">Such as <c>openai/clip-vit-base-patch32</c>.</param>
    /// <param name="progress">Told after every block.</param>
    /// <param name="cancellationToken">Stops; what has arrived is kept for the next try.</param>
    /// <exception cref="HttpRequestException">The site cannot be reached (says so plainly), or has no such repository.</exception>
    /// <exception cref="InvalidDataException">A file's SHA-256 is not what the site gives.</exception>
    /// <exception cref="ModelFormatException">What arrived is not a model of this family.</exception>
    public async Task<InstalledModel> RunAsync(string repository, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        var name = ModelCatalog.MainName(repository);
        var staging = Path.Combine(stagingFolder, name);
        Directory.CreateDirectory(staging);
        foreach (var file in SideFiles)
        {
            await TryFetchAsync(repository, file, staging, progress, cancellationToken);
        }

        foreach (var file in WeightFiles)
        {
            if (await TryFetchAsync(repository, file, staging, progress, cancellationToken))
            {
                var model = catalog.Add(staging, name);
                Directory.Delete(staging, recursive: true);
                return model;
            }
        }

        throw new HttpRequestException(
            $"{repository} is not on {http.BaseAddress?.Host}, or holds none of {string.Join(", ", WeightFiles)}.");
    }

    private async Task<bool> TryFetchAsync(
        string repository, string file, string folder, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        var target = Path.Combine(folder, file);
        if (File.Exists(target))
        {
            return true;
        }

        var part = target + ".part";
        var have = File.Exists(part) ? new FileInfo(part).Length : 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{repository}/resolve/main/{file}");
        request.Headers.Range = have > 0 ? new RangeHeaderValue(have, null) : null;
        using var response = await SendAsync(request, cancellationToken);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized)
        {
            return false;
        }

        if (response.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            response.EnsureSuccessStatusCode();
            await AppendAsync(response, part, response.StatusCode == HttpStatusCode.PartialContent ? have : 0, file, progress,
                cancellationToken);
        }

        await CheckAsync(part, ExpectedDigest(response), cancellationToken);
        File.Move(part, target);
        return true;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e) when (e.StatusCode is null)
        {
            throw new HttpRequestException(
                $"{http.BaseAddress?.Host} cannot be reached ({e.Message}). Is there a network? A model you have on disk is added with `sightline models add`.", e);
        }
    }

    private static async Task AppendAsync(
        HttpResponseMessage response, string part, long have, string file, IProgress<PullProgress> progress,
            CancellationToken cancellationToken)
    {
        await using var target = new FileStream(part, have > 0 ? FileMode.Append : FileMode.Create);
        await using var source = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[1 << 20];
        var total = response.Content.Headers.ContentLength + have;
        for (int read; (read = await source.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            progress.Report(new PullProgress(file, have += read, total));
        }

        if (total is { } expected && have != expected)
        {
            throw new HttpRequestException($"{file} broke off at {have} of {expected} bytes; run the command again to go on from there.");
        }
    }

    // Files kept in large-file storage carry their SHA-256 as an entity tag; small ones carry git's own hash, which says nothing here.
    private static string? ExpectedDigest(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-Linked-ETag", out var tags) && tags.First().Trim('"') is { Length: 64 } digest ? digest : null;

    private static async Task CheckAsync(string part, string? expected, CancellationToken cancellationToken)
    {
        if (expected is null)
        {
            return;
        }

        string actual;
        await using (var file = File.OpenRead(part))
        {
            actual = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
        }

        if (!actual.Equals(expected, StringComparison.OrdinalIgnoreCase))
        {
            File.Delete(part);
            throw new InvalidDataException(
                $"{Path.GetFileName(part)} arrived with SHA-256 {actual} instead of {expected}; it was thrown away.");
        }
    }
}
