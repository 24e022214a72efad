namespace Sightline.Training.Data;

/// <summary>A table that gives classes their names, such as <c>n01440764</c> the name <c>tench</c>. Classes are numbered in its
/// order.</summary>
/// <param name="File">CSV or TSV: beside the source, or a member of the zip.</param>
/// <param name="Code">Column, by name or by number from 1; numbers mean that there is no header.</param>
/// <param name="Name">Column.</param>
internal sealed record ClassTable(string File, string Code, string Name)
{
    internal static ClassTable? Read(ConfigSection source)
    {
        if (!source.Has("classes"))
        {
            return null;
        }

        var section = source.Section("classes");
        return new ClassTable(
            section.Text("table") ?? throw section.Wrong("table", "is needed: the file with the names of the classes"),
            section.Text("code") ?? "1", section.Text("name") ?? "2");
    }

    /// <returns>Names by their codes, in the table's order.</returns>
    /// <exception cref="TrainingDataException">The table cannot be read, or a row of it.</exception>
    internal IReadOnlyList<KeyValuePair<string, string>> Load(string path, string place)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var rows = new List<KeyValuePair<string, string>>();
        DelimitedTable.Read(path, File, [Code, Name], row =>
        {
            if (row.Fault is not null)
            {
                throw new TrainingDataException($"{place}.classes: {row.Place} of {File} cannot be read: {row.Detail}");
            }

            var (code, name) = (row.Cell(Code).Trim(), row.Cell(Name).Trim());
            if (!names.TryAdd(code, name))
            {
                throw new TrainingDataException($"{place}.classes: {row.Place} of {File} has the class {code} again.");
            }

            rows.Add(new(code, name));
        });
        return rows;
    }
}
