"""Files that people have and that are not read: each with the way out, in one line."""

from __future__ import annotations

import re
from pathlib import Path

from inklings.errors import DataError

_SAVE = "load it where you trust it, then numpy.savez('data.npz', x=images, y=labels)"
_PICKLE = ("a Python pickle, which can run any code and is never opened", _SAVE)
_TORCH = ("a PyTorch file, which can run any code when it is opened", _SAVE.replace("load it", "torch.load it"))
_UNPACK = "unpack it, and give the folder or the file that was in it"
_TFRECORD = (
    "a TFRecord file of TensorFlow, which does not say what its bytes mean",
    "read it by tfds.as_numpy or tf.data, then numpy.savez('data.npz', x=images, y=labels)",
)
_EXCEL = ("an Excel workbook", "save the sheet as CSV")
_ARFF = (
    "an ARFF file, as Weka and OpenML have them",
    "delete its lines up to @data and call it .csv: what is left is a table without names",
)
ANNOTATIONS = (
    "a JSON file of annotated objects (COCO, LabelMe)",
    "cut the objects out and save them in a folder per class; or write labels.csv with a file and a label in each row",
)
_ANNOTATED = re.compile(rb'"(annotations|categories|shapes|imagePath|licenses)"\s*:')
"""Keys of COCO's and LabelMe's files, one of which is among the first."""

SIGNATURES: tuple[tuple[bytes, tuple[str, str]], ...] = (
    # Pickle protocols 2 to 5 begin with 0x80 and their number.
    *((bytes([0x80, protocol]), _PICKLE) for protocol in range(2, 6)),
    (b"Rar!\x1a\x07", ("a RAR archive", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", ("a 7-Zip archive", _UNPACK)),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ("an old Office file, such as an .xls workbook", "save the sheet as CSV")),
    (b"BZh", ("compressed by bzip2", "unpack it, or compress it by gzip")),
    (b"\xfd7zXZ\0", ("compressed by xz", "unpack it, or compress it by gzip")),
    (b"%PDF", ("a PDF", "save its pictures as PNG")),
    (b"SQLite format 3\0", ("an SQLite database", "export the table as CSV")),
    (b"ARROW1", ("an Arrow or Feather file", "save it as Parquet")),
    (b"version https://git-lfs", ("a pointer of Git LFS and not the file itself", "run git lfs pull where it lies")),
)

ENDINGS: dict[str, tuple[str, str]] = {
    ".pkl": _PICKLE,
    ".pickle": _PICKLE,
    ".pt": _TORCH,
    ".pth": _TORCH,
    ".tfrecord": _TFRECORD,
    ".tfrecords": _TFRECORD,
    ".arff": _ARFF,
    ".xlsx": _EXCEL,
    ".xls": _EXCEL,
    ".rar": ("a RAR archive", _UNPACK),
    ".7z": ("a 7-Zip archive", _UNPACK),
    ".arrow": ("an Arrow file", "load it by datasets.load_from_disk, and save it by to_parquet"),
    ".svg": ("a drawing in SVG", "save it as PNG"),
    ".mp4": ("a film", "save its frames as PNG"),
    ".avi": ("a film", "save its frames as PNG"),
    ".mov": ("a film", "save its frames as PNG"),
}


def describe_refused(path: Path, start: bytes) -> tuple[str, str] | None:
    """Return what a file is and the way out, if it is of a kind that is never read.

    Parameters
    ----------
    path : Path
    start : bytes
        Its first bytes, decompressed.
    """
    for signature, found in SIGNATURES:
        if start.startswith(signature):
            return found
    if ".tfrecord" in path.name.lower():  # tensorflow_datasets writes mnist-train.tfrecord-00000-of-00001
        return _TFRECORD
    text = start.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "a web page, perhaps an error that was saved in place of the data", "download it again and look at it"
    if re.match(rb"(%[^\n]*\s*)*@relation\s", text):
        return _ARFF
    if is_annotations(path, start):
        return ANNOTATIONS
    # Not any brace or bracket: a cell of pixels may be written [0, 0, 255].
    if text.startswith((b'{"', b'[{"', b"{\n", b"[\n")):
        return "a JSON file", "write a table of it: pandas.read_json(...).to_parquet, or a CSV with a column per pixel"
    return ENDINGS.get(path.suffix.lower())


def is_annotations(path: Path, start: bytes) -> bool:
    """Whether a file is JSON that says where in pictures objects are, and so labels no picture as a whole."""
    return path.suffix.lower() == ".json" and _ANNOTATED.search(start) is not None


def refuse(path: Path, found: tuple[str, str]) -> DataError:
    """Return the error that says what a file is and what to do."""
    what, way_out = found
    return DataError(f"is {what}", way_out, path=path, found=what)
