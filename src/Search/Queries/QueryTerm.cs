using Sightline.Models;
using Sightline.Models.Images;

namespace Sightline.Search;

/// <summary>One part of a query.</summary>
/// <param name="Weight">Its share beside the other terms; negative: less of it. Not 0.</param>
public abstract record QueryTerm(float Weight);

/// <summary>Words.</summary>
public sealed record TextTerm(string Text, float Weight = 1) : QueryTerm(Weight);

/// <summary>An image of the catalogue; it is not among its own hits.</summary>
public sealed record ImageTerm(ImageId Image, float Weight = 1) : QueryTerm(Weight);

/// <summary>A picture given by the user.</summary>
public sealed record PictureTerm(RgbImage Picture, float Weight = 1) : QueryTerm(Weight);

/// <summary>A vector of the space that is searched.</summary>
public sealed record VectorTerm(Embedding Vector, float Weight = 1) : QueryTerm(Weight);

/// <summary>
/// "Like this, but ...": the query is turned towards the difference of two texts, spherically (unCLIP, arXiv 2204.06125, section 3.3).
/// </summary>
/// <param name="To">What it should be, such as "at night".</param>
/// <param name="From">What it is now; null: nothing in particular.</param>
/// <param name="Amount">How far, 0 (as it is) to 1 (the difference alone).</param>
public sealed record QueryShift(string To, string? From, float Amount = QueryShift.DefaultAmount)
{
    public const float DefaultAmount = 0.4f;
}
