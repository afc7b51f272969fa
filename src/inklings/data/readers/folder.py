"""Reading a folder of pictures: sorted into folders by class, or with a table of labels beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from inklings.data.label_spelling import is_missing
from inklings.data.labels import ClassName
from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.class_list import FILE_NAMES, order_classes, read_class_list
from inklings.data.readers.folder_layout import Layout, Sorted, sort_pictures
from inklings.data.readers.folder_tree import (
    Folder,
    describe_unread,
    is_junk,
    natural_order,
    no_picture,
    relative_names,
)
from inklings.data.readers.image_files import decode, list_names
from inklings.data.readers.one_picture import EncodedImage
from inklings.data.readers.part_lists import take_part_lists
from inklings.data.readers.parts import ORDER, TEST, TRAIN, VALIDATION
from inklings.data.readers.refused import ANNOTATIONS, describe_refused, is_annotations
from inklings.data.readers.reserving import reserve
from inklings.data.readers.source_file import is_regular, read_start
from inklings.data.readers.table_labels import label_by_table
from inklings.errors import DataError


def read_tree(tree: Folder, options: ReadOptions) -> RawArrays:
    """Read the pictures of a folder that has been scanned, and of all folders within.

    The folders' names are the labels, or a table beside the pictures has them. Folders called train, val and test, in
    any usual spelling, are the parts of the data set. Pictures are converted to greyscale unless ``options.colour``.

    Raises
    ------
    DataError
        There are no pictures, or none has a label; a picture is damaged; sizes differ and no ``options.size`` is given.
    """
    if options.images is not None:
        raise DataError("has no meaning for a folder of pictures", "leave it out", setting="images", path=tree.path)
    if not tree.all_pictures:
        raise _no_pictures(tree)
    # By folders first, then by a table beside them, which labels what no folder does.
    if options.labelled:
        layout = label_by_table(tree, sort_pictures(tree, _level(options.labels)), options)
        layout = _keep_labelled(tree, take_part_lists(tree, layout))
    else:
        # Nothing to train on: every picture counts, whatever its folder means.
        layout = _sort_all(tree, options)
    used = {*layout.tables, *layout.lists, *_class_lists(tree)}
    unread = describe_unread([*tree.all_unread, *(no_picture(path) for path in tree.all_tables if path not in used)])
    pictures, notes = layout.pictures, [*([Decision(unread)] if unread else []), *layout.notes]
    decoded = decode([EncodedImage(each.path) for each in pictures], options)
    # What could not be decoded is left out of labels and names too.
    pictures = tuple(pictures[number] for number in decoded.kept)
    raw = RawArrays(
        decoded.images,
        None,
        tree.path,
        notes=[*notes, *decoded.notes],
        names=relative_names([each.path for each in pictures], tree.path),
        # Image files say themselves which way is up.
        upright=True,
        prepared=decoded.prepared,
        deep=decoded.deep,
        backdrop=decoded.backdrop,
    )
    raw = reserve(raw, [each.part for each in pictures])
    return _with_labels(raw, [each.label for each in pictures], tree, from_folders=not layout.tables)


def _no_pictures(tree: Folder) -> DataError:
    """Say what is in a folder instead; of a kind that is never read, the way out."""
    expected = "one sub-folder of pictures per class, or pictures and a table of labels"
    files = [
        path for path in sorted(tree.path.iterdir(), key=natural_order) if path.is_file() and not is_junk(path.name)
    ]
    found = list_names([path.name for path in files]) or describe_unread(tree.all_unread) or "nothing"
    hint = "if one of the files is the data set, give its path"
    for path in filter(is_regular, files):
        if refused := describe_refused(path, read_start(path, 64)):
            found, hint = f"{found} ({path.name} is {refused[0]})", refused[1]
            break
    return DataError(
        f"no pictures, found {found}, expected {expected}", hint, path=tree.path, found=found, expected=expected
    )


def _level(labels: str | None) -> int | None:
    """Return the number in ``by-folder=2``."""
    found = re.fullmatch(r"by-folder=([1-9])", labels or "")
    return int(found[1]) if found else None


def _sort_all(tree: Folder, options: ReadOptions) -> Layout:
    """Return every picture in the natural order of their names, whatever the folders mean; labels if all have one."""
    if options.labels is not None:
        layout = label_by_table(tree, sort_pictures(tree, _level(options.labels)), options)
    else:
        try:
            layout = sort_pictures(tree)
        except DataError:
            # Folders that cannot be trained on, such as test without train, can be predicted.
            layout = Layout(())
    labels = {each.path: each.label for each in layout.pictures}
    paths = sorted(tree.all_pictures, key=lambda path: [natural_order(Path(part)) for part in path.parts])
    return Layout(tuple(Sorted(path, labels.get(path)) for path in paths))


def _keep_labelled(tree: Folder, layout: Layout) -> Layout:
    """Leave out what has no label, with a note."""
    unlabelled = [each for each in layout.pictures if each.label is None]
    labelled = [each for each in layout.pictures if each.label is not None]
    # Pictures in which objects are to be found lie in one folder, as if all were of one class.
    if len({each.label for each in labelled}) < 2 and (annotated := _annotations(tree)):
        raise DataError(f"holds {annotated.name}, {ANNOTATIONS[0]}", ANNOTATIONS[1], path=tree.path, found=annotated)
    if not labelled:
        raise _no_labels(tree, len(unlabelled))
    notes = [*layout.notes, *_check_parts(tree, labelled)]
    if not unlabelled:
        return replace(layout, notes=tuple(notes))
    names = list_names(relative_names([each.path for each in unlabelled], tree.path), 2)
    note = Decision(f"{len(unlabelled)} pictures have no label and are not used: {names}")
    return replace(layout, pictures=tuple(labelled), notes=(*notes, note))


def _annotations(tree: Folder) -> Path | None:
    """Return a file that says where in pictures objects are, if there is one."""
    some = (path for path in tree.all_tables if path.suffix.lower() == ".json")
    return next((path for path in some if is_annotations(path, read_start(path, 1 << 16))), None)


def _no_labels(tree: Folder, pictures: int) -> DataError:
    expected = "one sub-folder of pictures per class, or a table of labels beside them (labels.csv: file, label)"
    tables = list(tree.all_tables)
    several = f"{pictures} pictures" if pictures > 1 else "1 picture"
    hint = f"if a table is the data set, give its path: {list_names(relative_names(tables, tree.path), 2)}"
    return DataError(
        f"{several} and no labels, expected {expected}",
        hint if tables else "",
        path=tree.path,
        found=pictures,
        expected=expected,
    )


def _check_parts(tree: Folder, labelled: Sequence[Sorted]) -> list[str]:
    """Refuse a validation or test part with a class that the training part lacks; say which classes one lacks."""
    notes: list[str] = []
    # Classes that validation or test have and training lacks could never be right.
    classes = {part: {each.label for each in labelled if each.part == part} for part in ORDER}
    if not classes[TRAIN]:
        return notes  # there are no parts then, which is reported where they would be reserved
    for part in (VALIDATION, TEST):
        if unknown := sorted(str(name) for name in classes[part] - classes[TRAIN]):
            raise DataError(
                f"the {part} part has classes that the training part lacks: {list_names(unknown)}",
                "check their names, also for upper and lower case, or leave those pictures out",
                path=tree.path,
                found=unknown,
                expected=sorted(str(name) for name in classes[TRAIN]),
            )
        lacking = sorted(str(name) for name in classes[TRAIN] - classes[part])
        if classes[part] and lacking:
            notes.append(Decision(f"the {part} part has no picture of {list_names(lacking)}"))
    return notes


def _with_labels(raw: RawArrays, labels: Sequence[str | None], tree: Folder, *, from_folders: bool) -> RawArrays:
    """Add the labels; a list of class names beside the folders gives their order and names."""
    known = [label for label in labels if label is not None]
    # Only where images are to be predicted: for training, those without a label have been left out.
    if len(known) < len(labels):
        return raw
    notes = list(raw.notes)
    for path in _class_lists(tree):
        try:
            listed = read_class_list(path)
            ordered = order_classes(sorted(set(known)), listed)
        except DataError as error:
            # It may be a list of something else; the folders' names serve.
            notes.append(Decision(f"{path.name} is not used: {error.message}"))
            continue
        if ordered is None:
            notes.append(Decision(f"{path.name} is not used: it does not name every one of the classes found"))
            continue
        numbers, names = ordered
        notes += [f"the names of the classes are those in {path.name}", *listed.notes]
        values = np.array([numbers[label] for label in known], np.int64)
        return replace(raw, labels=values, class_names=names, notes=notes)
    empty_words = sorted({label for label in known if is_missing(label)} - {""})
    if not empty_words or not from_folders:
        return replace(raw, labels=np.array(known), notes=notes)
    words = list_names([f"'{word}'" for word in empty_words])
    notes.append(Decision(f"{words} is the name of a folder, and so of a class like any other"))
    return replace(raw, labels=np.array([ClassName(label) for label in known], object), notes=notes)


def _class_lists(tree: Folder) -> list[Path]:
    """List files of class names in the folder, and in those that only wrap another."""
    found = [path for path in tree.tables if FILE_NAMES.fullmatch(path.name)]
    return found + [path for folder in tree.folders if len(tree.folders) == 1 for path in _class_lists(folder)]
