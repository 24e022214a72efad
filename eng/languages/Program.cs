using System.Globalization;
using Sightline.Curation.Languages;
using Sightline.LanguageTrainer;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["train", var folder, var layers, .. var scripts]:
        ModelTrainer.Train(folder, layers, scripts);
        return 0;
    case ["assemble", var layers, var output]:
        TrainedLayer.Write(ModelTrainer.Read(layers), output);
        return 0;
    case ["calibrate", var folder]:
        Calibration.Fit(folder, Console.Out);
        return 0;
    case ["tell"]:
        var identifier = new LanguageIdentifier();
        while (Console.ReadLine() is { } line)
        {
            Console.WriteLine($"{identifier.Identify(line)} {line}");
        }

        return 0;
    default:
        Console.Error.WriteLine("usage: LanguageTrainer train FOLDER LAYERS [SCRIPT...]|assemble LAYERS OUTPUT|calibrate FOLDER|tell");
        Console.Error.WriteLine("FOLDER is the text that gather.py wrote; LAYERS gets a file for each script; tell reads a text a line.");
        return 2;
}
