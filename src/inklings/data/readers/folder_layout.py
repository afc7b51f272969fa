"""How pictures are sorted into folders: parts of a data set, classes, and what is deeper or beside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from inklings.data.notes import Decision
from inklings.data.readers.class_list import nfc
from inklings.data.readers.folder_tree import Folder
from inklings.data.readers.image_files import list_names
from inklings.data.readers.parts import ORDER, TRAIN, find_parts, part_of
from inklings.data.readers.variable_names import IMAGES, understand
from inklings.errors import DataError

_NO_CLASS = re.compile("(image|img|picture|photo|file)s?|unlabell?ed|data|all", re.IGNORECASE)
"""Folders of a validation or test part that just hold its pictures."""


@dataclass(frozen=True)
class Sorted:
    """A picture, and what the folders that it lies in say about it.

    Parameters
    ----------
    path : Path
    label : str or None
        The name of its class's folder; None if it lies in none.
    part : str
        Training, validation or test.
    """

    path: Path
    label: str | None
    part: str = TRAIN


@dataclass(frozen=True)
class Layout:
    """All pictures of a folder, sorted, notes on how, and the tables of labels and lists of parts that were used."""

    pictures: tuple[Sorted, ...]
    notes: tuple[str, ...] = ()
    tables: tuple[Path, ...] = ()
    lists: tuple[Path, ...] = ()


def sort_pictures(tree: Folder, level: int | None = None) -> Layout:
    """Sort the pictures of a folder by the folders within.

    Folders that hold nothing but one other are gone through. Then come the parts (train, val, test ...), if their names
    are those of parts; then the classes. What lies deeper belongs to its class.

    Parameters
    ----------
    tree : Folder
    level : int, optional
        Which folders below the parts name the classes: 1 for the first, 2 for those within, ...

    Raises
    ------
    DataError
        There are a validation and a test part and none to train on, or two folders for one part.
    """
    root = go_through(tree)
    parts = _parts_in(root)
    if not parts:
        turned = _parts_in_classes(root)
        # Parts within each class's folder, or none: everything is to train on.
        return turned or _sort_part(root, TRAIN, level, frozenset())
    names: frozenset[str] = frozenset()
    sorted_pictures: list[Sorted] = []
    notes = _note_rest(root, parts)
    for part in ORDER:
        # Training first, whose classes are then known: a test part of one class's folder alone is no wrapper.
        for folder in [folder for folder in root.filled if parts.get(folder.name) == part]:
            layout = _sort_part(go_through(folder, names), part, level, names)
            names |= {each.label for each in layout.pictures if each.label is not None}
            sorted_pictures += layout.pictures
            notes += layout.notes
    return Layout(tuple(sorted_pictures), tuple(notes))


def go_through(folder: Folder, classes: frozenset[str] = frozenset()) -> Folder:
    """Return the first folder that is more than a wrapper of another; one with the name of a class is none."""
    while len(folder.filled) == 1 and not folder.pictures:
        (inner,) = folder.filled
        # The last folder, which holds the pictures, stays a folder within one: its name may be that of a class, unless
        # classes are known and it is called as no class is: val/images, test/images.
        if inner.name in classes or not (inner.filled or (classes and _NO_CLASS.fullmatch(inner.name))):
            break
        # What lies in the wrapper itself is not lost: tables there may label the pictures.
        folder = replace(inner, tables=(*folder.tables, *inner.tables), unread=(*folder.unread, *inner.unread))
    return folder


def _parts_in(root: Folder) -> dict[str, str]:
    """Return the part of each folder that is one, by its name."""
    names = [folder.name for folder in root.filled]
    parts = dict(find_parts(names))
    if not parts:
        return _training_alone(root)
    for part in ORDER:
        same = [name for name in names if parts.get(name) == part]
        if len(same) > 1:
            raise DataError(
                f"{len(same)} folders could be the {part} part: {', '.join(same)}",
                "keep one",
                path=root.path,
                found=same,
            )
    if TRAIN not in parts.values():
        raise DataError(
            f"has the parts {', '.join(parts)}, expected one to train on",
            "call it train, or give a folder of classes",
            path=root.path,
            found=list(parts),
            expected="train",
        )
    return parts


def _training_alone(root: Folder) -> dict[str, str]:
    """Return a training folder beside others that are not parts, if only it holds classes: else it may be a class."""
    # A class may be called train, as its pictures may show one: only folders of classes within it tell.
    parts = {folder.name: found[0] for folder in root.filled if (found := part_of(folder.name)) and found[0] == TRAIN}
    training = [folder for folder in root.filled if folder.name in parts and len(folder.filled) > 1]
    others = [folder for folder in root.filled if folder.name not in parts]
    if len(parts) == 1 and training and not training[0].pictures and not any(folder.filled for folder in others):
        return parts
    return {}


def _note_rest(root: Folder, parts: dict[str, str]) -> list[str]:
    """Say what lies beside the parts and is not used."""
    rest = [folder for folder in root.filled if folder.name not in parts]
    notes = [
        Decision(f"{len(folder.all_pictures)} pictures in {folder.name} are not used: it is not one of the parts")
        for folder in rest
    ]
    if root.pictures:
        notes.append(Decision(f"{len(root.pictures)} pictures beside the parts' folders are not used"))
    return [*notes]


def _parts_in_classes(root: Folder) -> Layout | None:
    """Sort folders of classes each of which has its own train and test folders; None if they are not like that."""
    classes = root.filled
    inner = {folder.name: find_parts([each.name for each in folder.filled]) for folder in classes}
    # Every folder within every class must be a part, and nothing beside: else these are subclasses.
    if len(classes) < 2 or not all(
        len(inner[folder.name]) == len(folder.filled) and not folder.pictures for folder in classes
    ):
        return None
    pictures = [
        Sorted(path, nfc(folder.name), inner[folder.name][each.name])
        for folder in classes
        for each in folder.filled
        for path in each.all_pictures
    ]
    # Stable: within a part, pictures stay in the order of their classes.
    pictures.sort(key=lambda each: ORDER.index(each.part))
    return Layout(tuple(pictures), (Decision("each class's folder has its own parts, which were taken as such"),))


def _sort_part(folder: Folder, part: str, level: int | None, known: frozenset[str]) -> Layout:
    """Sort the pictures of one part: by class, those that lie beside the classes' folders without a label."""
    unlabelled = [Sorted(path, None, part) for path in folder.pictures]
    if level is not None:
        classes = list(_at_level(folder, level))
        inside = {path for each in classes for path in each.all_pictures}
        unlabelled = [Sorted(path, None, part) for path in folder.all_pictures if path not in inside]
    else:
        classes = list(folder.filled)
    # Two folders of one name, at a deeper level, are one class.
    labelled = [Sorted(path, nfc(each.name), part) for each in classes for path in each.all_pictures]
    notes = [*_note_empty(folder), *(_note_deeper(classes, labelled, part) if level is None else _note_same(classes))]
    notes += _note_pairs([each.name for each in classes])
    return Layout((*labelled, *unlabelled), tuple(notes))


