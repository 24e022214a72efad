using System.Globalization;

namespace Sightline.Training.Data;

/// <summary>A row of a source on its way to a picture.</summary>
/// <param name="Place">In its file, for faults.</param>
/// <param name="Key">Of the picture.</param>
/// <param name="Location">Of the picture's bytes.</param>
/// <param name="Folder">Name of the folder that the picture lies in; empty where that is the source's own.</param>
/// <param name="Values">By the source's names of columns; what the row does not have is missing.</param>
internal readonly record struct SourceRow(
    string File, string Place, string Key, string Location, string Folder, IReadOnlyDictionary<string, string> Values);

/// <summary>Makes pictures with captions and labels of rows: chooses rows, splits cells, fills templates, joins the rows of one
/// picture.</summary>
internal sealed class PictureCollector
{
    private readonly SourceConfig _config;
    private readonly IReadOnlyList<string> _captions;
    private readonly Dictionary<string, string>? _classes;
    private readonly List<string> _classOrder = [];
    private readonly Dictionary<string, PictureDraft> _pictures = new(StringComparer.Ordinal);
    private readonly List<PictureDraft> _order = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly HashSet<string> _labels = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<string> _cells = [];
    private long _rows;

    /// <param name="captions">Columns of captions.</param>
    /// <param name="classes">Names by their codes; null where labels are their own names.</param>
    internal PictureCollector(
        SourceConfig config, IReadOnlyList<string> captions, IReadOnlyList<KeyValuePair<string, string>>? classes)
    {
        (_config, _captions) = (config, captions);
        if (classes is not null)
        {
            _classes = classes.ToDictionary(StringComparer.Ordinal);
            _classOrder.AddRange(classes.Select(c => c.Value).Distinct(StringComparer.Ordinal));
        }
    }

    internal FaultList Faults { get; } = new();

    /// <summary>Columns that rows are asked for, captions' left out.</summary>
    internal static IEnumerable<string> ColumnsOf(SourceConfig config) => config.Where.Keys
        .Concat(config.Columns.Where(c => c.Key is "language" or "label").Select(c => c.Value))
        .Concat(config.Templates.SelectMany(t => t.Columns).Where(c => c != "label" || config.Columns.ContainsKey(c))
            .Select(c => c == "label" ? config.Columns[c] : c))
        .Distinct(StringComparer.Ordinal);

    internal void Add(in SourceRow row)
    {
        _rows++;
        foreach (var name in row.Values.Keys)
        {
            _seen.Add(name);
        }

        if (!IsWanted(row))
        {
            return;
        }

        if (!TryReadLabel(row, out var label))
        {
            return;
        }

        var picture = PictureOf(row, label);
        if (picture.Label != label)
        {
            Faults.Add(new DataFault(
                row.File, row.Place, "two_labels", $"{picture.Key} has the class {picture.Label} already, not {label}."));
        }

        AddCaptions(picture, row, label);
    }

    /// <exception cref="TrainingDataException">No row had a column that was asked for.</exception>
    internal SourceContents Finish()
    {
        if (_rows > 0 && ColumnsOf(_config).FirstOrDefault(c => !_seen.Contains(c)) is { } missing)
        {
            throw new TrainingDataException(
                $"{_config.Place}: {_config.Path} has no column {missing}; it has "
                + $"{string.Join(", ", _seen.Order(StringComparer.Ordinal))}.");
        }

        var labels = _classes is null ? _labels.Order(StringComparer.Ordinal).ToList() : _classOrder;
        return new SourceContents(_order, labels, Faults);
    }

    private bool IsWanted(in SourceRow row)
    {
        foreach (var (column, wanted) in _config.Where)
        {
            if (!wanted.Contains(row.Values.GetValueOrDefault(column, "")))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadLabel(in SourceRow row, out string label)
    {
        label = _config.LabelIsFolder ? row.Folder
            : _config.Columns.TryGetValue("label", out var column) ? row.Values.GetValueOrDefault(column, "").Trim() : "";
        if (_classes is not null && label.Length > 0)
        {
            if (!_classes.TryGetValue(label, out var name))
            {
                Faults.Add(new DataFault(row.File, row.Place, "unknown_class", $"The class {label} is not in {_config.Classes!.File}."));
                return false;
            }

            label = name;
        }

        if (label.Length > 0)
        {
            _labels.Add(label);
        }

        return true;
    }

    private PictureDraft PictureOf(in SourceRow row, string label)
    {
        if (!_pictures.TryGetValue(row.Location, out var picture))
        {
            // Shards of several runs name different pictures alike.
            var key = row.Key;
            for (var i = 2; !_keys.Add(key); i++)
            {
                key = string.Create(CultureInfo.InvariantCulture, $"{row.Key}#{i}");
            }

            picture = new PictureDraft(key, row.Location, [], label);
            _pictures.Add(row.Location, picture);
            _order.Add(picture);
        }

        return picture;
    }

    private void AddCaptions(PictureDraft picture, in SourceRow row, string label)
    {
        var values = row.Values;
        var language = _config.Columns.TryGetValue("language", out var column) && values.GetValueOrDefault(column) is { Length: > 0 } given
            ? given.Trim() : _config.Language;
        if (_config.Languages.Count > 0 && !_config.Languages.Contains(language))
        {
            return;
        }

        foreach (var caption in _captions)
        {
            Split(values.GetValueOrDefault(caption, ""));
            _cells.ForEach(text => Add(picture, text, language));
        }

        foreach (var template in _config.Templates)
        {
            Fill(picture, template, [.. template.Columns], 0, new Dictionary<string, string>(), values, label, language);
        }
    }

    /// <summary>One caption for each choice of values, where cells hold several.</summary>
    private void Fill(
        PictureDraft picture, RowTemplate template, string[] columns, int next, Dictionary<string, string> chosen,
        IReadOnlyDictionary<string, string> values, string label, string language)
    {
        if (next == columns.Length)
        {
            if (template.Fill(chosen.GetValueOrDefault) is { } text)
            {
                Add(picture, text, language);
            }

            return;
        }

        Split(columns[next] == "label" && label.Length > 0 ? label : values.GetValueOrDefault(columns[next], ""));
        foreach (var cell in _cells.ToArray())
        {
            chosen[columns[next]] = cell;
            Fill(picture, template, columns, next + 1, chosen, values, label, language);
        }
    }

    private void Split(string cell)
    {
        _cells.Clear();
        var parts = string.IsNullOrEmpty(_config.Separator) ? [cell] : cell.Split(_config.Separator);
        _cells.AddRange(parts.Select(p => p.Trim()).Where(p => p.Length > 0));
    }

    private static void Add(PictureDraft picture, string text, string language)
    {
        var caption = new TrainingCaption(text, language);
        if (!picture.Captions.Contains(caption))
        {
            picture.Captions.Add(caption);
        }
    }
}
