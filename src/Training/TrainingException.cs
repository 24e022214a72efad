namespace Sightline.Training;

/// <summary>A training cannot begin or go on; the message says why and what to do.</summary>
public sealed class TrainingException : Exception
{
    public TrainingException(string message)
        : base(message)
    {
    }

    public TrainingException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
