namespace Sightline.Curation.Parquet;

/// <summary>A Parquet file, or the part of it that was asked for, that cannot be read: damaged, encrypted, or of a kind that is not
/// supported. The message names the file, the row group and the column where they are known, and the cause.</summary>
public sealed class ParquetException : Exception
{
    internal ParquetException(string file, int? rowGroup, string? column, string cause, Exception? inner = null)
        : base(Compose(file, rowGroup, column, cause), inner)
    {
        File = file;
        RowGroup = rowGroup;
        Column = column;
    }

    /// <summary>The path, or the name that the stream was opened by.</summary>
    public string File { get; }

    /// <summary>Counted from 0; null where the cause lies outside of any one.</summary>
    public int? RowGroup { get; }

    public string? Column { get; }

    private static string Compose(string file, int? rowGroup, string? column, string cause) =>
        file + (rowGroup is null ? "" : $", row group {rowGroup}") + (column is null ? "" : $", column {column}") + ": " + cause;
}
