"""The lowest versions that the package allows are those that its tests can be run with."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
ASKED = [
    *PROJECT["dependencies"],
    *(line for extra in ("jax", "onnx", "parquet", "matlab73", "heic", "cluster") for line in EXTRAS[extra]),
]
PINNED = dict(re.findall(r"^([\w.-]+)==([\w.]+)$", (ROOT / "constraints-lowest.txt").read_text(), re.M))


def numbers(version):
    """``8.2`` is ``8.2.0``."""
    found = [int(part) for part in version.split(".")]
    return found + [0] * (3 - len(found))


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_asked_for_at_least_is_what_is_tried(asked):
    name, lowest = re.fullmatch(r"([\w-]+)(?:\[\w+\])?>=([\d.]+)", asked).groups()
    assert numbers(PINNED[name]) == numbers(lowest)
