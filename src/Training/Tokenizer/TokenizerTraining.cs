using Sightline.Training.Data;

namespace Sightline.Training.Tokenizer;

/// <summary>
/// Learns a vocabulary from the captions of a training's data:
/// <code>
/// data: [{path: ../data/flickr8k.zip, table: captions.tsv}]
/// tokenizer: {merges: 7500, least_count: 2}
/// </code>
/// </summary>
public static class TokenizerTraining
{
    /// <param name="config">A configuration's path; sections of it that only trainings need are not looked at.</param>
    /// <param name="folder">For vocab.json and merges.txt; is made where it is not there.</param>
    /// <exception cref="TrainingConfigException">The configuration cannot be; names the setting.</exception>
    /// <exception cref="TrainingDataException">A source cannot be read.</exception>
    public static TrainedTokenizer Run(string config, string folder, CancellationToken cancellationToken)
    {
        var read = TrainingConfig.Read(config);
        var section = read.Root.Section("tokenizer");
        var settings = TokenizerSettings.Read(section);
        section.RequireAllRead();
        var sources = TrainingSet.Read(read.Root, "data", read.Folder);
        return sources.Count == 0
            ? throw read.Root.Wrong("data", "is needed: a list of sources")
            : TokenizerTrainer.Train(Captions(sources, cancellationToken), settings, folder, cancellationToken);
    }

    private static IEnumerable<string> Captions(IReadOnlyList<SourceConfig> sources, CancellationToken cancellationToken)
    {
        foreach (var config in sources)
        {
            if (config.Packed is not null)
            {
                using var packed = PackedPictures.Open(config.Packed, cancellationToken);
                for (var i = 0; i < packed.Count; i++)
                {
                    foreach (var caption in packed[i].Captions)
                    {
                        yield return caption.Text;
                    }
                }

                continue;
            }

            using var source = PictureSource.Open(config, cancellationToken);
            foreach (var caption in source.Contents.Pictures.SelectMany(p => p.Captions))
            {
                yield return caption.Text;
            }
        }
    }
}
