using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sightline.Models.Images;
using Sightline.Models;

namespace Sightline.Indexer.Demo;

/// <summary>
/// The drawn set: labelled pictures made by our own code, the same for the same seed. A caption lies beside each picture as .txt, and all
/// of them in captions.tsv.
/// </summary>
public static partial class DemoSet
{
    /// <summary>Draws the pictures that are not there yet, on all cores.</summary>
    /// <param name="count">How many the folder shall hold; the first N of a larger set are the same pictures.</param>
    /// <param name="folder">Created where it is not there.</param>
    /// <param name="seed">Chooses everything.</param>
    /// <param name="progress">Told how many are there, after each.</param>
    /// <param name="cancellationToken">Stops; what is drawn stays, and the next call goes on.</param>
    /// <exception cref="FileNotFoundException">The emoji's names are not on this machine; names the package.</exception>
    public static void Draw(int count, string folder, int seed, IProgress<int> progress, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Directory.CreateDirectory(folder);
        var painter = new DemoPicture(EmojiList.Read());
        var captions = new string[count];
        var done = 0;
        Parallel.For(0, count, Cores.Options(cancellationToken), i =>
        {
            captions[i] = Draw(painter, i, folder, seed);
            progress.Report(Interlocked.Increment(ref done));
        });
        Write(Path.Combine(folder, "captions.tsv"), Encoding.UTF8.GetBytes("file\tcaption\n" + string.Concat(captions)));
    }

    private static string Draw(DemoPicture painter, int index, string folder, int seed)
    {
        var random = new Random(HashCode(seed, index));
        var (picture, caption) = painter.Draw(random);
        var words = NotALetter().Replace(caption, "-");
        var slug = (words.Length > 48 ? words[..words.LastIndexOf('-', 48)] : words).Trim('-');
        var ending = (index % 4) switch
        {
            2 => "png",
            3 => "webp",
            _ => "jpg",
        };
        var name = string.Create(CultureInfo.InvariantCulture, $"{index:D6}-{slug}.{ending}");
        if (!File.Exists(Path.Combine(folder, name)))
        {
            Write(Path.Combine(folder, Path.ChangeExtension(name, ".txt")), Encoding.UTF8.GetBytes(caption + "\n"));
            Write(Path.Combine(folder, name), ending switch
            {
                "png" => ImageEncoder.EncodePng(picture),
                "webp" => ImageEncoder.EncodeWebp(picture),
                _ => ImageEncoder.EncodeJpeg(picture, 90),
            });
        }

        return $"{name}\t{caption}\n";
    }

    // A kill leaves a file whole or not at all.
    private static void Write(string path, byte[] content)
    {
        var temporary = path + ".tmp";
        File.WriteAllBytes(temporary, content);
        File.Move(temporary, path, overwrite: true);
    }

    // System.HashCode differs from one process to the next.
    private static int HashCode(int seed, int index) => unchecked((seed * 1_000_003) ^ (index * 0x5bd1e995));

    [GeneratedRegex("[^a-zA-Z0-9]+")]
    private static partial Regex NotALetter();
}
