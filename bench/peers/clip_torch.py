#!/usr/bin/env python3
"""The peer of `sightline bench clip`: towers of CLIP's sizes in plain PyTorch, random weights, one JSON line per figure.

Layers as in openai/CLIP's model.py (nn.MultiheadAttention, nn.LayerNorm, QuickGELU); where the installed PyTorch has
scaled_dot_product_attention, nn.MultiheadAttention uses it. Figures are medians over rounds of wall time, inputs already on the device.
usage: clip_torch.py --device cpu --dtype fp32 --models ViT-B/32 --batches 1,16,64 --rounds 3 [--text] [--compile]
"""
import argparse
import json
import statistics
import time

import torch
from torch import nn

# name: width, layers, heads, patch, text width, text heads
SIZES = {"ViT-B/32": (768, 12, 12, 32, 512, 8), "ViT-B/16": (768, 12, 12, 16, 512, 8), "ViT-L/14": (1024, 24, 16, 14, 768, 12)}


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    def __init__(self, width, heads, mask):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), QuickGELU(), nn.Linear(4 * width, width))
        self.mask = mask

    def forward(self, x):
        h = self.ln_1(x)
        x = x + self.attn(h, h, h, need_weights=False, attn_mask=self.mask)[0]
        return x + self.mlp(self.ln_2(x))


class ImageTower(nn.Module):
    def __init__(self, width, layers, heads, patch, out):
        super().__init__()
        tokens = (224 // patch) ** 2 + 1
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = nn.Parameter(torch.randn(width) * width ** -0.5)
        self.positional_embedding = nn.Parameter(torch.randn(tokens, width) * width ** -0.5)
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.blocks = nn.Sequential(*[Block(width, heads, None) for _ in range(layers)])
        self.proj = nn.Parameter(torch.randn(width, out) * width ** -0.5)

    def forward(self, pixels):
        x = self.conv1(pixels).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(x.shape[0], 1, -1), x], 1) + self.positional_embedding
        return self.ln_post(self.blocks(self.ln_pre(x))[:, 0]) @ self.proj


class TextTower(nn.Module):
    def __init__(self, width, heads, out, device, dtype):
        super().__init__()
        mask = torch.full((77, 77), float("-inf"), device=device, dtype=dtype).triu(1)
        self.token_embedding = nn.Embedding(49408, width)
        self.positional_embedding = nn.Parameter(torch.randn(77, width) * 0.01)
        self.blocks = nn.Sequential(*[Block(width, heads, mask) for _ in range(12)])
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(torch.randn(width, out) * width ** -0.5)

    def forward(self, ids):
        x = self.ln_final(self.blocks(self.token_embedding(ids) + self.positional_embedding))
        return x[torch.arange(x.shape[0], device=x.device), ids.argmax(-1)] @ self.text_projection


def seconds(work, device, rounds):
    def once():
        start = time.perf_counter()
        work()
        if device != "cpu":
            torch.cuda.synchronize()
        return time.perf_counter() - start

    once()
    return statistics.median(once() for _ in range(rounds))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="fp32", choices=["fp32", "bf16", "fp16"])
    parser.add_argument("--models", default="ViT-B/32")
    parser.add_argument("--batches", default="1,16,64")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--text", action="store_true")
    parser.add_argument("--compile", action="store_true")
    a = parser.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[a.dtype]
    torch.manual_seed(0)
    with torch.inference_mode():
        for name in a.models.split(","):
            width, layers, heads, patch, text_width, text_heads = SIZES[name]
            towers = {"image": ImageTower(width, layers, heads, patch, text_width)}
            if a.text:
                towers["text"] = TextTower(text_width, text_heads, text_width, a.device, dtype)
            for kind, tower in towers.items():
                tower = tower.to(a.device, dtype).eval()
                call = torch.compile(tower) if a.compile else tower
                for batch in map(int, a.batches.split(",")):
                    if kind == "image":
                        x = torch.randn(batch, 3, 224, 224, device=a.device, dtype=dtype)
                    else:
                        x = torch.randint(1, 49000, (batch, 77), device=a.device)
                        x[:, -1] = 49407
                    s = seconds(lambda: call(x), a.device, a.rounds)
                    print(json.dumps({"torch": torch.__version__, "model": name, "tower": kind, "batch": batch, "dtype": a.dtype,
                                      "compiled": a.compile, "seconds": s, "per_second": batch / s}), flush=True)


if __name__ == "__main__":
    main()
