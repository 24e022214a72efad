using System.Globalization;
using System.Text;
using Sightline.Search;

namespace Sightline.Curation.Import;

/// <summary>The images of the search catalogue with the captions that were found beside them; those without one have an empty caption.</summary>
internal sealed class CatalogSource(SearchEngine engine, ImageFilter? filter) : IPairSource
{
    private const string Name = "the catalogue";

    public string Format => "catalogue";

    public IReadOnlyList<string> Files => [Name];

    // Images come and go between two looks.
    public bool IsRepeatable => false;

    public void Read(string file, PairSink sink, CancellationToken cancellationToken)
    {
        foreach (var image in engine.ReadImagesAsync(filter, cancellationToken).ToBlockingEnumerable(cancellationToken))
        {
            sink.Add(new NewPair
            {
                Key = Encoding.UTF8.GetBytes(image.Id.Value.ToString(CultureInfo.InvariantCulture)),
                Caption = Encoding.UTF8.GetBytes(image.Caption ?? ""),
                Image = Encoding.UTF8.GetBytes(ImageLocation.File(image.FullPath).ToString()),
                Sha256 = Encoding.UTF8.GetBytes(Convert.ToHexStringLower(image.Sha256)),
                Extra = image.Provenance == Provenance.Generated ? """{"provenance":"generated"}"""u8 : default,
                Width = image.Metadata.Width,
                Height = image.Metadata.Height,
            });
        }
    }
}
