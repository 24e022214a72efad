using System.Collections.Frozen;
using System.Text;

namespace Sightline.Curation;

/// <summary>Ends of host names (IANA's root zone, those in common use), by how much they look like words.</summary>
internal static class TopLevelDomains
{
    private static readonly FrozenSet<ulong> Plain = Hashes("""
        ae au bd bg biz br cc ch cl cn com cr cz de dev dk ec edu eg es eu fi fr ge gov gr hk hr hu ie il info io jp kr kz lk lt lv mx net nl
        np nyc nz org ph pics pk pl pt ro rs ru se sg sk su th tr tv tw ua uk uy ve vn wiki ws xyz za
        """);

    // Words in the languages of captions: the dot before may be the end of a sentence.
    private static readonly FrozenSet<ulong> LikeWords = Hashes("""
        ai am an app ar art as asia at be berlin blog by ca cloud club co design do ee fm gallery go he id in int ir is it la london
        ma me media mil mobi my name news no online or page paris pe photo photography photos pictures pm sa shop si site so store studio
        tech to tokyo travel us video we website
        """);

    internal static bool IsKnown(ReadOnlySpan<byte> label) => Plain.Contains(CaptionHash.OfBytes(label)) || IsLikeWord(label);

    /// <summary>A host that ends so needs more to be one: a scheme, www or a path.</summary>
    internal static bool IsLikeWord(ReadOnlySpan<byte> label) => LikeWords.Contains(CaptionHash.OfBytes(label));

    private static FrozenSet<ulong> Hashes(string labels) => labels
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        .Select(label => CaptionHash.OfBytes(Encoding.ASCII.GetBytes(label)))
        .ToFrozenSet();
}
