using System.Text;

namespace Sightline.Curation;

/// <summary>An ISO 639 code of two or three letters in four bytes. The default is no code.</summary>
public readonly record struct LanguageCode
{
    private readonly uint _letters;

    /// <exception cref="ArgumentException">Not two or three letters a to z.</exception>
    public LanguageCode(string code)
    {
        var isCode = code.Length is 2 or 3;
        foreach (var letter in code)
        {
            isCode &= char.IsAsciiLetterLower(letter);
            _letters = (_letters << 8) | letter;
        }

        if (!isCode)
        {
            throw new ArgumentException($"{code} is no language code such as en or de.", nameof(code));
        }
    }

    public override string ToString()
    {
        Span<byte> letters = [(byte)(_letters >> 16), (byte)(_letters >> 8), (byte)_letters];
        return Encoding.ASCII.GetString(letters.TrimStart((byte)0));
    }
}
