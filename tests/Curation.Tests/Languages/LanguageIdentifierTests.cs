using System.Text;
using Sightline.Curation.Languages;

namespace Sightline.Curation.Tests.Languages;

public sealed class LanguageIdentifierTests(CaptionFixture fixture) : IClassFixture<CaptionFixture>
{
    private readonly LanguageIdentifier _identifier = fixture.Identifier;

    public static TheoryData<string, string> Captions => CaptionFixture.Captions;

    [Theory]
    [MemberData(nameof(Captions))]
    public void A_caption_is_told(string language, string caption)
    {
        var guess = _identifier.Identify(caption);
        Assert.Equal(language, guess.Language);
        Assert.True(guess.IsReliable, $"{guess}");
        Assert.False(guess.IsMixed, $"{guess}");
    }

    [Theory]
    [InlineData("de", "rote Blumen")]
    [InlineData("de", "schlafende Katze")]
    [InlineData("fr", "vieille maison")]
    [InlineData("fr", "forêt enneigée")]
    [InlineData("en", "old house")]
    [InlineData("en", "snowy mountains")]
    [InlineData("es", "niña sonriendo")]
    [InlineData("it", "fiori gialli")]
    [InlineData("pl", "stary kościół")]
    [InlineData("cs", "starý kostel")]
    [InlineData("hu", "piros virágok")]
    [InlineData("fi", "punaisia kukkia")]
    [InlineData("tr", "kırmızı çiçekler")]
    [InlineData("vi", "hoa đỏ")]
    [InlineData("ru", "красные цветы")]
    [InlineData("uk", "червоні квіти")]
    [InlineData("fa", "گل‌های قرمز")]
    [InlineData("zh", "红色的花")]
    public void Two_words_are_told(string language, string caption) => Assert.Equal(language, _identifier.Identify(caption).Candidate);

    [Theory]
    [InlineData("")]
    [InlineData("   \t\n")]
    [InlineData("1234 - 5678 (2019)")]
    [InlineData("🙂🌊🐕")]
    [InlineData("\0\u0001")]
    [InlineData("25 µ")]
    public void A_text_without_letters_is_zxx(string text) =>
        Assert.Equal(new LanguageGuess("zxx", 1, "zxx", "und", 0), _identifier.Identify(text));

    [Theory]
    [InlineData("xkqzv wqpfj")]
    [InlineData("qwrtz")]
    [InlineData("asdfgh hjkl")]
    [InlineData("йцукен фывапр")]
    [InlineData("𞤀𞤣𞤤𞤢𞤥")] // Adlam, which no table here has
    [InlineData("x")]
    [InlineData("Ω 25")]
    public void What_nobody_could_tell_is_und(string text) => Assert.Equal(LanguageGuess.Unknown, _identifier.Identify(text).Language);

    [Fact]
    public void Below_one_half_the_language_is_und_and_the_candidate_stays()
    {
        var guess = LanguageGuess.Of("id", 0.49f, "ms", 0);
        Assert.Equal((LanguageGuess.Unknown, "id", "ms"), (guess.Language, guess.Candidate, guess.Second));
        Assert.Equal("id", LanguageGuess.Of("id", 0.5f, "ms", 0).Language);
    }

    [Theory]
    [InlineData("un gato negro / a black cat", "es", "en")]
    [InlineData("ein roter Stuhl am Fenster | a red chair at the window", "de", "en")]
    [InlineData("красивый закат над морем (beautiful sunset over the sea)", "ru", "en")]
    [InlineData("桌子上的一只猫 a cat on the table", "zh", "en")]
    [InlineData("une vieille église dans la neige. an old church in the snow.", "fr", "en")]
    public void Two_languages_in_one_caption_are_both_told(string caption, string one, string other)
    {
        var guess = _identifier.Identify(caption);
        Assert.True(guess.IsMixed, $"{guess}");
        Assert.Equal(new HashSet<string> { one, other }, [guess.Candidate, guess.Second]);
        Assert.InRange(guess.SecondShare, LanguageGuess.MixedFrom, 0.5f);
    }

