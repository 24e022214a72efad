namespace Sightline.Training.Data;

/// <summary>A folder of packed pictures, each in a folder named by what they were made of: the next training finds them there.</summary>
internal sealed class PackCache(string folder, Action<PackProgress> progress, TimeProvider time)
{
    /// <summary>Packs a source unless that was done; what is there and damaged is packed again.</summary>
    /// <exception cref="TrainingDataException">The source cannot be read, or none of its pictures; says why.</exception>
    internal (PackedPictures Pictures, PackReport Report) Open(
        SourceConfig config, PackOptions options, CancellationToken cancellationToken)
    {
        using var source = PictureSource.Open(config, cancellationToken);
        var key = source.KeyOf(options);
        var packed = Path.Combine(folder, key);
        string? damage = null;
        if (Directory.Exists(packed))
        {
            try
            {
                return (PackedPictures.Open(packed, cancellationToken), PicturePacker.ReadReport(packed));
            }
            catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
            {
                damage = e.Message;
            }
        }

        var report = new PicturePacker(source, options, progress, time).Pack(packed, key, cancellationToken) with { Replaced = damage };
        return (PackedPictures.Open(packed, cancellationToken), report);
    }
}
