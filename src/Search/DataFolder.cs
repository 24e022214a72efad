namespace Sightline.Search;

/// <summary>
/// Where one Sightline keeps its things. <see cref="Root"/> holds what must last (PostgreSQL's files, thumbnails, models);
/// <see cref="Runtime"/> is a short path with mode 0700 for sockets, whose paths end at 107 bytes.
/// </summary>
public sealed record DataFolder(string Root, string Runtime)
{
    public string Postgres => Path.Combine(Root, "postgres");

    public string Thumbnails => Path.Combine(Root, "thumbnails");

    public string Models => Path.Combine(Root, "models");

    public string LockFile => Path.Combine(Root, "lock");

    /// <summary>The daemon's HTTP API on a Unix socket, through which every other command reaches it.</summary>
    public string ApiSocket => Path.Combine(Runtime, "api.sock");

    /// <summary>
    /// Picks and creates the folders: <paramref name="folder"/> (from <c>--data</c> or SIGHTLINE_DATA), or <c>/var/lib/sightline</c>
    /// for root, or <c>$XDG_DATA_HOME/sightline</c> (<c>~/.local/share/sightline</c>).
    /// </summary>
    /// <exception cref="DataFolderException">A folder cannot be created or is open to others; says which and what to do.</exception>
    public static DataFolder Open(string? folder) => throw new NotImplementedException();
}

/// <summary>The data folder cannot be used; the message says why and what to do.</summary>
public sealed class DataFolderException(string message) : Exception(message);
