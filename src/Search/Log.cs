using Microsoft.Extensions.Logging;

namespace Sightline.Search;

/// <summary>Every line the search room logs.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Information,
        Message = "Loaded {Count} vectors of {Space} in {Segments} segments in {Milliseconds:F0} ms")]
    internal static partial void IndexLoaded(this ILogger logger, int count, string space, int segments, double milliseconds);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning,
        Message = "Lost the database while following changes; reading on from {Number}")]
    internal static partial void IndexConnectionLost(this ILogger logger, Exception exception, long number);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Error,
        Message = "Segment {Number} of the index of {Space} is damaged: {Damage}. It is built again from the catalogue's rows")]
    internal static partial void SegmentDamaged(this ILogger logger, long number, string space, string damage);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Information, Message = "Recovered {Count} vectors of {Space} from their rows")]
    internal static partial void SegmentRepaired(this ILogger logger, string space, int count);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Debug,
        Message = "Built a segment of {Rows} vectors of {Space}, {Segments} segments now, in {Milliseconds:F0} ms")]
    internal static partial void SegmentBuilt(this ILogger logger, int rows, string space, int segments, double milliseconds);

    [LoggerMessage(EventId = 2006, Level = LogLevel.Debug,
        Message = "Stored the index of {Space}: {Segments} segments, every change up to {Number}")]
    internal static partial void ManifestWritten(this ILogger logger, string space, int segments, long number);

    [LoggerMessage(EventId = 2007, Level = LogLevel.Error,
        Message = "The index of {Space} could not be built or stored; it is served from memory, and tried again in {Seconds} s")]
    internal static partial void IndexNotKept(this ILogger logger, Exception exception, string space, double seconds);
}
