namespace Sightline.Curation.Export;

/// <summary>How far an export is.</summary>
/// <param name="IsPlanning">The pairs are counted and given to splits; nothing is written yet.</param>
/// <param name="Pairs">Done: looked at while planning, else written, failed, or found written by an earlier run.</param>
/// <param name="OfPairs">All of these: of the dataset while planning, else of the export.</param>
/// <param name="ImageBytes">Of the images written by this run.</param>
/// <param name="Passed">Those of the pairs done that an earlier run has written: no rate is of them.</param>
public readonly record struct ExportProgress(bool IsPlanning, long Pairs, long OfPairs, long ImageBytes, long Passed = 0);
