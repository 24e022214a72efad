namespace Sightline.Bench;

internal static class Placeholder;
