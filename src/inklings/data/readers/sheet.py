"""Reading a sheet: one picture that holds many of the same size, side by side, as OpenCV's ``digits.png`` does."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.data.notes import Decision
from inklings.data.pixels import to_greyscale
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.readers.brightness import BLACK, WHITE
from inklings.data.readers.file_errors import wrap_errors
from inklings.data.readers.framed_pictures import Content, frame_pictures
from inklings.data.readers.label_names import is_label_column
from inklings.data.readers.one_picture import EncodedImage, open_picture, read_image
from inklings.data.readers.sheet_seams import describe_seams
from inklings.data.resizing import resize
from inklings.errors import DataError

Grid = tuple[int, int]

TILES = (28, 32, 20, 64, 16, 8)
"""Usual sides of pictures; the first of which a sheet holds a whole number is tried for the grid to suggest."""


def read_sheet(path: Path, options: ReadOptions) -> RawArrays:
    """Read the pictures on a sheet, row by row, with labels by row, by column, or from a file.

    A picture without ``options.grid`` or ``options.tile`` is a sheet of one, which a model may predict.

    Raises
    ------
    DataError
        It is a single picture and labels are needed; its size is not a multiple of the grid; the labels do not fit.
    """
    if options.grid is None and options.tile is None and options.labelled:
        with wrap_errors(path, "picture"):
            raise _single(path)
    picture = read_image(EncodedImage(path), backdrop=options.backdrop)
    faded, backdrop = picture.faded, options.backdrop or WHITE
    if faded:
        picture, backdrop = read_image(EncodedImage(path), backdrop=BLACK), BLACK
    pixels = picture.pixels
    pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3)) if options.colour else to_greyscale(pixels)
    grid = _find_grid(pixels.shape[:2], options, path)
    tiles = _cut(pixels, grid)
    labels, notes = _read_labels(tiles, grid, options, path)
    notes += describe_seams(pixels, grid)
    if labels is not None:
        tiles = tiles[: len(labels)]
    size = options.height_and_width
    if picture.coloured and not options.colour:
        note = "the sheet has colours and was converted to grey (colour=True keeps them)"
        notes.append(note if options.colour is False else Decision(note))
    if faded:
        notes.append(Decision("transparent parts of the sheet are black, since what is drawn is as light as paper"))
    single = grid == (1, 1)
    names = [path.name] if single else [f"row {n // grid[1] + 1}, column {n % grid[1] + 1}" for n in range(len(tiles))]
    images = tiles if size is None else resize(tiles, size)
    raw = RawArrays(images, labels, path, notes=notes, names=names, upright=True)
    raw = replace(raw, deep=1 if picture.deep else None, backdrop=backdrop if picture.transparent else None)
    return raw if options.framer is None else _framed(raw, tiles, options)


def _framed(raw: RawArrays, tiles: Images, options: ReadOptions) -> RawArrays:
    """Return tiles as a model wants them, if it does not want them whole."""
    assert options.framer is not None, "checked by the caller"
    assert raw.names is not None, "tiles are numbered"
    resized = tiles.shape != raw.images.shape
    if not options.framer.is_needed(raw.images):
        said = options.framer.describe(resized=resized)
        return replace(raw, notes=[*raw.notes, *([said] if said else [])])
    # A framer takes 0 to 1; a sheet of 16 bits holds the numbers of its depth.
    span = max(float(tiles.max()), 1.0)
    pictures: list[Content] = [
        (tile / span, f"{raw.source}: {name}") for tile, name in zip(tiles, raw.names, strict=True)
    ]
    images, kept, _ = frame_pictures(options.framer, pictures, skip_damaged=options.skip_damaged)
    notes = [*raw.notes, options.framer.describe(resized=resized)]
    if len(kept) < len(tiles):
        notes.append(Decision(f"{len(tiles) - len(kept)} tiles in which no ink was found were left out"))
    labels = None if raw.labels is None else raw.labels[kept]
    names = [raw.names[number] for number in kept]
    return replace(raw, images=images, labels=labels, notes=notes, names=names, prepared=True)


def _single(path: Path) -> DataError:
    with open_picture(EncodedImage(path)) as picture:
        width, height = picture.size
    # A side of which both height and width are multiples, and more than one tile.
    fitting = [side for side in TILES if not (height % side or width % side) and height * width > side**2]
    return DataError(
        f"is a single picture ({height} x {width} pixels), expected many",
        "give their folder; or, if it holds many side by side, say in how many rows and columns (or their size: tile)",
        path=path,
        found="a single picture",
        suggested={"grid": (height // fitting[0], width // fitting[0])} if fitting else {},
    )


def _find_grid(size: tuple[int, ...], options: ReadOptions, path: Path) -> Grid:
    """Return rows and columns."""
    height, width = size[:2]
    if options.grid is not None and options.tile is not None:
        raise DataError("and tile are both given, expected one of them", "leave one out", setting="grid", path=path)
    if options.grid is None and options.tile is None:
        return 1, 1
    given = options.grid or options.tile
    assert given is not None
    setting = "grid" if options.grid else "tile"
    left_over = height % given[0], width % given[1]
    if any(left_over) or height < given[0] or width < given[1]:
        raise DataError(
            f"{height} x {width} pixels are not a multiple of {setting} {given[0]} x {given[1]}: "
            f"{left_over[0]} rows and {left_over[1]} columns of pixels remain",
            "crop what is not part of a picture, or give another number",
            path=path,
            found=(height, width),
            expected=given,
        )
    return given if options.grid else (height // given[0], width // given[1])


def _cut(pixels: Images, grid: Grid) -> Images:
    """Return the tiles of a picture in reading order, shape (rows * columns, height, width, channels)."""
    height, width, channels = pixels.shape
    rows, columns = grid
    # Rows of tiles, pixels down, tiles in a row, pixels across: the two in the middle change places.
    cut = pixels.reshape(rows, height // rows, columns, width // columns, channels)
    return np.ascontiguousarray(cut.swapaxes(1, 2)).reshape(-1, height // rows, width // columns, channels)


def _read_labels(tiles: Images, grid: Grid, options: ReadOptions, path: Path) -> tuple[NDArray[Any] | None, list[str]]:
    """Return a label for each tile, or for each but blank ones at the end."""
    if options.labels is None:
        if options.labelled:
            raise DataError(
                f"{grid[0]} x {grid[1]} pictures and no labels, expected one each",
                "say how many rows or columns are one class (by-row=5, by-column=1), or name a file of labels",
                path=path,
                suggested={"labels": "by-row=5"},
            )
        return None, []
    by = re.fullmatch(r"by-(row|column)=([1-9][0-9]*)", options.labels)
    if by:
        along, count = grid[0 if by[1] == "row" else 1], int(by[2])
        if along % count:
            raise DataError(
                f"is {options.labels}, but {along} {by[1]}s are not a multiple of {count} ({along % count} remain)",
                setting="labels",
                path=path,
                found=options.labels,
            )
        # (tiles,): each tile's number in reading order, and below the row or column that it is in.
        numbers = np.arange(grid[0] * grid[1])
        place = numbers // grid[1] if by[1] == "row" else numbers % grid[1]
        each = f"every {count} {by[1]}s" if count > 1 else f"each {by[1]}"
        return place // count, [f"{each} of the sheet {'are' if count > 1 else 'is'} a class"]
    labels = _read_label_file(path, options.labels)
    return labels, _check_count(tiles, labels, path)


def _check_count(tiles: Images, labels: NDArray[Any], path: Path) -> list[str]:
    """Let labels be fewer than tiles only if the rest is blank."""
    # A tile is blank where every pixel is as its first one, whatever the paper's brightness.
    if len(labels) > len(tiles) or not (tiles[len(labels) :] == tiles[len(labels) :, :1, :1]).all():
        raise DataError(
            f"{len(tiles)} pictures but {len(labels)} labels, expected as many of both",
            path=path,
            found=len(labels),
            expected=len(tiles),
        )
    blank = len(tiles) - len(labels)
    return [Decision(f"{blank} blank pictures at the end of the sheet have no label and are left out")] if blank else []


def _read_label_file(path: Path, name: str) -> NDArray[Any]:
    """Read one label per tile: an NPY file, or text with a label per line or many in a line."""
    candidates = [candidate for candidate in (path.parent / name, Path(name)) if candidate.is_file()]
    if not candidates:
        raise DataError(
            f"is '{name}', expected by-row=N, by-column=N or a file of labels", setting="labels", path=path, found=name
        )
    file = candidates[0]
    if file.suffix.lower() == ".npy":
        from inklings.data.readers.numpy_file import read_npy_array

        return read_npy_array(file).reshape(-1)
    with wrap_errors(file, "file of labels"):
        text = file.read_text("utf-8-sig")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    separator = next((each for each in ",;\t" if any(each in line for line in lines)), None)
    cells = [cell.strip().strip('"') for line in lines for cell in (line.split(separator) if separator else [line])]
    # A header is the one line that is a word for labels.
    header = 1 if cells and is_label_column(cells[0]) else 0
    return np.array(cells[header:])
