namespace Sightline.Cli;

/// <summary>A command cannot do what was asked; the message is for the user.</summary>
internal sealed class CommandException(string message) : Exception(message);
