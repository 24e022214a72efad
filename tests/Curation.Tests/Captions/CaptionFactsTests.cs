using System.Text;

namespace Sightline.Curation.Tests;

public sealed class CaptionFactsTests
{
    [Theory]
    [InlineData("a dog on the beach", 18, 5)]
    [InlineData("  two  spaces\t", 11, 2)]
    [InlineData("it's a well-known café, n° 7!", 29, 6)]
    [InlineData("一只狗", 3, 3)]
    [InlineData("犬が走る park", 9, 5)]
    [InlineData("собака на пляже", 15, 3)]
    [InlineData("한국어 문장", 6, 2)]
    [InlineData("— , .", 5, 0)]
    [InlineData("👩‍👩‍👧 family 🎉", 14, 3)]
    [InlineData("", 0, 0)]
    public void Characters_and_words_are_counted_in_every_script(string caption, int characters, int words)
    {
        var facts = CaptionFacts.Count(Encoding.UTF8.GetBytes(caption));

        Assert.Equal((characters, words), (facts.Characters, facts.Words));
    }

    [Fact]
    public void Letters_capitals_digits_symbols_and_runs_are_told_apart()
    {
        var facts = CaptionFacts.Count("ABc 12 ٣ 犬 ☀ soooooo"u8);

        Assert.Equal((11, 2, 10, 3, 1), (facts.Letters, facts.Capitals, facts.Cased, facts.Digits, facts.Symbols));
        Assert.Equal(6, facts.LongestRun);
        Assert.Equal(1, CaptionFacts.Count("1000000"u8).LongestRun);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_counted_and_end_nothing()
    {
        Assert.Equal(2, CaptionFacts.Count([(byte)'a', 0xFF, 0xC3, (byte)'b']).Invalid);
        Assert.Equal(1, CaptionFacts.Count("a\0b"u8).Invalid);
        Assert.Equal(0, CaptionFacts.Count("a\r\n\tb"u8).Invalid);
        var random = new Random(3);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            var facts = CaptionFacts.Count(bytes);
            Assert.InRange(facts.Characters, 0, bytes.Length);
            Assert.InRange(facts.Words, 0, facts.Characters);
        }
    }
}
