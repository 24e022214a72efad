#!/usr/bin/env python3
"""Adds up the test results: the failed, the skipped with their reasons, then "N passed, N failed". Exit code 1 where something failed,
where a project gave no results, or, with SIGHTLINE_REQUIRE_SHARED=1, where something was skipped for want of anything but a GPU."""
import os
import pathlib
import sys
import xml.etree.ElementTree as ET

NS = {"t": "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"}
passed = failed = 0
skipped, problems = [], []
files = sorted(pathlib.Path(sys.argv[1]).glob("*.trx"))
if len(files) < int(sys.argv[2]):
    failed += 1
    problems.append(f"only {len(files)} of {sys.argv[2]} test projects gave results")
for path in files:
    root = ET.parse(path).getroot()
    for result in root.iterfind(".//t:UnitTestResult", NS):
        outcome, name = result.get("outcome"), result.get("testName")
        text = result.findtext(".//t:StdOut", "", NS) or result.findtext(".//t:Message", "", NS)
        if outcome == "Passed":
            passed += 1
        elif outcome == "NotExecuted":
            skipped.append((name, text.strip()))
        else:
            failed += 1
            problems.append(name)
    # A run that was aborted (a crash of the test host) says so here.
    summary = root.find(".//t:ResultSummary", NS)
    if summary is not None and summary.get("outcome") in ("Aborted", "Error", "Timeout"):
        failed += 1
        problems.append(f"{path.stem}: the run was {summary.get('outcome').lower()}")
for name, reason in skipped:
    print(f"skipped: {name}: {reason}")
if os.environ.get("SIGHTLINE_REQUIRE_SHARED") == "1":
    for name, reason in skipped:
        if "GPU" not in reason and "CUDA" not in reason:
            failed += 1
            problems.append(f"{name} was skipped: {reason}")
for name in problems:
    print(f"FAILED: {name}")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
