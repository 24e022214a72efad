using Sightline.Curation.Languages;

namespace Sightline.LanguageTrainer;

/// <summary>The captions of Tux Paint's stamps that gather.py wrote, by halves of the pictures.</summary>
internal static class Captions
{
    /// <summary>A language with fewer captions than this in a half is left out.</summary>
    private const int Fewest = 40;

    internal static Dictionary<string, List<string>> Read(string folder, int half, IReadOnlyCollection<string> languages) =>
        Directory.EnumerateFiles(Path.Combine(folder, "captions"), "*.tsv").Order(StringComparer.Ordinal)
            .Select(path => (Language: Path.GetFileNameWithoutExtension(path), Path: path)).Where(file => languages.Contains(file.Language))
            .Select(file => (file.Language, Captions: File.ReadLines(file.Path).Select(line => line.Split('\t'))
                .Where(parts => parts[0] == half.ToString()).Select(parts => parts[1]).ToList()))
            .Where(file => file.Captions.Count >= Fewest).ToDictionary(file => file.Language, file => file.Captions);

    /// <summary>The script that most letters of a text are in, and its words.</summary>
    internal static (Script Script, List<string> Words) WordsOf(string text)
    {
        var words = new CaptionWords(new char[CaptionWords.MaxCharacters], new CaptionWord[CaptionWords.MaxWords]);
        words.Read(text);
        var counts = new int[Scripts.Count];
        foreach (var word in words.Words)
        {
            counts[(int)word.Script] += word.Length;
        }

        var script = (Script)Array.IndexOf(counts, counts.Max());
        var found = new List<string>();
        foreach (var word in words.Words)
        {
            if (word.Script == script)
            {
                found.Add(words.LettersOf(word).ToString());
            }
        }

        return (script, found);
    }
}
