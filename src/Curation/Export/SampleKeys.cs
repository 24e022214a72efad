using System.Globalization;

namespace Sightline.Curation.Export;

/// <summary>Samples' keys as img2dataset makes them: the shard's digits, then at least four of the place in it.</summary>
/// <param name="shardSize">Most samples of a shard.</param>
internal sealed class SampleKeys(string shard, int shardSize)
{
    private readonly string _shard = shard[(shard.LastIndexOf('/') + 1)..];
    private readonly int _digits = Math.Max(4, (shardSize - 1).ToString(CultureInfo.InvariantCulture).Length);

    internal string Of(long place) => _shard + place.ToString(CultureInfo.InvariantCulture).PadLeft(_digits, '0');
}
