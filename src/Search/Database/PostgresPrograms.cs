using System.Globalization;

namespace Sightline.Search;

/// <summary>PostgreSQL's programs on this machine, and the user they must run as.</summary>
internal sealed record PostgresPrograms(string Folder, int MajorVersion, string? RunAs)
{
    // PostgreSQL refuses to run as root; Debian's package brings this user.
    private const string PackageUser = "postgres";

    /// <summary>Finds SIGHTLINE_PG_BIN, or the newest version under /usr/lib/postgresql, or what PATH leads to.</summary>
    /// <exception cref="DatabaseException">There is none; says what to install.</exception>
    internal static async Task<PostgresPrograms> FindAsync(CancellationToken cancellationToken)
    {
        var folder = Candidates().FirstOrDefault(f => File.Exists(Path.Combine(f, "initdb")) && File.Exists(Path.Combine(f, "pg_ctl")))
            ?? throw new DatabaseException(
                "PostgreSQL is not installed: apt-get install postgresql, or name its programs' folder in SIGHTLINE_PG_BIN, "
                + "or give a server with --database.");
        var (exit, version) = await Command.RunAsync([Path.Combine(folder, "postgres"), "--version"], cancellationToken);
        var number = version.Split(' ').FirstOrDefault(word => char.IsAsciiDigit(word[0]))?.Split('.')[0];
        if (exit != 0 || !int.TryParse(number, CultureInfo.InvariantCulture, out var major))
        {
            throw new DatabaseException($"{folder}/postgres --version says: {version}");
        }

        return new PostgresPrograms(folder, major, await FindUserAsync(cancellationToken));
    }

    internal string[] Invocation(string program, params ReadOnlySpan<string> arguments) =>
    [
        .. RunAs is null ? Array.Empty<string>() : ["setpriv", $"--reuid={RunAs}", $"--regid={RunAs}", "--init-groups"],
        Path.Combine(Folder, program),
        .. arguments,
    ];

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("SIGHTLINE_PG_BIN") is { Length: > 0 } named)
        {
            yield return named;
        }

        if (Directory.Exists("/usr/lib/postgresql"))
        {
            foreach (var version in Directory.GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(f => int.TryParse(Path.GetFileName(f), CultureInfo.InvariantCulture, out var n) ? n : 0))
            {
                yield return Path.Combine(version, "bin");
            }
        }

        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return folder;
        }
    }

    private static async Task<string?> FindUserAsync(CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return null;
        }

        var (exit, _) = await Command.RunAsync(["id", "-u", PackageUser], cancellationToken);
        return exit == 0
            ? PackageUser
            : throw new DatabaseException($"PostgreSQL does not run as root and this machine has no user {PackageUser}: "
                + "apt-get install postgresql, or start Sightline as an ordinary user.");
    }
}
