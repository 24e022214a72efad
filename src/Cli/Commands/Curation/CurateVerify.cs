using System.CommandLine;
using Sightline.Curation.Export;

namespace Sightline.Cli.Commands;

/// <summary><c>curate verify FOLDER</c>.</summary>
internal static class CurateVerify
{
    internal static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "An export." };
        var command = new Command("verify", "Read an export back: every file's digest, every pair once, every image whole. Needs no server.") { folder };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var check = await ExportVerifier.VerifyAsync(parsed.GetValue(folder)!.FullName, cancellationToken);
            if (CommonOptions.Read(parsed).Json)
            {
                Output.Json(check);
                return check.ProblemCount == 0 ? 0 : 1;
            }

            foreach (var problem in check.Problems)
            {
                Console.Out.WriteLine(problem);
            }

            Console.Out.WriteLine(check.ProblemCount == 0
                ? $"{CurateCommand.Number(check.Pairs)} pairs, {CurateCommand.Number(check.Bytes)} bytes: all as the manifest says."
                : $"{CurateCommand.Number(check.ProblemCount)} problems.");
            return check.ProblemCount == 0 ? 0 : 1;
        });
        return command;
    }
}
