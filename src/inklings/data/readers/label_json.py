"""Rows of a table of labels in JSON: an object per line, a list of objects, or one object from files to labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from inklings.data.readers.text_file import detect_encoding, open_text

Rows = list[list[str]]


def read_json_rows(path: Path) -> Rows:
    """Return the rows, the keys of the first object as the header; none of any other JSON."""
    with open_text(path, detect_encoding(path)) as file:
        text = file.read()
    if path.suffix.lower() == ".jsonl":
        return _rows_of([json.loads(line) for line in text.split("\n") if line.strip()])
    value = json.loads(text)
    if isinstance(value, dict) and all(isinstance(label, str | int) for label in value.values()):
        return [[str(name), str(label)] for name, label in value.items()]
    return _rows_of(value) if isinstance(value, list) else []


def _rows_of(objects: Sequence[object]) -> Rows:
    rows = [each for each in objects if isinstance(each, dict)]
    names = list(rows[0]) if rows else []
    return [names, *([str(row.get(name, "")) for name in names] for row in rows)] if names else []
