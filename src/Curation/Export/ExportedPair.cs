namespace Sightline.Curation.Export;

/// <summary>A pair as it is exported. Texts are UTF-8, empty where nothing is known.</summary>
internal readonly ref struct ExportedPair
{
    /// <param name="digits">64 bytes, which hold the digest while the record is used.</param>
    internal ExportedPair(PairPart part, int index, Span<byte> digits)
    {
        var source = part.Source[index];
        Pair = part[index];
        Row = part.FirstRow + index;
        Extra = source.Extra;
        Sha256 = ImageIdentity.Sha256(Pair.Measures, Pair.Sha256, digits);
        (OriginalWidth, OriginalHeight) = source is { Width: > 0, Height: > 0 } ? (source.Width, source.Height) : (Pair.Width, Pair.Height);
    }

    internal Pair Pair { get; }

    /// <summary>In the dataset.</summary>
    internal long Row { get; }

    internal ReadOnlySpan<byte> Extra { get; }

    /// <summary>As measured, or else as the source says.</summary>
    internal ReadOnlySpan<byte> Sha256 { get; }

    /// <summary>Pixels, as the source says or else as measured; 0 where it is not known.</summary>
    internal int OriginalWidth { get; }

    /// <inheritdoc cref="OriginalWidth"/>
    internal int OriginalHeight { get; }
}
