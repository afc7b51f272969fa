"""The user's own drawings, kept by the lab: a folder per class in the user's data folder, opened by the name ``mine``.

They are 8-bit greyscale or colour PNG files of ink (255) on paper (0), at the size they were prepared to. Whoever wants
one gone deletes its file.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from inklings.data.dataset import Dataset
from inklings.data.download.known import data_root
from inklings.data.lazy_images import Images
from inklings.data.readers.one_picture import EncodedImage, read_image
from inklings.data.resizing import resize
from inklings.errors import DataError, RunError
from inklings.storage import write_atomically

NAME = "mine"
FOLDER = "drawings"
MOST = 20_000
"""Drawings that are kept: they are read whole whenever they are trained on."""
_BYTE = 255
# What can be the name of a folder on every system, and of nothing else.
_SAFE_NAME = re.compile(r"\w(?:[\w .-]{0,38}[\w-])?")
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def drawings_folder() -> Path:
    """Return the folder in which drawings are kept; it may not exist yet."""
    return data_root() / FOLDER


def count_drawings() -> dict[str, int]:
    """Return how many drawings there are of each class."""
    folder = drawings_folder()
    if not folder.is_dir():
        return {}
    classes = sorted(path for path in folder.iterdir() if path.is_dir())
    return {path.name: count for path in classes if (count := len(_files(path)))}


def keep_drawing(image: Images, class_name: str) -> Path:
    """Keep a drawing; only the user may read it.

    Parameters
    ----------
    image : array of float32, shape (height, width, channels)
        Prepared: paper 0 and ink 1.
    class_name : str
        What it shows; also the name of its folder.

    Returns
    -------
    Path

    Raises
    ------
    DataError
        The class cannot be the name of a folder.
    RunError
        It cannot be written, or too many are kept already.
    """
    from PIL import Image

    # Windows takes "con" and "lpt1" for devices, whatever ending follows.
    if not _SAFE_NAME.fullmatch(class_name) or _RESERVED.fullmatch(class_name):
        raise DataError(f"the class {class_name!r:.60} cannot be the name of a folder, in which drawings are kept")
    if sum(count_drawings().values()) >= MOST:
        raise RunError(f"{MOST:,} drawings are kept already", "delete some of them", path=drawings_folder())
    pixels = np.rint(np.clip(image, 0, 1) * _BYTE).astype(np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(content, "PNG")
    folder = drawings_folder()
    # By time and chance: two tabs that save in the same second do not meet.
    path = folder / class_name / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.png"
    try:
        for each in (folder, path.parent):
            # Handwriting is personal: nobody else on the machine may read it.
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_apart(folder, class_name)
        write_atomically(path, content.getvalue())
        path.chmod(0o600)
    except OSError as problem:
        raise RunError(f"cannot be written ({problem.strerror or problem})", "make room there", path=path) from None
    return path


def _check_apart(folder: Path, class_name: str) -> None:
    """Refuse a class whose folder is another one's: a disk that takes "a" for "A" would mix their drawings."""
    names = [path.name for path in folder.iterdir()]
    if class_name not in names:
        other = next((name for name in names if name.casefold() == class_name.casefold()), class_name)
        raise DataError(f"this disk takes '{class_name}' for '{other}', whose drawings lie there already")


def load_drawings(size: tuple[int, int] | None = None, classes: Sequence[str] | None = None) -> Dataset:
    """Return all drawings.

    Parameters
    ----------
    size : (int, int), optional
        Height and width to resize them to; that of the first if not given.
    classes : sequence of str, optional
        The classes of the data that they are joined to; else those that were drawn.

    Raises
    ------
    DataError
        There are none, one is damaged, or one is of another class.
    """
    folder, counts = drawings_folder(), count_drawings()
    if not counts:
        raise DataError("there are no drawings yet", "draw some: inklings lab", path=folder)
    names = tuple(classes) if classes is not None else tuple(counts)
    unknown = [name for name in counts if name not in names]
    if unknown:
        found = f"has drawings of '{unknown[0]}', which is none of the classes {', '.join(names[:12])}"
        raise DataError(found, "move that folder elsewhere", path=folder)
    images: list[Images] = []
    labels: list[int] = []
    files: list[str] = []
    for name in counts:
        for path in _files(folder / name):
            pixels = read_image(EncodedImage(path)).pixels
            # All at the first one's size, unless another is asked for: an array needs one shape.
            height, width, _ = images[0].shape if images else pixels.shape
            images.append(resize(pixels[np.newaxis], size or (height, width))[0])
            labels.append(names.index(name))
            files.append(f"{name}/{path.name}")
    return Dataset(np.stack(images), np.array(labels), names, NAME, (f"{len(images):,} drawings",), names=files)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.png"))
