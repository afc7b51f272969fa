"""Names of classes that lie beside pictures: ``classes.txt``, ``label_map.json`` and their like."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.text_file import describe_encoding, detect_encoding, open_text
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
"""As many as fit into int64, whatever they are."""

Entry = tuple[int, str]
"""A class's place in a list, and its name."""


@dataclass(frozen=True)
class ClassList:
    """What a list says of classes.

    Parameters
    ----------
    entries : mapping of str to Entry
        From what a folder or a label may be called: the number of a class, its identifier or its name.
    named : mapping of str to Entry
        From names alone, where the list holds names and no numbers of its own; else empty.
    unclear : frozenset of str
        What is the number of one class and the name of another, such as 1 where the second name of a list is 7.
    notes : tuple of str
        On how it was read.
    """

    entries: Mapping[str, Entry]
    named: Mapping[str, Entry] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    def find(self, called: Sequence[str], *, numbers: bool = False) -> list[Entry] | None:
        """Return the entry of each class; None if one is not in the list.

        Parameters
        ----------
        called : sequence of str
            What folders or labels are called.
        numbers : bool
            Whether these are numbers that may count the list's lines, as labels in arrays do.

        Raises
        ------
        DataError
            One is the number of a class and the name of another.
        """
        # By names first, where every class is one: a class may be called 3.
        if not numbers and all(nfc(each) in self.named for each in called):
            return [self.named[nfc(each)] for each in called]
        for each in called:
            if nfc(each) in self.unclear:
                raise DataError(f"whether '{each}' is a class's name in it or its number cannot be told", found=each)
        found = [self.entries.get(nfc(each)) for each in called]
        # All or nothing: a list that names only some classes is of something else.
        return None if None in found else [entry for entry in found if entry]


def read_class_list(path: Path) -> ClassList:
    """Read a list of class names.

    Text has a name per line, or an identifier and a name (``0 cat``, ``1: dog``, ``n01440764 tench``). JSON has a list
    of names, or an object from identifiers to names or from names to numbers.

    Raises
    ------
    DataError
        It is damaged, or something else.
    """
    with wrap_errors(path, "list of class names"):
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"has more than {MAX_BYTES:,} bytes, expected a list of class names", path=path)
        encoding = detect_encoding(path)
        with open_text(path, encoding) as file:
            text = file.read()
        listed = json.loads(text) if path.suffix.lower() == ".json" else _lines(text)
        entries = _entries(listed)
    if not entries:
        raise DataError("names no classes, expected a name per line, or a list or object of names", path=path)
    found: dict[str, Entry] = {}
    unclear = set()
    for key, place, name in entries:
        # The same key for two classes, such as 1 as a number and as a name, decides nothing.
        if found.setdefault(nfc(key), (place, nfc(name)))[0] != place:
            unclear.add(nfc(key))
    named: dict[str, Entry] = {}
    if isinstance(listed, list) and all(isinstance(name, str) for name in listed):
        # A plain list has names in order, so that a name is not a number even if it looks like one.
        named = {nfc(name): (place, nfc(name)) for place, name in enumerate(listed)}
    clear = {key: entry for key, entry in found.items() if key not in unclear}
    return ClassList(clear, named, frozenset(unclear), tuple(describe_encoding(path, encoding)))


def order_classes(folders: Sequence[str], listed: ClassList) -> tuple[dict[str, int], list[str]] | None:
    """Give each class folder its place and its name.

    Parameters
    ----------
    folders : sequence of str
        The names of the class folders.
    listed : ClassList

    Returns
    -------
    numbers : dict of str to int
        From 0, by folder.
    class_names : list of str
        By number. None of both, if a folder is not in the list.

    Raises
    ------
    DataError
        Two folders are one class, as ``0`` and ``cat`` where the first name is cat; or as :meth:`ClassList.find`.
    """
    entries = listed.find(folders)
    if entries is None:
        # Folders 1 to n may be numbered on from a list that counts from 0; which is which cannot be told, so neither.
        return None
    owners: dict[int | str, str] = {}
    for folder, entry in zip(folders, entries, strict=True):
        for meant in entry:
            if owners.setdefault(meant, folder) != folder:
                raise DataError(
                    f"{owners[meant]} and {folder} are the same class in it, {entry[1]}",
                    "join them, or rename one",
                    found=(owners[meant], folder),
                )
    # By place in the list: classes come in its order.
    ordered = sorted(zip(entries, folders, strict=True))
    return {folder: number for number, (_, folder) in enumerate(ordered)}, [name for (_, name), _ in ordered]


def nfc(text: str) -> str:
    """Return a text composed and trimmed: file systems store an accent with its letter or after it."""
    return unicodedata.normalize("NFC", text).strip()


def _entries(value: Any) -> list[tuple[str, int, str]]:  # noqa: ANN401 - whatever JSON holds
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
        # {"cat": 0} as well as {"0": "cat"}: whichever of the two is a number is the class's.
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


def _lines(text: str) -> list[str] | dict[str, str]:
    """Return the lines of a text: names, or names by their identifiers if each line has one in front."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    # Numbers, or WordNet's identifiers as ImageNet has them: n and eight digits.
    pairs = [re.fullmatch(r"([0-9]+|n[0-9]{8})[\s:,;=]+(.+)", line) for line in lines]
    if not lines or not all(pairs):
        return lines
    return {pair[1]: pair[2].strip().strip("\"'") for pair in pairs if pair}
