using System.Runtime.InteropServices;

namespace Sightline.Curation.Languages;

internal enum NativeLangStatus
{
    Ok = 0,
    Failed = 1,
    InvalidUtf8 = 2,
}

/// <summary>CLD2's three best languages, best first; the layout is native/lang.cpp's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeLangResult
{
    public fixed int Languages[3];
    public fixed int Percents[3];
    public fixed float Scores[3];
    public int TextBytes;
    public int Reliable;
}

/// <summary>native/lang.cpp, call by call.</summary>
internal static unsafe partial class NativeLang
{
    private const string Library = "sightline_lang";

    [LibraryImport(Library, EntryPoint = "sightline_lang_detect")]
    internal static partial NativeLangStatus Detect(byte* utf8, int length, int bestEffort, out NativeLangResult result);

    [LibraryImport(Library, EntryPoint = "sightline_lang_count")]
    internal static partial NativeLangStatus Count(out int count);

    [LibraryImport(Library, EntryPoint = "sightline_lang_code")]
    internal static partial NativeLangStatus Code(int language, out byte* code);
}