    [Theory]
    [MemberData(nameof(Captions))]
    public void A_caption_in_capitals_is_told_alike(string language, string caption) =>
        Assert.Equal(language, _identifier.Identify(caption.ToUpperInvariant()).Candidate);

    [Theory]
    [MemberData(nameof(Captions))]
    public void Accents_that_stand_apart_change_nothing(string language, string caption)
    {
        Assert.Equal(language, _identifier.Identify(caption.Normalize(NormalizationForm.FormD)).Candidate);
    }

    [Theory]
    [MemberData(nameof(Captions))]
    public void Utf8_is_read_as_text_is(string language, string caption)
    {
        Assert.Equal(_identifier.Identify(caption), _identifier.Identify(Encoding.UTF8.GetBytes(caption)));
        Assert.Equal(language, _identifier.Identify(caption).Candidate);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_do_no_harm()
    {
        var random = new Random(5);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            var guess = _identifier.Identify(bytes);
            Assert.InRange(guess.Confidence, 0, 1);
        }

        byte[] broken = [.. "ein brauner Hund rennt "u8, 0xff, 0xc3, 0x20, .. "über den Strand"u8, 0xe2, 0x82];
        Assert.Equal("de", _identifier.Identify(broken).Language);
    }

    [Fact]
    public void Text_that_is_no_utf16_does_no_harm()
    {
        var random = new Random(6);
        for (var i = 0; i < 2000; i++)
        {
            var text = new char[random.Next(200)];
            for (var c = 0; c < text.Length; c++)
            {
                text[c] = (char)random.Next(char.MaxValue + 1);
            }

            Assert.InRange(_identifier.Identify(text).Confidence, 0, 1);
        }

        Assert.Equal("de", _identifier.Identify("ein brauner Hund \ud800 rennt u\u0308ber den \udfff Strand").Language);
    }

    [Fact]
    public void A_text_of_any_length_is_told_by_its_beginning()
    {
        var text = string.Concat(Enumerable.Repeat("ein brauner Hund rennt über den Strand. ", 250_000));
        Assert.Equal("de", _identifier.Identify(text).Language);
        Assert.Equal("de", _identifier.Identify(Encoding.UTF8.GetBytes(text)).Language);
        Assert.InRange(_identifier.Identify(new string('e', 1_000_000)).Confidence, 0, 1);
        Assert.InRange(_identifier.Identify(string.Concat(Enumerable.Repeat("e ", 500_000))).Confidence, 0, 1);
        Assert.Equal("th", _identifier.Identify(string.Concat(Enumerable.Repeat("สุนัขสีน้ำตาล", 10_000))).Language);
    }

    [Fact]
    public void Threads_get_the_answers_that_one_would()
    {
        var captions = CaptionFixture.Captions.Select(row => (string)row[1]).ToArray();
        var expected = captions.Select(caption => _identifier.Identify(caption)).ToArray();
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            Assert.Equal(expected[i % captions.Length], _identifier.Identify(captions[i % captions.Length])));
    }

    [Fact]
    public void Telling_a_language_allocates_nothing()
    {
        var captions = CaptionFixture.Captions.Select(row => (string)row[1]).ToArray();
        foreach (var caption in captions)
        {
            _identifier.Identify(caption);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var caption in captions)
        {
            _identifier.Identify(caption);
        }

        // The runtime's first, unoptimized version of Vector256.Exp boxes its vectors: some 100 bytes for each of its first calls.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * captions.Length);
    }

    [Fact]
    public void Every_language_of_the_model_is_listed_once()
    {
        Assert.Equal(_identifier.Languages.Order(StringComparer.Ordinal).Distinct(), _identifier.Languages);
        Assert.True(_identifier.Languages.Count >= 95, $"{_identifier.Languages.Count}");
        Assert.DoesNotContain(LanguageGuess.Unknown, _identifier.Languages);
    }
}
