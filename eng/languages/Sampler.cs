using System.Globalization;
using System.Text;
using Sightline.Curation.Languages;

namespace Sightline.LanguageTrainer;

/// <summary>Draws short texts of a language: a few words of its list, a few words out of a sentence, names of pictures.</summary>
internal sealed class Sampler(Script script, Random random)
{
    private const double FromWords = 0.5;
    private const double FromLines = 0.85;
    private const double WithoutAccents = 0.06;

    private static readonly string[] LatinKeys = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
    private static readonly string[] CyrillicKeys = ["йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"];

    internal void Draw(TrainingText text, List<string> words)
    {
        words.Clear();
        var from = random.NextDouble();
        if (text.Words.Count > 0 && (from < FromWords || text.Lines.Count + text.Names.Count == 0))
        {
            DrawWords(text, words);
        }
        else if (text.Lines.Count > 0 && (from < FromLines || text.Names.Count == 0))
        {
            var line = text.Lines[random.Next(text.Lines.Count)];
            var count = Math.Min(line.Length, 1 + random.Next(8));
            words.AddRange(line.AsSpan(random.Next(line.Length - count + 1), count));
        }
        else
        {
            words.AddRange(text.Names[random.Next(text.Names.Count)]);
            if (random.Next(3) == 0)
            {
                words.AddRange(text.Names[random.Next(text.Names.Count)]);
            }
        }

        if (script == Script.Han)
        {
            CutRuns(words);
        }
        else if (script == Script.Latin && random.NextDouble() < WithoutAccents)
        {
            RemoveAccents(words);
        }
    }

    /// <summary>Letters that are no words: shuffled words, letters at random, runs of keys.</summary>
    /// <param name="text">Has a word list.</param>
    internal void DrawNonsense(TrainingText text, List<string> words)
    {
        words.Clear();
        var keys = script == Script.Latin ? LatinKeys : script == Script.Cyrillic ? CyrillicKeys : [];
        var count = 1 + random.Next(3);
        while (words.Count < count)
        {
            var letters = text.Words[random.Next(text.Words.Count)].ToCharArray();
            var kind = random.Next(5);
            if (kind < 2 && keys.Length > 0)
            {
                words.Add(kind == 0 ? DrawRun(keys) : DrawKeys(keys, letters.Length));
            }
            else if (letters.Length > 3)
            {
                Shuffle(letters, kind == 2 ? text.Words : []);
                words.Add(new string(letters));
            }
        }
    }

    private void DrawWords(TrainingText text, List<string> words)
    {
        var count = 1 + random.Next(3);
        for (var i = 0; i < count; i++)
        {
            var word = text.Words[random.Next(text.Words.Count)];
            while (text.Borrowed.Contains(word) && random.NextDouble() > TrainingText.BorrowedWeight)
            {
                word = text.Words[random.Next(text.Words.Count)];
            }

            words.Add(word);
        }

        if (text.Common.Count > 0 && random.Next(4) == 0)
        {
            words.Insert(random.Next(words.Count + 1), text.Common[random.Next(text.Common.Count)]);
        }
    }

    // A run of Han characters is a sentence; captions have phrases.
    private void CutRuns(List<string> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i].Length > 12)
            {
                words[i] = words[i].Substring(random.Next(words[i].Length - 8), 2 + random.Next(6));
            }
        }
    }

    private static void RemoveAccents(List<string> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            var plain = new StringBuilder();
            foreach (var c in words[i].Normalize(NormalizationForm.FormD))
            {
                if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)
                {
                    plain.Append(c switch { 'ı' => 'i', 'ł' => 'l', 'ø' => 'o', 'đ' => 'd', _ => c });
                }
            }

            words[i] = plain.ToString();
        }
    }

    private string DrawRun(string[] keys)
    {
        var row = keys[random.Next(keys.Length)];
        var length = 3 + random.Next(4);
        return row.Substring(random.Next(row.Length - length + 1), length);
    }

    private string DrawKeys(string[] keys, int length) => new(random.GetItems<char>(string.Concat(keys), Math.Max(length, 3)));

    // With words, each letter is drawn from another of them, so that even the letters' counts are no word's.
    private void Shuffle(char[] letters, List<string> words)
    {
        for (var i = 0; i < letters.Length && words.Count > 0; i++)
        {
            var word = words[random.Next(words.Count)];
            letters[i] = word[random.Next(word.Length)];
        }

        random.Shuffle(letters);
    }
}
