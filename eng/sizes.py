#!/usr/bin/env python3
"""Size report of src: lines a file, and interfaces against classes."""
import pathlib
import re

files = [p for p in pathlib.Path("src").rglob("*.cs") if "/obj/" not in str(p) and "/bin/" not in str(p)]
lines = sorted((len(p.read_text().splitlines()), str(p)) for p in files)
counts = [n for n, _ in lines]
text = "\n".join(p.read_text() for p in files)
interfaces = len(re.findall(r"^\s*(?:public |internal )?interface ", text, re.M))
classes = len(re.findall(r"^\s*(?:[a-z]+ )*(?:class|record|struct) ", text, re.M))
print(f"== size: {len(counts)} files, median {counts[len(counts) // 2]}, p95 {counts[int(len(counts) * .95)]}, "
      f"longest {lines[-1][0]} ({lines[-1][1]}); interfaces : types {interfaces} : {classes}")
