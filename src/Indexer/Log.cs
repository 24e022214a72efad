using Microsoft.Extensions.Logging;

namespace Sightline.Indexer;

/// <summary>Every line the indexer logs.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Job {Job} ended as {State}. {Summary}")]
    internal static partial void JobEnded(this ILogger logger, long job, string state, string summary);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Error, Message = "Job {Job} failed")]
    internal static partial void JobFailed(this ILogger logger, Exception exception, long job);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "The database does not answer; trying again")]
    internal static partial void DatabaseLost(this ILogger logger, Exception exception);
}
