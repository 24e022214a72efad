namespace Sightline.Cli;

internal static class Program
{
    private static Task<int> Main(string[] args) => throw new NotImplementedException();
}
