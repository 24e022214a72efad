namespace Sightline.Curation.Parquet;

/// <summary>A value of some bytes: where they lie in the <see cref="ByteBuffers"/> of its batch.</summary>
internal readonly record struct ByteView(int Buffer, int Start, int Length);