def _at_level(folder: Folder, level: int) -> Iterator[Folder]:
    for inner in folder.filled:
        if level <= 1:
            yield inner
        else:
            yield from _at_level(inner, level - 1)


def _note_same(classes: Sequence[Folder]) -> list[str]:
    """Say which classes are several folders of one name, as Greek/alpha and Coptic/alpha are."""
    places: dict[str, list[str]] = {}
    for each in classes:
        places.setdefault(nfc(each.name), []).append(f"{each.path.parent.name}/{each.name}")
    several = [found for found in places.values() if len(found) > 1]
    if not several:
        return []
    number = "1 class is" if len(several) == 1 else f"{len(several)} classes are"
    return [Decision(f"{number} several folders of the same name each, such as {' and '.join(several[0][:2])}")]


def _note_pairs(names: Sequence[str]) -> list[str]:
    """Say that folders are called as pictures and their masks are, which makes two classes of the same things."""
    meanings = [understand(name) for name in names if len(name) > 1]  # x and y are letters
    others = {"gt", "truth", "annotations", "segmentation", "segmentations"}
    paired = all(each.role is not None or others.intersection(each.words) for each in meanings)
    if len(meanings) < max(2, len(names)) or not paired or all(each.role != IMAGES for each in meanings):
        return []
    said = "were taken as classes, though they are called as pictures and what belongs to each"
    return [Decision(f"the folders {list_names(sorted(names))} {said}")]


def _note_empty(folder: Folder) -> list[str]:
    """Say which folders are not classes, since they hold no pictures; refuse one whose pictures cannot be read."""
    empty = [each for each in folder.folders if not each.all_pictures]
    for each in empty:
        # What is hidden, a link or not a picture is not called by its ending.
        pictures = [why for why in each.all_unread if why.startswith(".")]
        if pictures:
            raise DataError(
                f"none of its {len(pictures)} pictures can be read: {pictures[0]}",
                "leaving it out would leave out a class",
                path=each.path,
                found=pictures[0],
            )
    if not empty:
        return []
    names = list_names([each.name for each in empty])
    if len(empty) == 1:
        return [Decision(f"1 folder holds no picture, and so is not a class: {names}")]
    return [Decision(f"{len(empty)} folders hold no pictures, and so are not classes: {names}")]


def _note_deeper(classes: Sequence[Folder], labelled: Sequence[Sorted], part: str) -> list[str]:
    """Say how many pictures lie in folders within their class's folder, and whether those might be the classes."""
    direct = {path for folder in classes for path in folder.pictures}
    deeper = [each for each in labelled if each.path not in direct]
    if not deeper:
        return []
    where = f" of the {part} part" if part != TRAIN else ""
    example = f"{deeper[0].label}/.../{deeper[0].path.name}"
    note = f"{len(deeper)} of {len(labelled)} pictures{where} lie in folders within their class's folder ({example})"
    inner = [{each.name for each in folder.filled} for folder in classes]
    # The same names in every class: as likely the classes themselves, sorted the other way round.
    if len(classes) > 1 and len(inner[0]) > 1 and not direct and all(names == inner[0] for names in inner):
        names = list_names(sorted(inner[0]), 3)
        note += f"; if the inner folders are the classes ({names}), labels='by-folder=2' takes those"
    return [Decision(note)]
