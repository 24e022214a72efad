using Sightline.Search;

namespace Sightline.Web.Queries;

/// <param name="Link">To the picture, with its place among the hits.</param>
public sealed record GridItem(Hit Hit, string Link);
