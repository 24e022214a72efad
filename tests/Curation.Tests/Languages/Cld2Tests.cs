using System.Runtime.InteropServices;
using System.Text;
using Sightline.Curation.Languages;

namespace Sightline.Curation.Tests.Languages;

public sealed class Cld2Tests
{
    [Fact]
    public void The_layouts_are_the_shims() => Assert.Equal(44, Marshal.SizeOf<NativeLangResult>());

    [Fact]
    public void Every_export_that_is_bound_exists()
    {
        var library = NativeLibrary.Load("sightline_lang", typeof(Cld2).Assembly, null);
        foreach (var name in new[] { "detect", "count", "code" })
        {
            Assert.True(NativeLibrary.TryGetExport(library, "sightline_lang_" + name, out _), name);
        }
    }

    [Fact]
    public void A_sentence_is_told_with_its_share()
    {
        var answer = Cld2.Detect("ein brauner Hund rennt über den Strand"u8)!.Value;
        Assert.Equal("de", answer.Languages[0]);
        Assert.InRange(answer.Shares[0], 0.9f, 1);
        Assert.True(answer.IsReliable);
    }

    [Fact]
    public void Two_words_are_told_with_best_effort_alone()
    {
        Assert.Equal("de", Cld2.Detect("altes Haus"u8)!.Value.Languages[0]);
        Assert.Equal(LanguageGuess.Unknown, Cld2.DetectWithoutBestEffort("altes Haus"u8)!.Value.Languages[0]);
    }

    [Theory]
    [InlineData("כלב חום רץ על החוף", "he")]
    [InlineData("一隻棕色的狗在沙灘上奔跑", "zh")]
    public void Codes_are_of_today(string text, string language) =>
        Assert.Equal(language, Cld2.Detect(Encoding.UTF8.GetBytes(text))!.Value.Languages[0]);

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused() => Assert.Null(Cld2.Detect([(byte)'a', 0xff, (byte)'b']));

    [Fact]
    public void Control_characters_part_words()
    {
        var answer = Cld2.Detect("l\u0092homme marche sous la pluie\u0001 avec son chien\uffff"u8);
        Assert.Equal("fr", answer!.Value.Languages[0]);
    }

    [Fact]
    public void Nothing_is_no_language() => Assert.Equal(LanguageGuess.Unknown, Cld2.Detect([])!.Value.Languages[0]);
}
