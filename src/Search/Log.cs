using Microsoft.Extensions.Logging;

namespace Sightline.Search;

/// <summary>Every line the search room logs.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "Loaded {Count} vectors of {Space} in {Milliseconds:F0} ms")]
    internal static partial void IndexLoaded(this ILogger logger, int count, string space, double milliseconds);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning,
        Message = "Lost the database while following changes; reading on from {Number}")]
    internal static partial void IndexConnectionLost(this ILogger logger, Exception exception, long number);
}
