using System.Text;

namespace Sightline.Curation.Tests;

public sealed class CaptionPatternsTests
{
    [Theory]
    [InlineData("a dog, 12 March 2015")]
    [InlineData("12/03/2015 on the beach")]
    [InlineData("03/28/2015")]
    [InlineData("2015-03-12")]
    [InlineData("2015-03-12T10:32:11Z")]
    [InlineData("beach 2015-03")]
    [InlineData("beach 03/2015")]
    [InlineData("2015 - 03 - 12")]
    [InlineData("March 12, 2015")]
    [InlineData("March 12,2015")]
    [InlineData("on march 12th we went")]
    [InlineData("2nd of May")]
    [InlineData("May 2nd")]
    [InlineData("Mar. 2015")]
    [InlineData("Mar '15")]
    [InlineData("Sept 2015")]
    [InlineData("12.3.15")]
    [InlineData("12. 3. 2015")]
    [InlineData("20150312 medium shot")]
    [InlineData("am 5. Mai ging es rund")]
    [InlineData("23. März 1911")]
    [InlineData("le 1er mai 2015")]
    [InlineData("mai et juin 2001")]
    [InlineData("el 12 de marzo de 2015")]
    [InlineData("13 de Dezembro")]
    [InlineData("lunedì 10 gennaio 2011A gennaio")]
    [InlineData("op 2 juni 1977")]
    [InlineData("den 16 april 1746")]
    [InlineData("22 sierpnia")]
    [InlineData("17.2.1999")]
    [InlineData("5. června 2002")]
    [InlineData("12 марта 2015 г.")]
    [InlineData("12 ЛИПНЯ")]
    [InlineData("24-25 Haziran")]
    [InlineData("5. kesäkuuta 2003")]
    [InlineData("2014. május 12.")]
    [InlineData("szeptember 17-én")]
    [InlineData("2015年3月12日の写真")]
    [InlineData("3月12日")]
    [InlineData("2015년 3월 12일")]
    public void Dates_are_found(string caption) => Assert.Equal(CaptionMarks.Date, Marks(caption));

    [Theory]
    [InlineData("circa 1950")]
    [InlineData("in 1997")]
    [InlineData("the 1980s")]
    [InlineData("1911-12 season")]
    [InlineData("from 1993-1994")]
    [InlineData("a march of 5 people")]
    [InlineData("you may see 3 dogs")]
    [InlineData("may 5 dogs run")]
    [InlineData("tv set 2015")]
    [InlineData("4th of July fireworks")]
    [InlineData("the July 4th parade")]
    [InlineData("a 12/35 mm lens")]
    [InlineData("35mm f/2.8")]
    [InlineData("won 3-2")]
    [InlineData("6-4-10")]
    [InlineData("ip 192.168.10.12")]
    [InlineData("call 555-12-2015")]
    [InlineData("1.000.000")]
    [InlineData("$12.10.15")]
    [InlineData("18054559")]
    [InlineData("in march 5,000 people came")]
    [InlineData("july")]
    [InlineData("on saturday")]
    [InlineData("a cat with 2 mayo sandwiches")]
    public void What_only_looks_like_a_date_is_none(string caption) => Assert.Equal(CaptionMarks.None, Marks(caption));

