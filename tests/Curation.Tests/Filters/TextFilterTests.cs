using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sightline.Curation.Languages;
using Sightline.TestKit;

namespace Sightline.Curation.Tests;

public sealed class TextFilterTests
{
    private static readonly CaptionReader Reader = new(new LanguageIdentifier());

    [Theory]
    [InlineData("a dog at http://example.com/x", "marks.url")]
    [InlineData("a dog by ann@example.com", "marks.email")]
    [InlineData("a <b>dog</b>", "marks.markup")]
    [InlineData("IMG_1234.jpg", "marks.file_name")]
    [InlineData("a dog #beach", null)]
    [InlineData("a dog", null)]
    public void Marks_drop_what_the_defaults_say(string caption, string? reason) => Assert.Equal(reason, Check("marks", "{}", caption));

    [Fact]
    public void Marks_can_be_switched_and_their_share_bounded()
    {
        Assert.Equal("marks.handle", Check("marks", """{"drop_handle":true}""", "a dog #beach"));
        Assert.Null(Check("marks", """{"drop_url":false}""", "see x.com/y"));
        Assert.Equal("marks.mostly_marked", Check("marks", """{"max_marked_share":0.3}""", "dog, stock photo"));
        Assert.Null(Check("marks", """{"max_marked_share":0.9}""", "dog, stock photo"));
        var fault = Assert.Throws<RecipeException>(() => Make(
            "marks", """{"drop_url":false,"drop_email":false,"drop_markup":false,"drop_file_name":false}"""));
        Assert.StartsWith("marks: ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("photographed on 12 March 2015", "dates_and_boilerplate.mostly_boilerplate", "dates_and_boilerplate.mostly_boilerplate")]
    [InlineData("a brown dog runs across the beach on 12 March 2015", null, "dates_and_boilerplate.date")]
    [InlineData("a brown dog runs across the wide beach, stock photo", null, "dates_and_boilerplate.boilerplate")]
    [InlineData("a brown dog in 2015", null, null)]
    [InlineData("http://example.com/a/long/address dog", null, null)]
    public void Captions_of_dates_and_boilerplate_drop(string caption, string? mostly, string? any)
    {
        Assert.Equal(mostly, Check("dates_and_boilerplate", "{}", caption));
        Assert.Equal(any, Check("dates_and_boilerplate", """{"drop_any_date":true,"drop_any_boilerplate":true}""", caption));
    }

    [Theory]
    [InlineData("a brown dog runs across the beach", null)]
    [InlineData("ein brauner Hund rennt über den Strand", "language.not_allowed")]
    [InlineData("12345 !!", "language.no_letters")]
    [InlineData("un chien brun court sur la plage", "language.denied")]
    public void Languages_are_allowed_and_denied(string caption, string? reason) =>
        Assert.Equal(reason, Check("language", """{"allow":["en"],"deny":["fr"]}""", caption));

    [Theory]
    [InlineData("und", 0.4, 0, true, false, "language.unknown")]
    [InlineData("und", 0.4, 0, false, false, null)]
    [InlineData("zxx", 1, 0, false, false, null)]
    [InlineData("en", 0.9, 0, true, false, null)]
    [InlineData("en", 0.89, 0, true, false, "language.unsure")]
    [InlineData("en", 0.95, 0.2, true, false, null)]
    [InlineData("en", 0.95, 0.2, true, true, "language.mixed")]
    [InlineData("en", 0.95, 0.19, true, true, null)]
    [InlineData("de", 0.95, 0.3, true, true, "language.not_allowed")]
    public void Unknown_unsure_and_mixed_languages_are_told_apart(
        string language, double confidence, double share, bool dropUnknown, bool dropMixed, string? reason)
    {
        var rule = new LanguageRule { Allow = ["en"], MinConfidence = 0.9, DropUnknown = dropUnknown, DropMixed = dropMixed };
        var facts = new CaptionFacts
        {
            Language = new LanguageCode(language),
            LanguageConfidence = (Half)confidence,
            SecondLanguage = new LanguageCode("fr"),
            SecondLanguageShare = (Half)share,
        };
        Assert.Equal(reason, Check(new LanguageFilter(rule), facts, new NewPair()));
        Assert.Null(share < 0.2 ? null : Check(new LanguageFilter(rule with { Allow = ["en", "de", "fr"] }), facts, new NewPair()));
    }

    [Theory]
    [InlineData("""{"allow":["english"]}""", "english")]
    [InlineData("""{"allow":["eng"]}""", "eng")]
    [InlineData("""{"allow":["en","de"],"deny":["de"]}""", "de is both")]
    public void Wrong_languages_are_faults(string settings, string part) => AssertFault("language", settings, part);

    [Theory]
    [InlineData("a Café in Paris", "cafe", true)]
    [InlineData("a cafe in Paris", "CAFÉ", true)]
    [InlineData("cafes", "cafe", false)]
    [InlineData("a dog's house", "dog", true)]
    [InlineData("hot-dog stand", "hot dog", true)]
    [InlineData("hot, dog", "hot dog", true)]
    [InlineData("hot hot dog", "hot dog", true)]
    [InlineData("hot big dog", "hot dog", false)]
    [InlineData("die Straße", "strasse", true)]
    [InlineData("Ёлка стоит", "елка", true)]
    [InlineData("мой пёс", "мои", false)]
    [InlineData("ΟΔΟΣ", "οδός", true)]
    [InlineData("北京的狗", "的狗", true)]
    [InlineData("北京的狗", "京狗", false)]
    [InlineData("한국어 문장", "문장", true)]
    [InlineData("がくせい", "かくせい", false)]
    [InlineData("party🎉time", "🎉", true)]
    [InlineData("كَلْب", "كلب", true)]
    [InlineData("ＤＯＧ", "dog", true)]
    [InlineData("İstanbul", "istanbul", true)]
    [InlineData("©2015", "2015", true)]
    [InlineData("a b c d e f g h", "b c d e f g", true)]
    [InlineData("", "dog", false)]
    public void Words_of_any_script_are_found_whole(string caption, string term, bool occurs)
    {
        var settings = JsonSerializer.Serialize(new Dictionary<string, string[]> { ["deny"] = [term] });
        Assert.Equal(occurs ? "word_list.denied" : null, Check("word_list", settings, caption));
        settings = JsonSerializer.Serialize(new Dictionary<string, string[]> { ["allow"] = [term] });
        Assert.Equal(occurs ? null : "word_list.not_allowed", Check("word_list", settings, caption));
    }

    [Fact]
    public void Word_lists_come_from_files_and_many_terms_find_what_few_find()
    {
        using var folder = new TemporaryFolder();
        var terms = Enumerable.Range(0, 100_000).Select(i => i % 3 == 0 ? $"word{i}" : $"word{i} and{i % 7} more").ToArray();
        File.WriteAllLines(folder.PathOf("words.txt"), ["", " dog ", .. terms]);
        var filter = Make("word_list", """{"deny_file":"words.txt"}""", folder.Path);
        Assert.Contains("100001", filter.Reasons[0].Text, StringComparison.Ordinal);
        Assert.Equal("word_list.denied", Check(filter, "a dog"));
        Assert.Equal("word_list.denied", Check(filter, "see WORD3!"));
        Assert.Equal("word_list.denied", Check(filter, "see word50000, and6; more"));
        Assert.Null(Check(filter, "see word50000 and5 more"));
        Assert.Null(Check(filter, "word1 word2 word4"));
    }

    [Fact]
    public void Phrases_that_begin_alike_do_not_hide_each_other()
    {
        // Every phrase of two or three of four words, against a plain search.
        string[] words = ["a", "b", "c", "d"];
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var terms = Enumerable.Range(0, 3).Select(_ => Text(random.Next(1, 4))).ToArray();
            var list = new WordList();
            Assert.All(terms, term => Assert.True(list.TryAdd(term)));
            var caption = Text(random.Next(8));
            Assert.Equal(terms.Any(t => $" {caption} ".Contains($" {t} ", StringComparison.Ordinal)), list.OccursIn(Encoding.UTF8.GetBytes(caption)));
        }

        string Text(int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => words[random.Next(words.Length)]));
    }

