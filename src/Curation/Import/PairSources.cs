namespace Sightline.Curation.Import;

/// <summary>Opens what pairs can be imported from.</summary>
public static class PairSources
{
    private const int FilesToCheck = 3;

    /// <summary>
    /// webdataset (tars), img2dataset (its folders of tars or files, with their tables), csv, tsv, jsonl (lines, or an array), parquet,
    /// coco (captions), imagefolder (Hugging Face), folder (images with texts beside them), text (addresses, one a line).
    /// </summary>
    public static IReadOnlyList<string> Formats { get; } =
    [
        WebDatasetSource.WebDataset, Img2DatasetSource.Img2Dataset, DelimitedSource.Csv, DelimitedSource.Tsv, JsonSource.Lines,
        ParquetTableSource.Parquet, CocoSource.Coco, ImageFolderSource.ImageFolder, FolderSource.Folder, TextSource.Text,
    ];

    /// <summary>Finds the files of a request and their format, and looks whether their columns say what is needed. Nothing is held
    /// open.</summary>
    /// <exception cref="PairSourceException">There is nothing to read; the message says what was found, and what can be done.</exception>
    public static IPairSource Open(PairSourceRequest request)
    {
        if (request.Format is not null && !Formats.Contains(request.Format))
        {
            throw new PairSourceException($"There is no format {request.Format}; there are {string.Join(", ", Formats)}.");
        }

        var found = SourceFiles.Find(request.Path);
        if (found.Files is null)
        {
            OwnExport.At(found.Root)?.Check(found.Root);
        }

        var (format, files, unreachable) = found.Files is null
            ? SourceFolder.Find(found.Root, request.Format)
            : (request.Format ?? FormatOf(found.Files.Where(f => !found.Unreachable.ContainsKey(f))), found.Files, found.Unreachable);
        if (found.Files is not null && format is FolderSource.Folder)
        {
            throw new PairSourceException($"{request.Path} is no folder, which the format {format} asks for.");
        }

        var export = OwnExport.Of(files);
        export?.Check(files[0]);

        // A split may have no pairs; its file is there all the same.
        files = export is not null && files.Where(f => new FileInfo(f).Length > 0).ToList() is { Count: > 0 } filled ? filled : files;
        return Checked(Create(format, found.Root, files, unreachable, request with { Export = export }));
    }

    /// <summary>Where the images lie that an export of Sightline's own names in its tables, as its manifest says; null where the request
    /// is for anything else.</summary>
    /// <exception cref="PairSourceException">There is nothing to read.</exception>
    public static string? FindImageFolder(PairSourceRequest request)
    {
        var found = SourceFiles.Find(request.Path);
        return (found.Files is null ? OwnExport.At(found.Root) : OwnExport.Of(found.Files))?.ImageFolder;
    }

    private static IPairSource Create(
        string format, string root, IReadOnlyList<string> files, IReadOnlyDictionary<string, string> unreachable,
        PairSourceRequest request) => format switch
        {
            WebDatasetSource.WebDataset => new WebDatasetSource(files, request) { Unreachable = unreachable },
            Img2DatasetSource.Img2Dataset => new Img2DatasetSource(root, files, request) { Unreachable = unreachable },
            DelimitedSource.Csv or DelimitedSource.Tsv => new DelimitedSource(format, files, request) { Unreachable = unreachable },
            JsonSource.Lines => new JsonSource(files, request) { Unreachable = unreachable },
            ParquetTableSource.Parquet => new ParquetTableSource(files, request) { Unreachable = unreachable },
            CocoSource.Coco => new CocoSource(files, request) { Unreachable = unreachable },
            ImageFolderSource.ImageFolder => new ImageFolderSource(files, unreachable, request),
            FolderSource.Folder => new FolderSource(root, files, request),
            _ => new TextSource(files, request) { Unreachable = unreachable },
        };

    /// <summary>Wrong columns are told before anything is read; a file that cannot be read at all is no reason against the
    /// others.</summary>
    private static IPairSource Checked(IPairSource source)
    {
        PairSourceException? fault = null;
        foreach (var file in source.Files.Take(FilesToCheck))
        {
            try
            {
                Check(source, file);
                return source;
            }
            catch (PairSourceException e)
            {
                fault ??= e;
            }
        }

        throw fault!;
    }

    private static void Check(IPairSource source, string file)
    {
        if (source is ImageFolderSource folder)
        {
            folder.Check(file);
            return;
        }

        ((FileSource)source).Check(file);
    }

    /// <summary>The format of files that were named, all like the first that is there.</summary>
    private static string FormatOf(IEnumerable<string> files)
    {
        var file = files.FirstOrDefault(File.Exists)
            ?? throw new PairSourceException("All files of this pattern are links that lead out of its folder; name them.");
        return SourceKinds.FormatOf(file)
            ?? throw new PairSourceException(
                $"{file} is of no format that is known by its ending or its beginning; say which with the format, one of "
                + $"{string.Join(", ", Formats)}.");
    }
}
