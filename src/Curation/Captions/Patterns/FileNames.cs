using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Sightline.Curation;

/// <summary>
/// Finds files' names: with the extension of a picture, video or document ("beach.jpg"), as cameras give them ("IMG_2034", "DSC00012",
/// "P1010001"), or words joined by underscores with a number among them ("2015_beach_01").
/// </summary>
internal static class FileNames
{
    private const int FewestDigits = 3;

    private static readonly SearchValues<byte> Telling = SearchValues.Create("0123456789._"u8);

    private static readonly FrozenSet<ulong> Extensions = Hashes(
        "jpg jpeg jpe jfif png gif webp tif tiff bmp svg heic heif avif raw cr2 cr3 nef arw dng orf psd xcf eps mp4 mov avi mkv webm mpg wmv m4v pdf");

    // What cameras, telephones and programs begin names with, before a number.
    private static readonly FrozenSet<ulong> Cameras = Hashes(
        "img dsc dscn dscf dcim pict mvi mov vid sam gopr gopro dji pxl wp cimg imgp hpim kodak sdc screenshot image photo mg sny pano fb_img");

    // Those that also take a blank before the number, as no word is spelled so.
    private static readonly FrozenSet<ulong> CamerasAlone = Hashes("img dsc dscn dscf dscn imgp cimg hpim pxl mvi");

    /// <param name="text">Folded, see <see cref="Bytes"/>.</param>
    internal static void Find(ReadOnlySpan<byte> text, ref MarkedBytes marked)
    {
        for (var at = 0; at < text.Length;)
        {
            if (!Bytes.IsWord(text[at]))
            {
                at++;
                continue;
            }

            var end = at;
            while (end < text.Length && (Bytes.IsWord(text[end]) || (text[end] is (byte)'_' or (byte)'-' or (byte)'.' or (byte)'%' && Joins(text, end))))
            {
                end++;
            }

            // Letters alone are no file's name.
            if (text[at..end].ContainsAny(Telling) && IsFile(text[at..end]))
            {
                marked.Add(CaptionMarks.FileName, at, end);
            }
            else if (AfterCameraAndNumber(text, at, end) is > 0 and var numberEnd)
            {
                marked.Add(CaptionMarks.FileName, at, numberEnd);
                end = numberEnd;
            }

            at = end;
        }
    }

    private static bool Joins(ReadOnlySpan<byte> text, int at) =>
        at + 1 < text.Length && (Bytes.IsWord(text[at + 1]) || text[at + 1] is (byte)'_' or (byte)'-' or (byte)'.');

    private static bool IsFile(ReadOnlySpan<byte> name)
    {
        var dot = name.LastIndexOf((byte)'.');
        if (dot > 0 && name.Length - dot - 1 is >= 3 and <= 4 && Extensions.Contains(CaptionHash.OfBytes(name[(dot + 1)..])))
        {
            return true;
        }

        return IsNumberedByCamera(name) || IsJoined(name);
    }

    // IMG_2034, DSC00012, Screenshot_2015-03-12, P1010001, 100_1234.
    private static bool IsNumberedByCamera(ReadOnlySpan<byte> name)
    {
        var letters = 0;
        while (letters < name.Length && name[letters] is >= (byte)'a' and <= (byte)'z')
        {
            letters++;
        }

        var number = letters < name.Length && name[letters] is (byte)'_' or (byte)'-' ? letters + 1 : letters;
        var digits = Bytes.AfterDigits(name, Math.Min(number, name.Length)) - number;
        return digits >= FewestDigits && (Cameras.Contains(CaptionHash.OfBytes(name[..letters])) || IsLumix(name));
    }

    // Panasonic's: P, month or 1, a folder's three digits and four more.
    private static bool IsLumix(ReadOnlySpan<byte> name) =>
        name.Length == 8 && name[0] == (byte)'p' && name[1] == (byte)'1' && Bytes.AfterDigits(name, 1) == 8;

    // Underscores with a number, or two underscores: nobody writes words so.
    private static bool IsJoined(ReadOnlySpan<byte> name)
    {
        var underscores = name.Count((byte)'_');
        var inner = name.Trim((byte)'_');
        var digits = inner.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0;
        return inner.Contains((byte)'_') && (digits || underscores >= 2);
    }

    // "IMG 2034"; returns where the number ends, 0: none.
    private static int AfterCameraAndNumber(ReadOnlySpan<byte> text, int at, int end)
    {
        var start = Bytes.AfterBlanks(text, end);
        var numberEnd = Bytes.AfterDigits(text, start);
        return start > end && numberEnd - start >= FewestDigits && Bytes.IsEdge(text, numberEnd)
            && CamerasAlone.Contains(CaptionHash.OfBytes(text[at..end])) ? numberEnd : 0;
    }

    private static FrozenSet<ulong> Hashes(string words) =>
        words.Split(' ').Distinct().Select(word => CaptionHash.OfBytes(Encoding.ASCII.GetBytes(word))).ToFrozenSet();
}
