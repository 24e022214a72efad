using System.Collections.Frozen;
using System.Text;

namespace Sightline.Curation;

/// <summary>What else must stand beside a word for it to be a month.</summary>
internal enum MonthKind : byte
{
    /// <summary>The word is no month.</summary>
    None,

    /// <summary>A day or a year.</summary>
    Sure,

    /// <summary>A year, or a day as an ordinal: "may", "march" and others are words besides.</summary>
    Doubtful,

    /// <summary>A day and a year: "set" and others are seldom months.</summary>
    Rare,
}

/// <summary>Names of months and their usual short forms in lower case, in 20 European languages.</summary>
internal static class MonthNames
{
    private const string Sure = """
        january february april june july august september october november december
        jan feb apr jun jul aug sep sept oct nov dec
        januar februar märz april mai juni juli august september oktober november dezember jänner feber jän mrz märz okt dez
        janvier février avril juin juillet août aout septembre octobre novembre décembre fevrier decembre janv févr juil déc
        enero febrero abril junio julio agosto septiembre setiembre octubre noviembre diciembre ene
        gennaio febbraio aprile maggio giugno luglio settembre ottobre novembre dicembre genn febbr sett ott
        janeiro fevereiro março maio junho julho agosto setembro outubro novembro dezembro
        januari februari maart mei juni juli augustus mrt
        stycznia lutego kwietnia czerwca lipca sierpnia września października listopada grudnia
        styczeń kwiecień czerwiec lipiec sierpień wrzesień październik listopad grudzień
        ledna února března dubna května června července srpna září října listopadu prosince
        leden únor březen duben květen červen červenec srpen říjen prosinec
        januára februára apríla mája júna júla augusta septembra októbra novembra decembra
        augusti marts maj
        ianuarie februarie martie aprilie iunie iulie septembrie octombrie noiembrie decembrie
        január február március április május június július augusztus szeptember október márc ápr máj jún júl szept
        şubat nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
        января февраля марта апреля мая июня июля августа сентября октября ноября декабря
        январь февраль март апрель июнь июль август сентябрь октябрь ноябрь декабрь янв фев апр авг сент окт нояб дек
        січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
        січень березень квітень травень червень липень серпень вересень жовтень грудень
        януари февруари април май юни юли септември октомври ноември декември
        јануар фебруар мај јун јул август септембар октобар новембар децембар јануара фебруара априла маја јуна јула октобра
        siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna studenoga studenog prosinca
        ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
        ιανουάριος φεβρουάριος μάρτιος απρίλιος μάιος ιούνιος ιούλιος αύγουστος σεπτέμβριος οκτώβριος νοέμβριος δεκέμβριος
        """;

    private const string Finnish = "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu";

    private const string FinnishEndings = "kuu kuun kuuta kuussa kuusta";

    private const string Doubtful = """
        may march mar mars marzo mayo marca marec mart marta ocak maja luty marzec июн июл май лютий agos abr avr fev fév dic gen giu lug
        """;

    private const string Rare = "set out ago mag ag rujan";

    private static readonly FrozenDictionary<ulong, MonthKind> Kinds = Read();

    /// <param name="word">In lower case.</param>
    internal static MonthKind KindOf(ReadOnlySpan<byte> word) =>
        word.Length is >= 2 and <= 24 ? Kinds.GetValueOrDefault(CaptionHash.OfBytes(word)) : MonthKind.None;

    // The more doubtful says it where a word is in two lists.
    private static FrozenDictionary<ulong, MonthKind> Read()
    {
        var kinds = new Dictionary<ulong, MonthKind>();
        Add(Sure, MonthKind.Sure);
        Add(string.Join(' ', Words(Finnish).SelectMany(m => Words(FinnishEndings).Select(e => m + e))), MonthKind.Sure);
        Add(Doubtful, MonthKind.Doubtful);
        Add(Rare, MonthKind.Rare);
        return kinds.ToFrozenDictionary();

        void Add(string names, MonthKind kind)
        {
            foreach (var name in Words(names))
            {
                kinds[CaptionHash.OfBytes(Encoding.UTF8.GetBytes(name))] = kind;
            }
        }
    }

    private static string[] Words(string names) => names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
