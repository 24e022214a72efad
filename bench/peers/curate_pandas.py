#!/usr/bin/env python3
"""The peer of `sightline bench curate`: the same filters in pandas, as a careful user writes them, the cheap ones first.

Vectorised string methods where pandas has them, one pass of Python per caption that is left where it has not; the language is CLD2's with its
best effort, from the same native library (libsightline_lang) through ctypes. Reads the same tab-separated file, writes the kept rows' numbers.
usage: curate_pandas.py PAIRS.tsv LIBRARY KEPT.txt   prints one line of JSON: pairs, kept, seconds, and seconds by step
"""
import csv
import ctypes
import json
import re
import sys
import time

import pandas as pd


class Result(ctypes.Structure):
    _fields_ = [("languages", ctypes.c_int32 * 3), ("percents", ctypes.c_int32 * 3), ("scores", ctypes.c_float * 3),
                ("text_bytes", ctypes.c_int32), ("reliable", ctypes.c_int32)]


MONTHS = "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
DATE = re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)?\.? {MONTHS}\.?,? \d{{4}}\b|\b{MONTHS}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b|\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b", re.I)
BOILERPLATE = re.compile(r"stock photo|royalty.free|photographed on|all rights reserved|image result for|click to enlarge|getty images|vector illustration", re.I)
URL = re.compile(r"https?://|www\.|\b[a-z0-9-]+\.(?:com|org|net|de|co\.uk|fr|ru)\b", re.I)
EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.\w+\b")
MARKUP = re.compile(r"<[a-z/][^>]*>|&[a-z]+;|\[/?[a-z]+\]|\{\{", re.I)
FILE_NAME = re.compile(r"\b(?:IMG|DSC|DSCN|P)_?\d{3,}|\.jpe?g\b", re.I)


def main():
    path, library, kept_path = sys.argv[1:]
    native = ctypes.CDLL(library)
    detect = native.sightline_lang_detect
    detect.argtypes = [ctypes.c_char_p, ctypes.c_int32, ctypes.c_int32, ctypes.POINTER(Result)]
    code = ctypes.c_char_p()
    count = ctypes.c_int32()
    native.sightline_lang_count(ctypes.byref(count))
    codes = []
    for i in range(count.value):
        native.sightline_lang_code(i, ctypes.byref(code))
        codes.append(code.value)
    english = codes.index(b"en")
    steps = {}
    begin = last = time.perf_counter()

    def step(name):
        nonlocal last
        now = time.perf_counter()
        steps[name] = round(now - last, 3)
        last = now

    pairs = pd.read_csv(path, sep="\t", quoting=csv.QUOTE_NONE, dtype={"caption": str, "url": str, "width": "int32", "height": "int32"}, keep_default_na=False)
    total = len(pairs)
    step("read")
    longer = pairs[["width", "height"]].max(axis=1)
    shorter = pairs[["width", "height"]].min(axis=1)
    pairs = pairs[(shorter >= 200) & (longer <= 3 * shorter)]
    step("size")
    text = pairs.caption.str.strip()
    length = text.str.len()
    words = text.str.count(" ") + 1
    pairs = pairs[(length >= 5) & (length <= 1000) & (words >= 3)]
    step("length")

    def is_sentence(caption):
        letters = capitals = digits = symbols = run = longest = 0
        before = ""
        for c in caption:
            if c.isalpha():
                letters += 1
                capitals += c.isupper()
            elif c.isdigit():
                digits += 1
            elif ord(c) > 0x2000 and not c.isspace():
                symbols += 1
            run = run + 1 if c == before else 1
            before = c
            if run > longest:
                longest = run
        n = len(caption)
        return letters >= 0.5 * n and digits <= 0.3 * n and symbols <= 0.2 * n and (letters < 10 or capitals <= 0.8 * letters) and longest <= 6

    pairs = pairs[[is_sentence(c) for c in pairs.caption]]
    step("shape")

    def repeated(caption):
        all_words = caption.lower().split()
        return len(all_words) >= 5 and 1 - len(set(all_words)) / len(all_words) > 0.5

    pairs = pairs[[not repeated(c) for c in pairs.caption]]
    step("repetition")
    for name, pattern in (("date", DATE), ("boilerplate", BOILERPLATE), ("url", URL), ("email", EMAIL), ("markup", MARKUP), ("file_name", FILE_NAME)):
        pairs = pairs[[pattern.search(c) is None for c in pairs.caption]]
        step(name)
    result = Result()

    def is_english(caption):
        utf8 = caption.encode()
        return detect(utf8, len(utf8), 1, ctypes.byref(result)) == 0 and result.languages[0] == english

    pairs = pairs[[is_english(c) for c in pairs.caption]]
    step("language")
    pairs = pairs[~pairs.caption.str.lower().str.replace(r"[^\w]+", " ", regex=True).duplicated()]
    step("duplicates")
    pairs.index.to_series().to_csv(kept_path, index=False, header=False)
    step("write")
    print(json.dumps({"pairs": total, "kept": len(pairs), "seconds": time.perf_counter() - begin, "steps": steps}))


main()
