namespace Sightline.Training.Data;

/// <summary>Pictures and captions cannot be read as the configuration asks. The message names the source and the cause.</summary>
public sealed class TrainingDataException(string message, Exception? cause = null) : IOException(message, cause);
