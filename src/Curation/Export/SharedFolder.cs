using System.Text;

namespace Sightline.Curation.Export;

/// <summary>The deepest folder in which all of some images lie.</summary>
internal sealed class SharedFolder
{
    private byte[]? _folder;

    /// <summary>Absolute; null: no image was added.</summary>
    internal string? Path => _folder is null ? null : _folder.Length == 1 ? "/" : Encoding.UTF8.GetString(_folder.AsSpan()[..^1]);

    /// <param name="image">As <see cref="ImageLocation"/> writes it; anything else lies nowhere.</param>
    internal void Add(ReadOnlySpan<byte> image)
    {
        // Most lie where those before do.
        if (_folder is not null && image.StartsWith(_folder))
        {
            return;
        }

        if (ImageLocation.TryParse(image, out var location))
        {
            Narrow(Encoding.UTF8.GetBytes(location.Path));
        }
    }

    /// <param name="folder">Absolute; null: none.</param>
    internal void AddFolder(string? folder)
    {
        if (folder is not null)
        {
            Narrow(Encoding.UTF8.GetBytes(folder.TrimEnd('/') + "/"));
        }
    }

    // Folders end with a slash.
    private void Narrow(ReadOnlySpan<byte> path)
    {
        var shared = _folder is null ? path : path[..path.CommonPrefixLength(_folder)];
        _folder = shared[..(shared.LastIndexOf((byte)'/') + 1)].ToArray();
    }
}
