using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sightline.Search;

/// <summary>
/// Where one Sightline keeps its things. <see cref="Root"/> holds what must last (PostgreSQL's files, thumbnails, models);
/// <see cref="Runtime"/> is a short path with mode 0700 for sockets, whose paths end at 107 bytes.
/// </summary>
public sealed record DataFolder(string Root, string Runtime)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // PostgreSQL, started by root, runs as another user who must be able to pass through.
    private const UnixFileMode OwnerAndPassage = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public string Postgres => Path.Combine(Root, "postgres");

    /// <summary>PostgreSQL's own socket folder: it belongs to the user that the server runs as.</summary>
    public string PostgresSocket => Runtime + "-pg";

    public string Thumbnails => Path.Combine(Root, "thumbnails");

    /// <summary>What seals the sessions of the page.</summary>
    public string Secrets => Path.Combine(Root, "secrets");

    public string Models => Path.Combine(Root, "models");

    /// <summary>A folder for each training, by its name.</summary>
    public string Training => Path.Combine(Root, "training");

    /// <summary>See <see cref="Search.Settings"/>.</summary>
    public string Settings => Path.Combine(Root, "settings.json");

    public string LockFile => Path.Combine(Root, "lock");

    /// <summary>The daemon's HTTP API on a Unix socket, through which every other command reaches it.</summary>
    public string ApiSocket => Path.Combine(Runtime, "api.sock");

    /// <summary>
    /// Picks and creates the folders: <paramref name="folder"/> (from <c>--data</c> or SIGHTLINE_DATA), or <c>/var/lib/sightline</c>
    /// for root, or <c>$XDG_DATA_HOME/sightline</c> (<c>~/.local/share/sightline</c>).
    /// </summary>
    /// <exception cref="DataFolderException">A folder cannot be created or is open to others; says which and what to do.</exception>
    public static DataFolder Open(string? folder)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder ?? DefaultRoot()));
        try
        {
            Directory.CreateDirectory(root, Environment.IsPrivilegedProcess ? OwnerAndPassage : OwnerOnly);
            return new DataFolder(root, CreateRuntime(root));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException(
                $"The data folder {root} cannot be used: {e.Message} Name another with --data or SIGHTLINE_DATA.", e);
        }
    }

    private static string DefaultRoot()
    {
        if (Environment.IsPrivilegedProcess)
        {
            return "/var/lib/sightline";
        }

        var shared = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        return Path.Combine(
            string.IsNullOrEmpty(shared)
                ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/share") : shared,
            "sightline");
    }

    private static string CreateRuntime(string root)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)))[..12];
        if (Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory("/run/sightline", OwnerAndPassage);
            return CreateOwned(Path.Combine("/run/sightline", name));
        }

        var session = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        var parent = !string.IsNullOrEmpty(session) && session.Length < 64 && Directory.Exists(session)
            ? Path.Combine(session, "sightline")
            : string.Create(CultureInfo.InvariantCulture, $"/tmp/sightline-{Posix.EffectiveUserId()}");
        CreateOwned(parent);
        return CreateOwned(Path.Combine(parent, name));
    }

    private static string CreateOwned(string path)
    {
        Directory.CreateDirectory(path, OwnerOnly);
        var info = new DirectoryInfo(path);
        if (info.LinkTarget is not null)
        {
            throw new DataFolderException($"{path} is a link; sockets go only into a folder of our own. Remove it.");
        }

        // Only its owner (or root) may change a folder's mode: this both closes the folder and proves that it is ours.
        File.SetUnixFileMode(path, OwnerOnly);
        return path;
    }
}
