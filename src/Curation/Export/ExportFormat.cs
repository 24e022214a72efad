using System.Text.Json.Serialization;

namespace Sightline.Curation.Export;

/// <summary>What an export is written as.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ExportFormat>))]
public enum ExportFormat
{
    /// <summary>Shards as img2dataset writes them: <c>00000.tar</c> of image, caption and JSON, <c>00000.parquet</c> and
    /// <c>00000_stats.json</c> beside it (https://github.com/rom1504/img2dataset).</summary>
    [JsonStringEnumMemberName("webdataset")]
    WebDataset,

    /// <summary>A JSON object a line. Images stay where they are.</summary>
    [JsonStringEnumMemberName("jsonl")]
    JsonLines,

    /// <summary>Comma-separated values (RFC 4180) with a header. Images stay where they are.</summary>
    [JsonStringEnumMemberName("csv")]
    Csv,

    /// <summary>A table. Images stay where they are.</summary>
    [JsonStringEnumMemberName("parquet")]
    Parquet,

    /// <summary>COCO's captions: each image once, with all its captions (https://cocodataset.org/#format-data). Images stay where they
    /// are.</summary>
    [JsonStringEnumMemberName("coco")]
    Coco,

    /// <summary>Hugging Face's imagefolder: image files, and <c>metadata.jsonl</c> with <c>file_name</c> and <c>text</c>
    /// (https://huggingface.co/docs/datasets/image_dataset).</summary>
    [JsonStringEnumMemberName("imagefolder")]
    ImageFolder,

    /// <summary>DataComp's subset file: the pairs' keys, 128-bit hexadecimal uids, sorted, as a NumPy array of <c>u8,u8</c>
    /// (https://github.com/mlfoundations/datacomp).</summary>
    [JsonStringEnumMemberName("uids")]
    Uids,

    /// <summary>A table of all pairs, kept or not, with the reason: for tools that go by this run's word.</summary>
    [JsonStringEnumMemberName("verdicts")]
    Verdicts,
}
