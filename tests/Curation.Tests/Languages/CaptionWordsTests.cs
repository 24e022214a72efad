using Sightline.Curation.Languages;

namespace Sightline.Curation.Tests.Languages;

public sealed class CaptionWordsTests
{
    private static List<(string Word, Script Script, bool StartsPart)> WordsOf(string text)
    {
        var words = new CaptionWords(new char[CaptionWords.MaxCharacters], new CaptionWord[CaptionWords.MaxWords]);
        words.Read(text);
        var found = new List<(string, Script, bool)>();
        foreach (var word in words.Words)
        {
            found.Add((words.LettersOf(word).ToString(), word.Script, word.StartsPart));
        }

        return found;
    }

    [Fact]
    public void Words_end_where_letters_or_the_script_do() => Assert.Equal(
        [("un", Script.Latin, true), ("gato", Script.Latin, false), ("кот", Script.Cyrillic, true), ("猫", Script.Han, false)],
        WordsOf("Un GATO2 / Кот猫"));

    // A letter beyond ASCII at the end has each character looked at for itself.
    [Fact]
    public void Ascii_is_cut_as_all_text_is()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(CaptionWords.MaxCharacters)).Select(_ =>
                random.Next(8) == 0 ? (char)random.Next(128) : (char)('A' + random.Next(58)))]);
            var expected = WordsOf(text[..Math.Min(text.Length, CaptionWords.MaxCharacters - 2)] + " ж");
            Assert.Equal(expected.SkipLast(1), WordsOf(text[..Math.Min(text.Length, CaptionWords.MaxCharacters - 2)]));
        }
    }

    [Fact]
    public void A_run_without_spaces_is_cut() =>
        Assert.Equal([40, 40, 20], WordsOf(new string('ก', 100)).Select(word => word.Word.Length));

    [Fact]
    public void What_is_ignored_does_not_part_a_word() => Assert.Equal("קוד", WordsOf("ק\u05d5\u05bc\u05d3").Single().Word);

    [Theory]
    [InlineData('a', Script.Latin)]
    [InlineData('ß', Script.Latin)]
    [InlineData('ạ', Script.Latin)]
    [InlineData('Ж', Script.Cyrillic)]
    [InlineData('پ', Script.Arabic)]
    [InlineData('ी', Script.Devanagari)]
    [InlineData('々', Script.Han)]
    [InlineData('ー', Script.Kana)]
    [InlineData('ｶ', Script.Kana)]
    [InlineData('각', Script.Hangul)]
    [InlineData('ა', Script.Georgian)]
    [InlineData('ⴰ', Script.Other)]
    [InlineData('µ', Script.None)]
    [InlineData('7', Script.None)]
    [InlineData('\'', Script.None)]
    [InlineData('\u0301', Script.Ignored)]
    [InlineData('ـ', Script.Ignored)]
    public void A_letter_has_its_script(char letter, object script) => Assert.Equal(script, Letters.Of(letter));
}
