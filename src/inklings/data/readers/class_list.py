"""Names of classes that lie beside pictures: ``classes.txt``, ``label_map.json`` and their like."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inklings.data.readers.file_errors import wrap_errors
from inklings.errors import DataError

FILE_NAMES = re.compile(
    r"(classes|class[-_ ]?names|class[-_ ]?list|class[-_ ]?index|label[-_ ]?map|label[-_ ]?names|labels[-_ ]?map"
    r"|categories|synset[-_ ]?words|synset[-_ ]?labels|words|wnids[-_ ]?names|idx[-_ ]?to[-_ ]?class"
    r"|class[-_ ]?to[-_ ]?idx|id2label|label2id|names)\.(txt|json|csv|tsv)",
    re.IGNORECASE,
)

MAX_BYTES = 1 << 20
"""A list of names is short."""

_MOST_DIGITS = 18

Names = Mapping[str, tuple[int, str]]


def read_class_list(path: Path) -> Names:
    """Read a list of class names.

    Text has a name per line, or an identifier and a name (``0 cat``, ``1: dog``, ``n01440764 tench``). JSON has a list
    of names, or an object from identifiers to names or from names to numbers.

    Returns
    -------
    mapping of str to (int, str)
        From what a folder or a label may be called, to the place in the list and the name.

    Raises
    ------
    DataError
        It is damaged, or something else.
    """
    with wrap_errors(path, "list of class names"):
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"has more than {MAX_BYTES:,} bytes, expected a list of class names", path=path)
        text = path.read_text("utf-8-sig")
        entries = _from_json(json.loads(text)) if path.suffix.lower() == ".json" else _from_text(text)
    if not entries:
        raise DataError("names no classes, expected a name per line, or a list or object of names", path=path)
    names: dict[str, tuple[int, str]] = {}
    unclear = set()
    for key, place, name in entries:
        if names.setdefault(nfc(key), (place, nfc(name)))[0] != place:
            unclear.add(nfc(key))
    return {key: entry for key, entry in names.items() if key not in unclear}


def order_classes(folders: Sequence[str], names: Names) -> tuple[dict[str, int], list[str]] | None:
    """Give each class folder its place and its name.

    Parameters
    ----------
    folders : sequence of str
        The names of the class folders.
    names : mapping
        As :func:`read_class_list` returns it.

    Returns
    -------
    numbers : dict of str to int
        From 0, by folder.
    class_names : list of str
        By number. None of both, if a folder is not in the list.

    Raises
    ------
    DataError
        Two folders are one class, as ``0`` and ``cat`` where the first name is cat.
    """
    known = {folder: names.get(nfc(folder)) for folder in folders}
    if None in known.values():
        # Folders 1 to n may be numbered on from a list that counts from 0; which is which cannot be told, so neither.
        return None
    owners: dict[int | str, str] = {}
    for folder, entry in known.items():
        for meant in entry or ():
            if owners.setdefault(meant, folder) != folder:
                raise DataError(
                    f"{owners[meant]} and {folder} are the same class in it, {(entry or (0, ''))[1]}",
                    "join them, or rename one",
                    found=(owners[meant], folder),
                )
    ordered = sorted(((entry, folder) for folder, entry in known.items() if entry), key=lambda pair: pair[0])
    return {folder: number for number, (_, folder) in enumerate(ordered)}, [name for (_, name), _ in ordered]


def nfc(text: str) -> str:
    """Return a text composed and trimmed: file systems store an accent with its letter or after it."""
    return unicodedata.normalize("NFC", text).strip()


def _from_json(value: Any) -> list[tuple[str, int, str]]:  # noqa: ANN401 - whatever JSON holds
    """Return (key, place, name) of each entry; a class can be found by its number and by its name."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return []
    entries = []
    for place, (key, named) in enumerate(value.items()):
        # Keras writes {"0": ["n01440764", "tench"]}; both find the class.
        keys, name = (
            ([str(key), str(named[0])], named[-1]) if isinstance(named, list) and named else ([str(key)], named)
        )
        if isinstance(name, int) and not isinstance(name, bool):
            entries += [(str(key), name, str(key)), (str(name), name, str(key))]
        elif isinstance(name, str):
            number = _number(str(key), place)
            entries += [(each, number, name) for each in (*keys, name)]
        else:
            return []
    return entries


def _number(key: str, place: int) -> int:
    """Return the number that a key is, or else its place; digits without end are an identifier."""
    return int(key) if key.isdecimal() and len(key) <= _MOST_DIGITS else place


def _from_text(text: str) -> list[tuple[str, int, str]]:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    pairs = [re.fullmatch(r"([0-9]+|n[0-9]{8})[\s:,;=]+(.+)", line) for line in lines]
    if all(pairs):
        found = [(pair[1], pair[2].strip().strip("\"'")) for pair in pairs if pair]
        places = [_number(key, place) for place, (key, _) in enumerate(found)]
        return [
            entry
            for place, (key, name) in zip(places, found, strict=True)
            for entry in ((key, place, name), (name, place, name))
        ]
    return [entry for place, line in enumerate(lines) for entry in ((str(place), place, line), (line, place, line))]
