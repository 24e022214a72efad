namespace Sightline.Curation.Import;

/// <summary>
/// Folders of images with their captions beside them: name.jpg with name.txt or name.caption, as kohya's trainers have it, or name.json, as
/// img2dataset writes it too. The whole text is the caption, all lines of it. The files of this source are the folders; the names in one
/// are in memory while it is read. Places of faults are names in the folder.
/// </summary>
internal class FolderSource : FileSource
{
    internal const string Folder = "folder";

    private readonly string _root;

    /// <param name="root">Absolute and free of links.</param>
    /// <param name="folders">The root or below it.</param>
    internal FolderSource(string root, IReadOnlyList<string> folders, PairSourceRequest request, string format = Folder)
        : base(format, folders, request) => _root = root;

    protected override void ReadFile(string file, PairSink sink, CancellationToken cancellationToken)
    {
        using var row = NewRow(file, sink, null);
        ReadFolder(file, row, sink, cancellationToken);
    }

    protected void ReadFolder(string folder, PairRow row, PairSink sink, CancellationToken cancellationToken)
    {
        var entries = FolderListing.Read(folder, _root);
        var files = entries.Where(e => !e.IsFolder && e.Reason is null).Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
        var stems = entries.Where(e => !e.IsFolder && ImageEndings.IsImage(e.Name)).Select(e => Stem(e.Name))
            .ToHashSet(StringComparer.Ordinal);
        var sample = new SampleRow(row, Names, IsOwnExport);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            if (entry.Reason is not null)
            {
                sink.Fault(entry.Name, entry.Reason, entry.Detail);
            }
            else if (!entry.IsFolder)
            {
                Take(folder, entry.Name, files, stems, sample);
            }

            if (i % 256 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                sink.Advance(i);
            }
        }

        sink.Advance(entries.Count);
    }

    private void Take(string folder, string name, HashSet<string> files, HashSet<string> stems, SampleRow sample)
    {
        var stem = Stem(name);
        if (ImageEndings.IsImage(name))
        {
            sample.SetImage(ImageLocation.File(Path.Join(folder, name)));
        }
        else if (!SampleRow.IsText(Path.GetExtension(name).TrimStart('.')) || stems.Contains(stem))
        {
            // A text beside its image was read with it; anything else is no part of a pair.
            return;
        }

        var text = files.Contains(stem + ".txt") ? stem + ".txt" : files.Contains(stem + ".caption") ? stem + ".caption" : null;
        if (text is not null)
        {
            ReadPart(folder, text, SampleRow.LongestText, sample, sample.NewText);
        }

        if (files.Contains(stem + ".json"))
        {
            ReadPart(folder, stem + ".json", SampleRow.LongestJson, sample, sample.NewJson);
        }

        sample.Submit(Place.Named(name), Path.GetRelativePath(_root, Path.Join(folder, stem)));
    }

    private delegate Span<byte> NewPart(int length);

    private static void ReadPart(string folder, string name, int longest, SampleRow sample, NewPart part)
    {
        try
        {
            // A pipe has no length, and is not opened; a link has the length of what it says.
            var file = new FileInfo(Path.Join(folder, name));
            file = file.LinkTarget is null ? file : new FileInfo(RealPath.Of(file.FullName) ?? file.FullName);
            var length = file.Length;
            if (length > longest)
            {
                sample.FailTooLong(name, length, longest);
            }
            else if (length > 0)
            {
                using var handle = File.OpenHandle(file.FullName);
                var bytes = part((int)length);
                for (int at = 0, read; at < bytes.Length; at += read)
                {
                    read = RandomAccess.Read(handle, bytes[at..], at);
                    if (read == 0)
                    {
                        throw new EndOfStreamException($"{name} became shorter while it was read.");
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            sample.Fail("unreadable", e.Message);
        }
    }

    private static string Stem(string name) => Path.GetFileNameWithoutExtension(name);
}
