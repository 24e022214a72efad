using System.Text;
using Sightline.TestKit;

namespace Sightline.Curation.Tests;

public sealed class CaptionCountsTests
{
    [SharedFact]
    public void Fast_counts_equal_plain_ones_on_web_captions()
    {
        foreach (var caption in SharedCaptions.All)
        {
            AssertEqual(Encoding.UTF8.GetBytes(caption));
        }
    }

    [Fact]
    public void Fast_counts_equal_plain_ones_on_random_texts()
    {
        // Few kinds of characters, so that runs, repeats and word ends fall on every place of a block of 64.
        string[] alphabets = ["a b", "aA1 .-", "dog Dog dog, (dog) -dog dog's dogs ", "ab\t\u0001\u007f ", "aé犬犬 👩‍👧😀-", "Kk kK \u212A. ß ẞ İ i"];
        var random = new Random(11);
        for (var i = 0; i < 30_000; i++)
        {
            var alphabet = alphabets[i % alphabets.Length].EnumerateRunes().ToArray();
            var text = string.Concat(Enumerable.Range(0, random.Next(i % 50 == 0 ? 1_500 : 150)).Select(_ => alphabet[random.Next(alphabet.Length)].ToString()));
            AssertEqual(Encoding.UTF8.GetBytes(text));
        }
    }

    [Fact]
    public void Fast_counts_equal_plain_ones_on_random_bytes()
    {
        var random = new Random(12);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            if (i % 2 == 0)
            {
                for (var at = 0; at < bytes.Length; at++)
                {
                    bytes[at] &= 0x7F;
                }
            }

            AssertEqual(bytes);
        }
    }

    private static void AssertEqual(byte[] caption)
    {
        var facts = CaptionFacts.Count(caption);
        Assert.Equal(PlainCounts.Count(caption), facts);
        Assert.Equal(PlainCounts.Hash(caption), CaptionHash.Of(caption));
        Assert.Equal(PlainCounts.Repeats(caption, facts.Words), CaptionRepeats.Share(caption, facts.Words));
    }
}
