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
DATE = re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)?\.? {MONTHS}\.?,? \d{{4}}\b|\b{MONTHS}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b|\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b")
BOILERPLATE = ("stock photo", "royalty free", "royalty-free", "photographed on", "all rights reserved", "image result for", "click to enlarge", "getty images",
               "vector illustration")
URL = re.compile(r"https?://|www\.|\b[a-z0-9-]+\.(?:com|org|net|de|co\.uk|fr|ru)\b")
EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.\w+\b")
MARKUP = re.compile(r"<[a-z/][^>]*>|&[a-z]+;|\[/?[a-z]+\]|\{\{")
LETTERS = re.compile(r"[^\W\d_]+")
DIGIT = re.compile(r"\d")
SYMBOL = re.compile("[^\\w\\s\u0000-\u2000]")
LONG_RUN = re.compile(r"([^\d\s])\1{6}")
FILE_NAME = re.compile(r"\b(?:img|dsc|dscn|p)_?\d{3,}|\.jpe?g\b")


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
    begin_cpu = time.process_time()

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
        n = len(caption)
        letters = sum(map(len, LETTERS.findall(caption)))
        if letters < 0.5 * n:
            return False
        if n - letters > 0.2 * n and (len(DIGIT.findall(caption)) > 0.3 * n or len(SYMBOL.findall(caption)) > 0.2 * n):
            return False
        if letters >= 10 and not caption.islower() and sum(map(str.isupper, caption)) > 0.8 * letters:
            return False
        return LONG_RUN.search(caption) is None

    pairs = pairs[[is_sentence(c) for c in pairs.caption]]
    step("shape")

    def repeated(words):
        return len(words) >= 5 and len(set(words)) < 0.5 * len(words)

    pairs = pairs.assign(lower=pairs.caption.str.lower())
    pairs = pairs[[not repeated(c.split()) for c in pairs.lower]]
    step("repetition")
    pairs = pairs[[DATE.search(c) is None for c in pairs.lower]]
    step("date")
    pairs = pairs[[not any(phrase in c for phrase in BOILERPLATE) for c in pairs.lower]]
    step("boilerplate")
    for name, pattern in (("url", URL), ("email", EMAIL), ("markup", MARKUP), ("file_name", FILE_NAME)):
        pairs = pairs[[pattern.search(c) is None for c in pairs.lower]]
        step(name)
    result = Result()
    into = ctypes.byref(result)

    def is_english(caption):
        utf8 = caption.encode()
        return detect(utf8, len(utf8), 1, into) == 0 and result.languages[0] == english

    pairs = pairs[[is_english(c) for c in pairs.caption]]
    step("language")
    pairs = pairs[~pairs.lower.str.replace(r"[^\w]+", " ", regex=True).duplicated()]
    step("duplicates")
    pairs.index.to_series().to_csv(kept_path, index=False, header=False)
    step("write")
    print(json.dumps({"pairs": total, "kept": len(pairs), "seconds": time.perf_counter() - begin, "cpu_seconds": time.process_time() - begin_cpu, "steps": steps}))


main()
