"""What the name of an array says: the part of a data set that it belongs to, what it holds, and its number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inklings.data.readers.label_names import LABEL_ARRAYS
from inklings.data.readers.parts import SHORT, WORDS, part_of

# In the order in which they are believed, if several are there.
IMAGE_NAMES = (
    *("x", "images", "image", "data", "pixels", "features", "feature", "img", "imgs", "ims", "im", "fea"),
    *("inputs", "input", "samples", "pictures", "photos", "patches", "bitmap", "bitmaps", "faces"),
)
ID_NAMES = ("id", "ids", "filename", "filenames", "file", "files", "paths", "path")
OTHER_NAMES = ("mask", "masks", "segmentation", "segmentations", "depth", "boxes", "bbox", "weights", "mean", "std")

IMAGES, LABELS, IDS, CLASS_NAMES, PARTS, OTHER = "images", "labels", "ids", "class names", "parts", "other"

_ROLES = {
    **dict.fromkeys(IMAGE_NAMES, IMAGES),
    **dict.fromkeys(LABEL_ARRAYS, LABELS),
    **dict.fromkeys(ID_NAMES, IDS),
    **dict.fromkeys(OTHER_NAMES, OTHER),
    **dict.fromkeys(("set", "split", "subset", "partition"), PARTS),
    "mapping": CLASS_NAMES,
    "classnames": CLASS_NAMES,
    "classlabels": CLASS_NAMES,
    "labelnames": CLASS_NAMES,
}
_PART = "|".join(sorted((*(word for words in WORDS.values() for word in words), *SHORT), key=len, reverse=True))
_WHAT = "x|y|images?|imgs?|data|labels?|lbls?|targets?"
_GLUED = re.compile(rf"({_WHAT})?({_PART})({_WHAT})?")
_SIZE = re.compile(r"(?<![a-z0-9])\d+x\d+(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True)
class Meaning:
    """What a name says.

    Parameters
    ----------
    part : str or None
        Training, validation or test, as in :mod:`inklings.data.readers.parts`.
    role : str or None
        Images, labels, ...
    words : tuple of str
        The name in small letters, without its part and numbers.
    number : tuple of int
        The numbers in it.
    """

    part: str | None
    role: str | None
    words: tuple[str, ...]
    number: tuple[int, ...]


def understand(name: str) -> Meaning:
    """Return what a name says.

    >>> understand("Xtrain"), understand("dataset.test.images")
    (Meaning(part='training', role='images', words=('x',), number=()), Meaning(part='test', role='images', \
words=('dataset', 'images'), number=()))
    """
    words = _split(name)
    numbers = tuple(int(word) for word in words if word.isdecimal())
    words = [word for word in words if not word.isdecimal()]
    named = part_of(" ".join(words))
    # A name of nothing but parts, such as "train", is not part of a larger name, but it is a part.
    part = named[0] if named else None
    rest = tuple(word for word in words if part is None or part_of(word) is None)
    return Meaning(part, _role(rest), rest, numbers)


def _split(name: str) -> list[str]:
    """Split a name into words and numbers in small letters, where people separate them or glue them together."""
    # The x of 16x16 is not a name for images.
    name = _SIZE.sub(lambda size: size[0].lower().replace("x", " "), name)
    parted = re.sub(
        r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", name
    )
    words: list[str] = []
    for word in re.split(r"[\W_]+", parted.casefold()):
        glued = _GLUED.fullmatch(word)
        if not glued:
            words += [word] if word else []
            continue
        found = [each for each in glued.groups() if each]
        words += [_long(each) for each in found] if len(found) > 1 else [word]
    # Alone, "tr" and "te" may mean anything; beside a word for images or labels they are parts.
    if any(_ROLES.get(word) in (IMAGES, LABELS) for word in words):
        words = [_long(word) for word in words]
    return words


def _long(word: str) -> str:
    return WORDS[SHORT[word]][0] if word in SHORT else word


def _role(words: Sequence[str]) -> str | None:
    """Return what the last word says that says anything; "names" depends on whose names they are."""
    roles = [_ROLES[word] for word in words if word in _ROLES]
    if words and words[-1] in ("names", "name", "text"):
        # By themselves, names are those of whatever there are as many of.
        return CLASS_NAMES if not roles or roles[-1] in (LABELS, CLASS_NAMES) else IDS
    if "list" in words and roles and roles[-1] == LABELS:
        return CLASS_NAMES
    # The set in "train_set_x" says nothing; nor does data in "labels.data".
    strong = [
        _ROLES[word] for word in words if word in _ROLES and word not in ("data", "set", "image", "images", "dataset")
    ]
    found = strong or roles
    return found[-1] if found else None


def distinguish(names: Sequence[str]) -> list[str]:
    """Return what tells several names apart: without their parts, and without what all begin and end with alike.

    >>> distinguish(["train0", "train1", "train12"]), distinguish(["full_bitmap_ice cream", "full_bitmap_ant"])
    (['0', '1', '12'], ['ice cream', 'ant'])
    """
    bare = [re.sub(rf"(?i)(?<![a-z])({_PART})(?![a-z])", "", name).strip("_-. ") or name for name in names]
    if len(bare) < 2:
        return bare
    start = _whole_words(_common_start(bare))
    end = _whole_words(_common_start([name[::-1] for name in bare]))
    told = [name[len(start) : len(name) - len(end)] for name in bare]
    told = told if all(told) else bare
    numbered = [re.fullmatch(r"(\D*)(\d+)", name) for name in told]
    if all(numbered) and len({found[1] for found in numbered if found}) == 1:
        # digit0, digit1, ...: the number is the class.
        return [found[2] for found in numbered if found]
    return told


def _common_start(names: Sequence[str]) -> str:
    least, greatest = min(names), max(names)
    same = [one == other for one, other in zip(least, greatest, strict=False)]
    return least[: same.index(False)] if False in same else least[: len(same)]


def _whole_words(common: str) -> str:
    """Cut what names have in common back to where a word ends."""
    found = re.match(r".*[\W_]", common, re.DOTALL)
    return found[0] if found else ""
