using System.Numerics;

namespace Sightline.Curation;

/// <summary>When a perceptual hash tells pictures apart at all.</summary>
internal static class PictureHash
{
    private const float LeastContrast = 0.01f;
    private const int LeastBits = 8;
    private const int LeastRows = 3;

    /// <summary>
    /// False for images without a hash, and for hashes without structure, as blank pictures and plain gradients have: fewer than 8 bits set
    /// or clear, or fewer than 3 different bytes; or a standard deviation of luma below 0.01, where the hash is noise.
    /// </summary>
    internal static bool IsTelling(in ImageMeasures image)
    {
        if (!image.Has(ImageMeasured.Pixels) || image.Contrast < LeastContrast)
        {
            return false;
        }

        var set = BitOperations.PopCount(image.PerceptualHash);
        return set is >= LeastBits and <= 64 - LeastBits && CountBytes(image.PerceptualHash) >= LeastRows;
    }

    private static int CountBytes(ulong hash)
    {
        var different = 0;
        for (var i = 0; i < 8; i++)
        {
            var isNew = true;
            for (var j = 0; j < i; j++)
            {
                isNew &= (byte)(hash >> (8 * i)) != (byte)(hash >> (8 * j));
            }

            different += isNew ? 1 : 0;
        }

        return different;
    }
}
