namespace Sightline.Curation;

/// <summary>A recipe cannot be run; the message names the filter or line and the cause.</summary>
public sealed class RecipeException : ArgumentException
{
    public RecipeException(string message)
        : base(message)
    {
    }

    public RecipeException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
