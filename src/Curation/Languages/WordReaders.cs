namespace Sightline.Curation.Languages;

/// <summary>Lends a <see cref="WordReader"/> to each thread that asks: as many as there are processors remember words, others beside them
/// hardly any. Thread-safe.</summary>
internal sealed class WordReaders(NgramModel model, LanguageCalibration calibration)
{
    // References this far apart are in different cache lines: a processor finds its own untouched by the others.
    private const int Apart = 16;

    private readonly WordReader?[] _idle = new WordReader?[Environment.ProcessorCount * Apart];
    private int _made;

    internal WordReader Rent()
    {
        for (var (i, place) = (0, Home()); i < _idle.Length; i += Apart, place = Next(place))
        {
            if (Volatile.Read(ref _idle[place]) is not null && Interlocked.Exchange(ref _idle[place], null) is { } reader)
            {
                return reader;
            }
        }

        if (Interlocked.Increment(ref _made) <= Environment.ProcessorCount)
        {
            return new WordReader(model, calibration, WordReader.ManyPlaces);
        }

        Interlocked.Decrement(ref _made);
        return new WordReader(model, calibration, places: 2);
    }

    internal void Return(WordReader reader)
    {
        for (var place = Home(); !reader.IsSmall; place = Next(place))
        {
            if (Interlocked.CompareExchange(ref _idle[place], reader, null) is null)
            {
                return;
            }
        }
    }

    private int Home() => Thread.GetCurrentProcessorId() % Environment.ProcessorCount * Apart;

    private int Next(int place) => (place + Apart) % _idle.Length;
}
