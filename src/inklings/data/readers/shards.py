"""Reading a folder of Parquet files, as Hugging Face's ``datasets`` has them: several files a part, and the parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.notes import Decision
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.brightness import full_brightness
from inklings.data.readers.file_errors import Claim
from inklings.data.readers.folder_tree import describe_others, files_below, natural_order
from inklings.data.readers.image_files import DEEP
from inklings.data.readers.part_ranges import in_one_range
from inklings.data.readers.parts import ORDER, TEST, TRAIN, VALIDATION, part_of
from inklings.data.readers.reserving import reserve
from inklings.errors import DataError

ENDINGS = (".parquet", ".pq")

Reader = Callable[[Path, ReadOptions], RawArrays]


def list_shards(folder: Path) -> list[Path]:
    """List the Parquet files of a folder and those within, in natural order."""
    found = [path for path in files_below(folder) if path.suffix.lower() in ENDINGS and path.is_file()]
    found = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    return sorted(found, key=lambda path: [natural_order(Path(part)) for part in path.relative_to(folder).parts])


def read_shards(folder: Path, options: ReadOptions, read: Reader) -> RawArrays:
    """Read the files of a folder as one data set, those of the validation and test parts reserved.

    Parameters
    ----------
    folder : Path
    options : ReadOptions
    read : callable
        Reads one file.

    Raises
    ------
    DataError
        A file cannot be read; images differ in size from file to file, or the names of classes; there is no part to
        train on.
    """
    files = list_shards(folder)
    parts = {path: _part(path, folder) for path in files}
    files.sort(key=lambda path: ORDER.index(parts[path]))
    if options.labelled and parts[files[0]] != TRAIN:
        found = sorted(set(parts.values()))
        raise DataError(f"holds only the parts {', '.join(found)}, expected one to train on", path=folder, found=found)
    claim = Claim(folder)
    raws = {}
    for path in files:
        raws[path] = read(path, options)
        claim.add(f"file {path.name}", raws[path].images.nbytes)
    others = describe_others(folder, files)
    joined = join_files(raws, parts, folder)
    return replace(joined, notes=[*([Decision(others)] if others else []), *joined.notes])


def join_files(raws_by_file: Mapping[Path, RawArrays], parts: Mapping[Path, str], folder: Path) -> RawArrays:
    """Join what several files hold, with the rows of the validation and test parts reserved.

    Raises
    ------
    DataError
        As :func:`join`.
    """
    files, raws = list(raws_by_file), list(raws_by_file.values())
    raws, notes = _in_one_range(raws, [parts[path] for path in files])
    joined = join(raws, files, folder)
    row_parts = np.concatenate([_row_parts(raw, parts[path]) for raw, path in zip(raws, files, strict=True)])
    if len(files) > 1:
        joined = replace(joined, notes=[f"{len(files)} files were joined", *notes, *joined.notes])
    return reserve(joined, row_parts)


def _in_one_range(raws: list[RawArrays], parts: Sequence[str]) -> tuple[list[RawArrays], list[str]]:
    """Scale the files of each part to 0 to 1 where the parts' values are of different kinds."""
    # Pictures of more bits come to one scale elsewhere, and what is prepared has its scale.
    if any(raw.deep or raw.prepared for raw in raws):
        return raws, []
    names = list(dict.fromkeys(parts))
    rows = [[number for number, part in enumerate(parts) if part == name] for name in names]
    scaled, notes = in_one_range([[raws[number].images for number in some] for some in rows], names)
    places = [number for some in rows for number in some]
    images = dict(zip(places, (array for arrays in scaled for array in arrays), strict=True))
    return [replace(raw, images=images[number]) for number, raw in enumerate(raws)], notes


def _row_parts(raw: RawArrays, part: str) -> NDArray[np.str_]:
    """Return the part of each row: what the file's name says, or else its own column of parts."""
    rows = np.full(len(raw.images), part, object)
    # A file called test is all of the test part, whatever a column in it says.
    if part == TRAIN:
        for given, name in ((raw.given_validation, VALIDATION), (raw.given_test, TEST)):
            rows[[] if given is None else given] = name
    return rows.astype(str)


def join(raws: Sequence[RawArrays], files: Sequence[Path], folder: Path) -> RawArrays:
    """Join arrays whose images come first in every one.

    Raises
    ------
    DataError
        Images differ in shape, or class names, or only some have labels.
    """
    first = raws[0]
    for raw, path in zip(raws, files, strict=True):
        if raw.images.shape[1:] != first.images.shape[1:]:
            raise DataError(
                f"has images of shape {raw.images.shape[1:]}, expected {first.images.shape[1:]} as in {files[0].name}",
                path=path,
                found=raw.images.shape[1:],
                expected=first.images.shape[1:],
            )
        if list(raw.class_names or ()) != list(first.class_names or ()):
            raise DataError(f"has other names of classes than {files[0].name}", path=path, found=raw.class_names)
    if any(raw.labels is None for raw in raws):
        labels = None
    else:
        # As two axes first: one file may have (n,) and another (n, 1).
        labels = np.concatenate([np.asarray(raw.labels).reshape(len(raw.images), -1) for raw in raws])
        labels = labels[:, 0] if labels.shape[1] == 1 else labels
    names = [name for raw in raws for name in raw.names or ()] if all(raw.names for raw in raws) else None
    images, deep, notes = _join_images(raws)
    backdrops = list(dict.fromkeys(raw.backdrop for raw in raws if raw.backdrop))
    if len(backdrops) > 1:
        notes.append(Decision("transparent parts of pictures are white in some of the files, and black in others"))
    return RawArrays(
        images,
        labels,
        folder,
        first.class_names,
        notes,
        names=names,
        upright=all(raw.upright for raw in raws),
        transposed=all(raw.transposed for raw in raws),
        prepared=any(raw.prepared for raw in raws),
        deep=deep,
        backdrop=backdrops[0] if backdrops else None,
    )


def _join_images(raws: Sequence[RawArrays]) -> tuple[NDArray[Any], float | None, list[str]]:
    """Join images, pictures of more than 8 bits on one scale with others; return what these were divided by, too."""
    notes = list(dict.fromkeys(note for raw in raws for note in raw.notes))
    # Numbers as they are in those of which all pictures have more bits.
    deep = [raw for raw in raws if raw.deep == 1]
    if not deep or len(deep) == len(raws):
        return np.concatenate([raw.images for raw in raws]), next((raw.deep for raw in raws if raw.deep), None), notes
    full = full_brightness([image for raw in deep for image in raw.images])
    count, total = (sum(len(raw.images) for raw in some) for some in (deep, raws))
    notes[notes.index(DEEP)] = Decision(
        f"{count} of {total} pictures have more than 8 bits per pixel, and were divided by {full:g}"
    )
    scaled = [raw.images / np.float32(full) if raw.deep == 1 else raw.images for raw in raws]
    return np.concatenate(scaled), full, notes


def _part(path: Path, folder: Path) -> str:
    """Return the part that a file's name or the nearest folder's says: train-00000-of-00002, default/test/0000."""
    for name in reversed(path.relative_to(folder).with_suffix("").parts):
        if found := part_of(name):
            return found[0]
    return TRAIN
