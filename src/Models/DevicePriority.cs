namespace Sightline.Models;

/// <summary>Who waits for the device: a person at a page goes before bulk work, which yields between batches.</summary>
public enum DevicePriority
{
    Interactive,
    Bulk,
}