    [Theory]
    [InlineData("photographed on 12 March 2015", CaptionMarks.Boilerplate | CaptionMarks.Date)]
    [InlineData("photographed on Sunday", CaptionMarks.Boilerplate)]
    [InlineData("photographed on a sunny day", CaptionMarks.None)]
    [InlineData("a man taken on by a dog", CaptionMarks.None)]
    [InlineData("Royalty-Free Stock Photo", CaptionMarks.Boilerplate)]
    [InlineData("a dog, royalty‑free", CaptionMarks.Boilerplate)]
    [InlineData("All Rights Reserved.", CaptionMarks.Boilerplate)]
    [InlineData("Click to enlarge", CaptionMarks.Boilerplate)]
    [InlineData("Image result for dogs", CaptionMarks.Boilerplate)]
    [InlineData("FILE PHOTO: a dog", CaptionMarks.Boilerplate)]
    [InlineData("a dog (Getty Images)", CaptionMarks.Boilerplate)]
    [InlineData("Photo by Ann Other", CaptionMarks.Boilerplate)]
    [InlineData("a man takes a photo by the lake", CaptionMarks.None)]
    [InlineData("copyright © 2015", CaptionMarks.Boilerplate)]
    [InlineData("© Ann Other", CaptionMarks.Boilerplate)]
    [InlineData("No description available.", CaptionMarks.Boilerplate)]
    [InlineData("Image may contain: dog", CaptionMarks.Boilerplate)]
    [InlineData("untitled", CaptionMarks.Boilerplate)]
    [InlineData("default alt text", CaptionMarks.Boilerplate)]
    [InlineData("photo : a dog", CaptionMarks.Boilerplate)]
    [InlineData("photo-realistic dog", CaptionMarks.None)]
    [InlineData("slide 3 of 12", CaptionMarks.Boilerplate)]
    [InlineData("biggest dog - photo #", CaptionMarks.Boilerplate)]
    [InlineData("Stockfoto: Hund", CaptionMarks.Boilerplate)]
    [InlineData("chien, libre de droits", CaptionMarks.Boilerplate)]
    [InlineData("Crédit photo : Anne Autre", CaptionMarks.Boilerplate)]
    [InlineData("Foto de Archivo", CaptionMarks.Boilerplate)]
    [InlineData("СТОКОВОЕ ФОТО собаки", CaptionMarks.Boilerplate)]
    [InlineData("狗 版权所有", CaptionMarks.Boilerplate)]
    [InlineData("犬の写真素材", CaptionMarks.Boilerplate)]
    [InlineData("a stocked photo shop", CaptionMarks.None)]
    [InlineData("stock photographers at work", CaptionMarks.None)]
    public void Boilerplate_is_found(string caption, CaptionMarks marks) => Assert.Equal(marks, Marks(caption));

    [Theory]
    [InlineData("see http://example.com/x?y=1 for more", CaptionMarks.Url)]
    [InlineData("(https://example.com)", CaptionMarks.Url)]
    [InlineData("www.example.org", CaptionMarks.Url)]
    [InlineData("from EXAMPLE.COM/x", CaptionMarks.Url)]
    [InlineData("shop at example.de, now", CaptionMarks.Url)]
    [InlineData("bbc.co.uk", CaptionMarks.Url)]
    [InlineData("t.co/abc", CaptionMarks.Url)]
    [InlineData("example.in/dogs", CaptionMarks.Url)]
    [InlineData("e.g.this", CaptionMarks.None)]
    [InlineData("a 3.5mm jack", CaptionMarks.None)]
    [InlineData("my dog.The cat", CaptionMarks.None)]
    [InlineData("my dog.It ran", CaptionMarks.None)]
    [InlineData("my dog.in the park", CaptionMarks.None)]
    [InlineData("made in the U.S.A.", CaptionMarks.None)]
    [InlineData("at 5 p.m.today", CaptionMarks.None)]
    [InlineData("and/or", CaptionMarks.None)]
    [InlineData("ann.other+dogs@mail.example.org!", CaptionMarks.Email)]
    [InlineData("write to <ann@example.com>", CaptionMarks.Email)]
    [InlineData("ann@home", CaptionMarks.None)]
    [InlineData("dogs @ 5 pm", CaptionMarks.None)]
    public void Addresses_are_found(string caption, CaptionMarks marks) => Assert.Equal(marks, Marks(caption) & ~CaptionMarks.Markup);

    [Theory]
    [InlineData("a <b>dog</b>")]
    [InlineData("dog<br/>cat")]
    [InlineData("<a href=\"x\">dog</a>")]
    [InlineData("tom &amp; jerry")]
    [InlineData("rock &#8217;n&#x27; roll")]
    [InlineData("tom &amp jerry")]
    [InlineData("[b]dog[/b]")]
    [InlineData("[url=x]dog[/url]")]
    [InlineData("[[dog|cat]]")]
    [InlineData("[dog](cat)")]
    [InlineData("{{dog}}")]
    [InlineData("{0} dogs")]
    public void Markup_is_found(string caption) => Assert.Equal(CaptionMarks.Markup, Marks(caption));

