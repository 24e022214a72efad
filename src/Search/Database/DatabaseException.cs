namespace Sightline.Search;

/// <summary>The database cannot be started, reached or brought up to date; the message says what to do and holds no password.</summary>
public sealed class DatabaseException : Exception
{
    public DatabaseException(string message)
        : base(message)
    {
    }

    public DatabaseException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
