using Sightline.Curation.Languages;

namespace Sightline.Curation.Tests.Languages;

/// <summary>The bundled model, loaded once, and captions in 33 languages that were written for these tests.</summary>
public sealed class CaptionFixture
{
    public LanguageIdentifier Identifier { get; } = new();

    public static TheoryData<string, string> Captions => new()
    {
        { "en", "a brown dog runs across the beach" }, { "de", "ein brauner Hund rennt über den Strand" },
        { "fr", "un chien brun court sur la plage" }, { "es", "un perro marrón corre por la playa" },
        { "it", "un cane marrone corre sulla spiaggia" }, { "pt", "um cachorro marrom corre pela praia" },
        { "nl", "een bruine hond rent over het strand" }, { "pl", "brązowy pies biegnie po plaży" },
        { "cs", "hnědý pes běží po pláži" }, { "hu", "egy barna kutya fut a tengerparton" },
        { "fi", "ruskea koira juoksee hiekkarannalla" }, { "sv", "en brun hund springer längs stranden och skäller på vågorna" },
        { "tr", "kahverengi bir köpek sahilde koşuyor" }, { "ro", "un câine maro aleargă pe plajă" },
        { "vi", "một con chó màu nâu chạy trên bãi biển" }, { "id", "seekor anjing cokelat sedang berlari di pantai" },
        { "ru", "коричневая собака бежит по пляжу" }, { "uk", "коричневий собака біжить пляжем" },
        { "bg", "кафяво куче тича по плажа" }, { "sr", "смеђи пас трчи по плажи" }, { "kk", "қоңыр ит жағажайда жүгіріп барады" },
        { "ar", "كلب بني يركض على الشاطئ" }, { "fa", "سگ قهوه‌ای در ساحل می‌دود" }, { "ur", "ایک بھورا کتا ساحل پر دوڑ رہا ہے" },
        { "hi", "एक भूरा कुत्ता समुद्र तट पर दौड़ रहा है" }, { "bn", "একটি বাদামী কুকুর সৈকতে দৌড়াচ্ছে" },
        { "he", "כלב חום רץ על החוף" }, { "el", "ένας καφέ σκύλος τρέχει στην παραλία" }, { "hy", "շագանակագույն շունը վազում է լողափով" },
        { "ka", "ყავისფერი ძაღლი გარბის სანაპიროზე" }, { "ko", "갈색 개가 해변을 달린다" }, { "ja", "茶色の犬が浜辺を走っている" },
        { "zh", "一只棕色的狗在沙滩上奔跑" }, { "th", "สุนัขสีน้ำตาลวิ่งบนชายหาด" },
    };
}
