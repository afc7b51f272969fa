"""Which part of a data set a folder or a file is, by the names that people give them: train, val, test and the like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

TRAIN, VALIDATION, TEST = ORDER = ("training", "validation", "test")
"""The parts, in the order in which their images are joined."""

# FER2013's public test was the contest's leaderboard, by which people chose.
WORDS: dict[str, tuple[str, ...]] = {
    TRAIN: ("train", "training", "trn", "trainset", "traindata"),
    VALIDATION: ("val", "valid", "validation", "validate", "dev", "development", "valset", "publictest"),
    TEST: ("test", "testing", "tst", "eval", "evaluation", "testset", "testdata", "t10k", "privatetest"),
}
"""How people call each part, in small letters."""

SHORT = {"tr": TRAIN, "te": TEST, "vl": VALIDATION}
"""What means a part beside a word for images or labels alone, as in ``Xtr``."""

_PARTS = {word: part for part, words in WORDS.items() for word in words}


def part_of(name: str) -> tuple[str, str] | None:
    """Return which part a name stands for, and the name without it; None if it names no part, or two.

    >>> part_of("seg_Train"), part_of("validation"), part_of("trains"), part_of("test1")
    (('training', 'seg'), ('validation', ''), None, ('test', ''))
    """
    joined = re.sub(r"(public|private)[\W_]+test", r"\1test", name.casefold())
    words = [word for word in re.split(r"[\W_]+", joined) if word]
    # A number behind the word counts files or parts of a part: train1, train2.
    parts = [_PARTS.get(word.rstrip("0123456789") or word, _PARTS.get(word)) for word in words]
    found = {part for part in parts if part}
    if len(found) != 1:
        return None
    rest = " ".join(word for word, part in zip(words, parts, strict=True) if not part)
    # What all parts of a set have in their names alike says nothing: training_set, test_images.
    return found.pop(), " ".join(word for word in rest.split() if word not in ("set", "data", "images", "pictures"))


def find_parts(names: Sequence[str]) -> Mapping[str, str]:
    """Find out which of several names that stand side by side are parts of a data set.

    A class can be called "train" too, as in a set of vehicles: one such name among others names a class.

    Returns
    -------
    mapping of name to part
        Empty unless one is the training part and another the validation or test part, and the rest of their names is
        the same.
    """
    found = {name: part for name in names if (part := part_of(name))}
    parts = {part for part, _ in found.values()}
    if len(parts) < 2 or len({rest for _, rest in found.values()}) > 1:
        return {}
    return {name: part for name, (part, _) in found.items()}
