"""Writes expected.json: what ImageStatistics must say of pictures that a formula gives. By numpy alone, and by matrices where the program
goes pixel by pixel."""
import json
import os

import numpy as np

SIDE = 256
WEIGHTS = np.array([19595, 38470, 7471], dtype=object)


def picture(kind, width, height):
    """[height, width, 3], 0 to 255; tests/Models.Tests/Images/ImageStatisticsTests.cs has the same formulas."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    if kind == "flat":
        return 60 + 70 * c
    if kind == "gradient":
        return (x * 200 // max(1, width - 1) + y * 40 // max(1, height - 1) + c * 7) % 256
    if kind == "rings":
        return ((x - width // 3) ** 2 + (y - height // 2) ** 2 + 900 * c) // 97 % 256
    if kind == "noise":
        return (x * 7919 + y * 104729 + c * 1299709) ** 2 % 65537 // 257 % 256
    if kind == "cross":
        inside = (abs(2 * x - width + 1) < width // 4) | (abs(2 * y - height + 1) < height // 4)
        return np.where(inside, 20 + 30 * c, 250)
    raise ValueError(kind)


def shares(old, new):
    """[new, old]: how many new-ths of each old pixel lie under each new one."""
    starts, ends = np.arange(new)[:, None] * old, np.arange(1, new + 1)[:, None] * old
    olds = np.arange(old)[None]
    return np.maximum(0, np.minimum(ends, (olds + 1) * new) - np.maximum(starts, olds * new))


def luma(rgb):
    height, width = rgb.shape[:2]
    longer = max(width, height)
    to = [s if longer <= SIDE else max(1, (2 * s * SIDE + longer) // (2 * longer)) for s in (height, width)]
    down, across = shares(height, to[0]), shares(width, to[1])
    sums = np.stack([down @ rgb[:, :, c].astype(np.int64) @ across.T for c in range(3)], -1).astype(object)
    total = 65536 * width * height
    return ((sums @ WEIGHTS + total // 2) // total).astype(np.int64)


def statistics(grey):
    counts = np.bincount(grey.ravel(), minlength=256)
    p = counts[counts > 0] / grey.size
    inner = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner if min(grey.shape) > 2 else np.zeros(1)
    return grey.mean() / 255, grey.std() / 255, float(-(p * np.log2(p)).sum()), laplacian.var()


def perceptual_hash(grey, dead_zone=0.05):
    height, width = grey.shape
    small = shares(height, 32) @ grey @ shares(width, 32).T / (height * width)
    cosines = np.cos(np.pi * np.outer(np.arange(11), 2 * np.arange(32) + 1) / 64)
    waves = cosines @ (small - small.mean()) @ cosines.T
    order = sorted(((u, v) for u in range(11) for v in range(11) if u + v > 0), key=lambda w: (w[0] + w[1], abs(w[0] - w[1]), w[0]))[:64]
    chosen = np.array([waves[w] for w in order])
    bits = chosen > dead_zone * np.sqrt((chosen**2).mean())
    return sum(1 << i for i, bit in enumerate(bits) if bit)


def main():
    cases = [(k, w, h) for k in ("flat", "gradient", "rings", "noise", "cross")
             for w, h in ((1, 1), (2, 900), (31, 17), (256, 256), (257, 101), (640, 480), (1600, 300), (333, 1000))]
    rows = []
    for kind, width, height in cases:
        grey = luma(picture(kind, width, height))
        brightness, contrast, entropy, sharpness = statistics(grey)
        rows.append({"kind": kind, "width": width, "height": height, "brightness": brightness, "contrast": contrast, "entropy": abs(entropy),
                     "sharpness": sharpness, "hash": f"{perceptual_hash(grey):016x}"})
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected.json"), "w") as file:
        file.write("[\n" + ",\n".join("  " + json.dumps(r) for r in rows) + "\n]\n")


if __name__ == "__main__":
    main()
