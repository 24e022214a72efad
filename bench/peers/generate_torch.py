#!/usr/bin/env python3
"""The peer of `sightline bench generate`: a decoder-only transformer in plain PyTorch with a static cache, random weights.

GPT-2's block (packed projection, pre-norm, GELU). The cache has room for all positions from the start; a step writes one position and
attends to those so far. Text is taken in at once, then image tokens are drawn by torch.multinomial, one after the other.
Prints one JSON line: tokens a second over all sequences, text included in the time.
usage: generate_torch.py --device cpu --dtype bf16 --layers 8 --width 512 --batch 1 --text 64 --image 256 --vocabulary 2048 --threads 2
"""
import argparse
import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    def __init__(self, width, heads, batch, length, dtype, device):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.packed, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        shape = (batch, heads, length, width // heads)
        self.keys = torch.zeros(shape, dtype=dtype, device=device)
        self.values = torch.zeros(shape, dtype=dtype, device=device)

    def forward(self, x, start):
        batch, tokens, width = x.shape
        query, key, value = self.packed(self.ln_1(x)).view(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        end = start + tokens
        self.keys[:, :, start:end] = key
        self.values[:, :, start:end] = value
        keys, values = self.keys[:, :, :end], self.values[:, :, :end]
        if hasattr(functional, "scaled_dot_product_attention"):
            mixed = functional.scaled_dot_product_attention(query, keys, values, is_causal=tokens > 1)
        else:
            scores = query @ keys.transpose(-1, -2) / (width // self.heads) ** 0.5
            if tokens > 1:
                scores = scores + torch.full((tokens, end), float("-inf"), dtype=x.dtype, device=x.device).triu(1)
            mixed = scores.softmax(-1) @ values
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, tokens, width))
        return x + self.down(functional.gelu(self.up(self.ln_2(x))))


class Model(nn.Module):
    def __init__(self, a, dtype):
        super().__init__()
        length = a.text + a.image
        self.tokens, self.positions = nn.Embedding(a.vocabulary, a.width), nn.Embedding(length, a.width)
        self.blocks = nn.ModuleList([Block(a.width, a.width // 64, a.batch, length, dtype, a.device) for _ in range(a.layers)])
        self.norm, self.head = nn.LayerNorm(a.width), nn.Linear(a.width, a.vocabulary)

    def forward(self, ids, start):
        x = self.tokens(ids) + self.positions.weight[start:start + ids.shape[1]]
        for block in self.blocks:
            x = block(x, start)
        return self.head(self.norm(x[:, -1])).float()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="fp32", choices=["fp32", "bf16"])
    for name, value in {"layers": 8, "width": 512, "batch": 1, "text": 64, "image": 256, "vocabulary": 2048, "threads": 0, "rounds": 1}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    a = parser.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[a.dtype]
    torch.manual_seed(0)
    with torch.inference_mode():
        model = Model(a, dtype).to(a.device, dtype).eval()
        text = torch.randint(0, a.vocabulary, (a.batch, a.text), device=a.device)

        def picture(tokens):
            start = time.perf_counter()
            logits = model(text, 0)
            for at in range(tokens):
                drawn = torch.multinomial(logits.softmax(-1), 1)
                if at + 1 < tokens:
                    logits = model(drawn, a.text + at)
            if a.device != "cpu":
                torch.cuda.synchronize()
            return time.perf_counter() - start

        picture(4)
        seconds = statistics.median(picture(a.image) for _ in range(a.rounds))
        print(json.dumps({"torch": torch.__version__, "seconds": seconds, "tokens_per_second": a.batch * a.image / seconds}), flush=True)


if __name__ == "__main__":
    main()