    [Theory]
    [InlineData("i <3 dogs")]
    [InlineData("a < b and c > d")]
    [InlineData("AT&T shop")]
    [InlineData("dogs & cats; birds")]
    [InlineData("a dog [sic] and [laughs]")]
    [InlineData("{ dogs }")]
    [InlineData("dogs #1 and # 2")]
    [InlineData("C# code")]
    public void Signs_alone_are_no_markup(string caption) => Assert.Equal(CaptionMarks.None, Marks(caption));

    [Theory]
    [InlineData("@someone with a dog", CaptionMarks.Handle)]
    [InlineData("dog #sunset", CaptionMarks.Handle)]
    [InlineData("istanbul #kadıköy", CaptionMarks.Handle)]
    [InlineData("#собака", CaptionMarks.Handle)]
    [InlineData("IMG_2034.JPG", CaptionMarks.FileName)]
    [InlineData("IMG_2034", CaptionMarks.FileName)]
    [InlineData("IMG 2034", CaptionMarks.FileName)]
    [InlineData("DSC00012", CaptionMarks.FileName)]
    [InlineData("P1010001", CaptionMarks.FileName)]
    [InlineData("brown-dog.jpeg", CaptionMarks.FileName)]
    [InlineData("2015_beach_01", CaptionMarks.FileName)]
    [InlineData("a dog in 2034", CaptionMarks.None)]
    [InlineData("image 2034 dogs", CaptionMarks.None)]
    [InlineData("well-known dog_lover", CaptionMarks.None)]
    public void Handles_and_files_are_found(string caption, CaptionMarks marks) => Assert.Equal(marks, Marks(caption));

    [Theory]
    [InlineData("stock photo", 1)]
    [InlineData("  stock photo. ", 1)]
    [InlineData("dog -- stock photo #", 17.0 / 20)]
    [InlineData("犬、写真素材", 5.0 / 6)]
    [InlineData("chien © Anne", 7.0 / 12)]
    [InlineData("dog http://a.com/b", 15.0 / 18)]
    [InlineData("a dog on a beach", 0)]
    [InlineData("", 0)]
    public void The_share_counts_characters_once_and_signs_beside_a_mark_with_it(string caption, double share)
    {
        CaptionPatterns.Find(Encoding.UTF8.GetBytes(caption), out var found);
        Assert.Equal(share, found, 1e-9);
    }

    [Fact]
    public void Any_bytes_are_taken_and_the_share_stays_a_share()
    {
        string[] parts = ["2015", "-", "03", " ", "march", "stock photo", "photo by", "@", "#", "<", "&", "[", "]]", "{{", "http://", "x.com", "©", "“", "犬", "_", ".", "年", "\uFFFD"];
        var random = new Random(13);
        for (var i = 0; i < 50_000; i++)
        {
            var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => parts[random.Next(parts.Length)])));
            if (i % 4 == 0)
            {
                random.NextBytes(text);
            }

            if (i % 5 == 0 && text.Length > 0)
            {
                text = text[..random.Next(text.Length)];
            }

            var marks = CaptionPatterns.Find(text, out var share);
            Assert.InRange(share, 0, 1);
            Assert.Equal(marks == CaptionMarks.None, share == 0);
        }
    }

    [Fact]
    public void Long_captions_are_read_to_the_end_in_linear_time()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a.b@c/d<e&f[g{h_1-2.", 50_000)) + " stock photo");
        Assert.True(CaptionPatterns.Find(text, out _).HasFlag(CaptionMarks.Boilerplate));
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        byte[][] captions = [.. new[] { "a dog", "stock photo of a dog, 12 March 2015 at x.com © Ann <b> @me #you [b] IMG_1234" }.Select(Encoding.UTF8.GetBytes)];
        var sum = 0.0;
        for (var i = 0; i < 100; i++)
        {
            Find();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Find();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(sum > 0);

        void Find()
        {
            foreach (var caption in captions)
            {
                CaptionPatterns.Find(caption, out var share);
                sum += share;
            }
        }
    }

    private static CaptionMarks Marks(string caption) => CaptionPatterns.Find(Encoding.UTF8.GetBytes(caption), out _);
}