    [Theory]
    [InlineData("{}", "give deny")]
    [InlineData("""{"deny":["..."]}""", "\"...\"")]
    [InlineData("""{"deny_file":"absent.txt"}""", "absent.txt")]
    [InlineData("""{"deny":["a b c d e f g h i j k l m n o p q"]}""", "more than 16")]
    public void Wrong_word_lists_are_faults(string settings, string part) => AssertFault("word_list", settings, part);

    [Fact]
    public void Lists_that_are_no_text_or_empty_are_faults()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.PathOf("bytes.txt"), [(byte)'a', (byte)'\n', 0xFF, 0xFE, 0xFD]);
        File.WriteAllText(folder.PathOf("empty.txt"), "\n\n");
        AssertFault("word_list", """{"deny_file":"bytes.txt"}""", "no UTF-8", folder.Path);
        AssertFault("word_list", """{"deny_file":"empty.txt"}""", "no words", folder.Path);
        AssertFault("blocklist", """{"hosts_file":"empty.txt"}""", "entries", folder.Path);
    }

    [Theory]
    [InlineData("https://example.com/a.jpg", true)]
    [InlineData("https://cdn.images.Example.COM:8080/a.jpg", true)]
    [InlineData("//example.com/a.jpg", true)]
    [InlineData("example.com", true)]
    [InlineData("http://user:password@example.com/a.jpg", true)]
    [InlineData("https://example.com./a.jpg", true)]
    [InlineData("https://notexample.com/a.jpg", false)]
    [InlineData("https://example.com.evil.org/a.jpg", false)]
    [InlineData("https://other.org/?u=example.com", false)]
    [InlineData("https://bücher.example/a.jpg", true)]
    [InlineData("https://xn--bcher-kva.example/a.jpg", true)]
    [InlineData("", false)]
    public void Hosts_are_blocked_with_all_below_them(string url, bool blocked)
    {
        var filter = Make("blocklist", """{"hosts":["*.example.com","BÜCHER.example"]}""");
        Assert.Equal(blocked ? "blocklist.host" : null, Check(filter, default, new NewPair { Url = Encoding.UTF8.GetBytes(url) }));
    }

    [Fact]
    public void Addresses_keys_and_images_are_blocked()
    {
        using var folder = new TemporaryFolder();
        var sha256 = Convert.ToHexStringLower(SHA256.HashData("a"u8));
        File.WriteAllText(folder.PathOf("sha.txt"), sha256.ToUpperInvariant() + "\r\n");
        File.WriteAllLines(folder.PathOf("keys.txt"), Enumerable.Range(0, 50_000).Select(i => $"{i:x8}"));
        var filter = Make("blocklist", """{"urls":["http://a.org/1"],"keys_file":"keys.txt","sha256_file":"sha.txt"}""", folder.Path);
        Assert.Equal("blocklist.url", Check(filter, default, new NewPair { Url = "http://a.org/1"u8 }));
        Assert.Null(Check(filter, default, new NewPair { Url = "http://a.org/10"u8 }));
        Assert.Equal("blocklist.key", Check(filter, default, new NewPair { Key = "0000c34f"u8 }));
        Assert.Null(Check(filter, default, new NewPair { Key = "0000c350"u8 }));
        Assert.Equal("blocklist.sha256", Check(filter, default, new NewPair { Sha256 = Encoding.ASCII.GetBytes(sha256) }));
        Assert.Null(Check(filter, default, new NewPair { Sha256 = Encoding.ASCII.GetBytes(new string('0', 64)) }));
    }

    [Theory]
    [InlineData("{}", "give hosts")]
    [InlineData("""{"hosts":["http://example.com/"]}""", "no host")]
    [InlineData("""{"sha256":["abc"]}""", "no SHA-256")]
    [InlineData("""{"keys_file":"absent.txt"}""", "absent.txt")]
    public void Wrong_block_lists_are_faults(string settings, string part) => AssertFault("blocklist", settings, part);

    [Fact]
    public void Captions_have_as_many_tokens_as_the_bounds_say()
    {
        var folder = Path.Combine(Repository.Root, "models", "sightline-clip-0");
        var settings = """{"tokenizer":"sightline-clip-0","min_tokens":2,"max_tokens":5}""";
        var filter = Make("caption_tokens", settings, Path.GetDirectoryName(folder)!);
        Assert.Equal("caption_tokens.few_tokens", Check(filter, "dog"));
        Assert.Null(Check(filter, "a dog"));
        Assert.Null(Check(filter, "a dog on a beach"));
        Assert.Equal("caption_tokens.many_tokens", Check(filter, "a dog on a beach ."));
        Assert.Equal("caption_tokens.many_tokens", Check(filter, string.Concat(Enumerable.Repeat("dog ", 500))));
        Assert.Equal("caption_tokens.few_tokens", Check(filter, ""));
        filter = Make("caption_tokens", """{"tokenizer":"sightline-clip-0","max_tokens":1}""", Path.GetDirectoryName(folder)!);
        Assert.Null(Check(filter, "dog"));
        Assert.Equal("caption_tokens.many_tokens", Check(filter, "a dog"));
    }

    [Theory]
    [InlineData("{}", "min_tokens")]
    [InlineData("""{"max_tokens":5}""", "tokenizer")]
    [InlineData("""{"max_tokens":5,"min_tokens":6,"tokenizer":"x"}""", "above")]
    [InlineData("""{"max_tokens":5,"tokenizer":"absent"}""", "absent")]
    public void Wrong_tokenizers_are_faults(string settings, string part) => AssertFault("caption_tokens", settings, part);

    [Fact]
    public void Every_filter_is_in_the_catalog_once()
    {
        string[] names = ["marks", "dates_and_boilerplate", "language", "word_list", "blocklist", "caption_tokens"];
        Assert.All(names, name => Assert.Equal(name, FilterCatalog.Find(name)?.Name));
        Assert.Equal(FilterCatalog.All.Count, FilterCatalog.All.Select(d => d.Name).Distinct().Count());
    }

    private static void AssertFault(string name, string settings, string part, string? folder = null)
    {
        var fault = Assert.Throws<RecipeException>(() => Make(name, settings, folder));
        Assert.StartsWith($"{name}: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(part, fault.Message, StringComparison.Ordinal);
    }

    // As a recipe does: defaults first.
    private static PairFilter Make(string name, string settings, string? folder = null)
    {
        var definition = FilterCatalog.Find(name)!;
        var values = definition.Parameters
            .Where(p => p.Default is not null)
            .ToDictionary(p => p.Name, p => JsonSerializer.Deserialize<JsonElement>(p.Default!));
        foreach (var setting in JsonSerializer.Deserialize<JsonElement>(settings).EnumerateObject())
        {
            Assert.Contains(definition.Parameters, p => p.Name == setting.Name);
            values[setting.Name] = setting.Value;
        }

        return (PairFilter)definition.Create(new FilterArguments(
            name, values, new RecipeContext(folder ?? Path.GetTempPath(), false, _ => throw new RecipeException("none"))));
    }

    private static string? Check(string name, string settings, string caption) => Check(Make(name, settings), caption);

    private static string? Check(PairFilter filter, string caption)
    {
        var bytes = Encoding.UTF8.GetBytes(caption);
        return Check(filter, Reader.Read(bytes), new NewPair { Caption = bytes });
    }

    private static string? Check(PairFilter filter, CaptionFacts facts, NewPair source)
    {
        var image = default(ImageMeasures);
        var reason = filter.Check(new Pair(source, facts, image));
        return reason == PairFilter.Keep ? null : filter.Reasons[reason].Code;
    }
}
