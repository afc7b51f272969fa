"""What the documentation says of the benchmark is what was measured."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = json.loads((ROOT / "benchmarks" / "results.json").read_text())
MEMORY = [row for row in ROWS if row["work"].endswith("peak memory")]
SHARES = [row for row in ROWS if row["work"].endswith("matrix products alone")]
TIMES = [row for row in ROWS if row not in MEMORY + SHARES and "at most" not in row["peer"]]


def cells(column):
    lines = re.findall(r"^\| (?!work|-).*\|$", (ROOT / "docs" / "benchmarks.md").read_text(), re.M)
    return [line.split("|")[column].strip() for line in lines]


@pytest.mark.parametrize("row", TIMES, ids=lambda row: row["work"])
def test_each_ratio_stands_in_the_table(row):
    ratio = row["ratio"]
    forms = {f"{ratio:.2f}", f"{ratio:.3f}", f"{ratio:.1f}" if ratio > 2 else "", f"1/{round(1 / ratio, -2):,.0f}"}
    missed = ", missed" if ratio > row["goal"] else ""
    assert {form + missed for form in forms if form} & set(cells(4))


@pytest.mark.parametrize("row", SHARES, ids=lambda row: row["work"])
def test_each_share_of_the_machines_rate_stands_in_the_table(row):
    assert f"{100 / row['ratio']:.0f} %" in cells(2)


def test_how_often_memory_misses_its_goal_is_said():
    numbers = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    missed = sum(row["ratio"] > row["goal"] for row in MEMORY)
    assert (
        f"missed in {numbers[missed]} of {numbers[len(MEMORY)]} works" in (ROOT / "docs" / "benchmarks.md").read_text()
    )


def test_the_ratios_in_the_readme_are_those_of_the_run():
    section = (ROOT / "README.md").read_text().split("## How fast")[1].split("\n## ")[0]
    said = re.findall(r"\b(\d\.\d\d) of", section) + re.findall(r"and (\d\.\d\d) the second", section)
    assert len(said) >= 8
    assert set(said) <= {f"{row['ratio']:.2f}" for row in TIMES}
