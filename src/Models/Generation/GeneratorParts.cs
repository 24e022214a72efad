namespace Sightline.Models.Generation;

/// <summary>What a model's folder holds, loaded.</summary>
/// <param name="Model">From caption to tokens.</param>
/// <param name="Detokenizer">From tokens to pixels.</param>
/// <param name="Digests">Of the weights of each file, in the layout's order.</param>
/// <param name="Defaults">How those who trained the model sample from it.</param>
internal sealed record GeneratorParts(ITokenModel Model, IDetokenizer Detokenizer, byte[][] Digests, SamplingOptions Defaults) : IDisposable
{
    public void Dispose()
    {
        Model.Dispose();
        Detokenizer.Dispose();
    }
}
