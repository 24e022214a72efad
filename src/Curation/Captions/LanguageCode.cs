using System.Text;

namespace Sightline.Curation;

/// <summary>An ISO 639 code of two or three letters in four bytes. The default is no code.</summary>
public readonly record struct LanguageCode
{
    private readonly uint _letters;

    /// <exception cref="ArgumentException">Not two or three letters a to z.</exception>
    public LanguageCode(string code)
    {
        if (code.Length is not (2 or 3) || code.AsSpan().ContainsAnyExceptInRange('a', 'z'))
        {
            throw new ArgumentException($"{code} is no language code such as en or de.", nameof(code));
        }

        foreach (var letter in code)
        {
            _letters = (_letters << 8) | letter;
        }
    }

    public override string ToString()
    {
        Span<byte> letters = [(byte)(_letters >> 16), (byte)(_letters >> 8), (byte)_letters];
        return Encoding.ASCII.GetString(letters.TrimStart((byte)0));
    }
}
