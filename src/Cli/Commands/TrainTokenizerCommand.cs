using System.CommandLine;
using System.Globalization;
using Sightline.Training.Tokenizer;

namespace Sightline.Cli.Commands;

/// <summary><c>train tokenizer --config FILE --out DIR</c>.</summary>
internal static class TrainTokenizerCommand
{
    internal static Command Create()
    {
        var config = new Option<FileInfo>("--config") { Description = "A configuration: its data and tokenizer.", Required = true };
        var output = new Option<DirectoryInfo>("--out") { Description = "Folder for vocab.json and merges.txt.", Required = true };
        var command = new Command("tokenizer", "Learn a byte-level BPE vocabulary from captions, in CLIP's format.") { config, output };
        command.SetAction((parsed, cancellationToken) => Task.Run(
            () =>
            {
                var folder = parsed.GetValue(output)!.FullName;
                var trained = TokenizerTraining.Run(parsed.GetValue(config)!.FullName, folder, cancellationToken);
                if (CommonOptions.Read(parsed).Json)
                {
                    Output.Json(trained);
                    return;
                }

                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{trained.Merges:N0} merges from {trained.Captions:N0} captions of {trained.Words:N0} words; {trained.VocabularySize:N0} tokens in {folder}"));
            },
            cancellationToken));
        return command;
    }
}
