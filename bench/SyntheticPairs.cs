using System.Globalization;
using System.Text;

namespace Sightline.Bench;

/// <summary>
/// (image, caption) pairs as the web has them, made up: captions of three to some twenty words in six languages, one word of a hundred a
/// name that hardly comes again (at the end of cc3m's validation set, one of 38 is new, and ever fewer are as a set grows), and of every
/// kind of defect that the filters look for, in about the shares that cc3m's validation set and LAION's samples show. A pair depends on its
/// number alone.
/// </summary>
internal static class SyntheticPairs
{
    private static readonly (double Share, string[] Words)[] Languages =
    [
        (0.70, "the a of in on with and at by from near under over old young red blue green white black small large man woman boy girl dog cat bird horse car boat train house street city village mountain river lake beach forest garden field sky cloud sunset sunrise morning evening night winter summer spring autumn snow rain light shadow window door table chair bed kitchen room wall floor tree flower grass leaf stone bridge tower church castle market shop people crowd family friends children player team game ball running walking standing sitting sleeping eating drinking playing holding looking smiling wearing shirt dress hat shoes jacket glasses background view portrait detail wooden metal glass plate cup coffee bread fruit apple orange cake pizza salad".Split(' ')),
        (0.08, "der die das ein eine und mit auf im am von zu bei unter alte junge rote blaue kleine große Mann Frau Junge Mädchen Hund Katze Vogel Pferd Auto Boot Haus Straße Stadt Dorf Berg Fluss See Strand Wald Garten Himmel Wolke Abend Morgen Nacht Winter Sommer Schnee Regen Licht Fenster Tür Tisch Stuhl Küche Zimmer Baum Blume Brücke Turm Kirche Schloss Markt Menschen Kinder spielen laufen stehen sitzen schlafen essen trinken".Split(' ')),
        (0.07, "le la les un une et avec sur dans au de des près sous vieille jeune rouge bleu petit grand homme femme garçon fille chien chat oiseau cheval voiture bateau maison rue ville village montagne rivière lac plage forêt jardin ciel nuage soir matin nuit hiver été neige pluie lumière fenêtre porte table chaise cuisine chambre arbre fleur pont tour église château marché enfants jouent courent mangent".Split(' ')),
        (0.07, "el la los las un una y con en sobre de del cerca bajo vieja joven rojo azul pequeño grande hombre mujer niño niña perro gato pájaro caballo coche barco casa calle ciudad pueblo montaña río lago playa bosque jardín cielo nube tarde mañana noche invierno verano nieve lluvia luz ventana puerta mesa silla cocina árbol flor puente torre iglesia castillo mercado niños juegan corren comen".Split(' ')),
        (0.05, "и в на с под над у из старый молодой красный синий маленький большой мужчина женщина мальчик девочка собака кошка птица лошадь машина лодка дом улица город деревня гора река озеро пляж лес сад небо облако вечер утро ночь зима лето снег дождь свет окно дверь стол стул кухня дерево цветок мост башня церковь замок рынок дети играют бегут едят".Split(' ')),
        (0.03, "一只 狗 在 草地 上 跑 一个 女人 和 孩子 坐 桌子 旁边 红色 汽车 街道 城市 山 河 海滩 天空 日落 雪 树 花 桥 教堂 市场 人们 吃 饭".Split(' ')),
    ];

    private static readonly string[] Months = "January February March April May June July August September October November December".Split(' ');

    private static readonly string[] Boilerplate =
    [
        "stock photo", "royalty free", "photographed on", "all rights reserved", "image result for", "click to enlarge", "Getty Images", "vector illustration",
    ];

    private const string Consonants = "bcdfghjklmnprstvwz";
    private const string Vowels = "aeiou";

    /// <summary>caption, url, width, height with tabs between, and these names in the first line.</summary>
    internal static async Task WriteAsync(string path, long pairs, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 20);
        await writer.WriteAsync("caption\turl\twidth\theight\n");
        var line = new StringBuilder();
        for (long i = 0; i < pairs; i++)
        {
            if (i % 100_000 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            line.Clear();

            // Every twentieth caption is one that came before.
            var own = new SplitMix(~i);
            var random = new SplitMix(i % 20 == 19 ? i - 1 - (20L * own.Next((int)Math.Min(i / 20 + 1, int.MaxValue))) : i);
            AppendCaption(line, ref random);
            line.Append(CultureInfo.InvariantCulture, $"\thttps://host{own.Next(5_000)}.example/{i:x}.jpg\t{100 + own.Next(1_900)}\t{100 + own.Next(1_500)}\n");
            writer.Write(line);
        }
    }

    private static void AppendCaption(StringBuilder line, ref SplitMix random)
    {
        var at = random.NextDouble();
        var words = Languages[^1].Words;
        foreach (var (share, of) in Languages)
        {
            if ((at -= share) < 0)
            {
                words = of;
                break;
            }
        }

        var kind = random.Next(100);
        var count = kind < 8 ? 1 + random.Next(2) : 4 + random.Next(14);
        var repeated = kind is >= 8 and < 10 ? words[random.Next(words.Length)] : null;
        var start = line.Length;
        for (var i = 0; i < count; i++)
        {
            line.Append(i == 0 ? "" : " ");
            if (repeated is null && random.Next(100) == 0)
            {
                AppendName(line, ref random);
                continue;
            }

            line.Append(repeated ?? words[random.Next(words.Length)]);
        }

        switch (kind)
        {
            case < 13 and >= 10:
                for (var i = start; i < line.Length; i++)
                {
                    line[i] = char.ToUpperInvariant(line[i]);
                }

                break;
            case < 18 and >= 13:
                line.Append(CultureInfo.InvariantCulture, $", {1 + random.Next(28)} {Months[random.Next(12)]} {1990 + random.Next(35)}");
                break;
            case < 24 and >= 18:
                line.Append(' ').Append(Boilerplate[random.Next(Boilerplate.Length)]);
                break;
            case 24 or 25:
                line.Append(CultureInfo.InvariantCulture, $" www.shop{random.Next(900)}.com/item");
                break;
            case 26:
                line.Append(" <br>&nbsp; 🎉🎉🎉 #sale");
                break;
            case 27:
                line.Append(CultureInfo.InvariantCulture, $" {random.Next(1_000_000)} {random.Next(1_000_000)} {random.Next(1_000_000)} IMG_{random.Next(9999):D4}.JPG");
                break;
            default:
                break;
        }
    }

    // Of two to four syllables: more than there are pairs.
    private static void AppendName(StringBuilder line, ref SplitMix random)
    {
        var syllables = 2 + random.Next(3);
        for (var i = 0; i < syllables; i++)
        {
            var consonant = Consonants[random.Next(Consonants.Length)];
            line.Append(i == 0 ? char.ToUpperInvariant(consonant) : consonant).Append(Vowels[random.Next(Vowels.Length)]);
        }
    }

    // Steele, Lea and Flood 2014. A seed is mixed first: consecutive ones would draw from one sequence, a step apart.
    private struct SplitMix(long seed)
    {
        private ulong _state = Finish((ulong)seed * 0xD6E8FEB86659FD93);

        internal int Next(int below) => (int)(Mix() % (ulong)below);

        internal double NextDouble() => (Mix() >> 11) * (1.0 / (1UL << 53));

        private ulong Mix() => Finish(_state += 0x9E3779B97F4A7C15);

        private static ulong Finish(ulong z)
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
