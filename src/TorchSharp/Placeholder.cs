namespace TorchSharp;

internal static class Placeholder;
