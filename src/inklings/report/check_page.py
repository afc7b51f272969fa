"""What was found in a data set as a folder: one page of pictures that works offline, and the table a person edits.

::

    check.html      the images that something is the matter with, the surest first
    findings.csv    the same as a table: whom to keep, to leave out or to relabel
"""

from __future__ import annotations

import base64
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from inklings.arguments import as_path, checks_call
from inklings.data.dataset import Dataset
from inklings.data.gallery import to_bytes
from inklings.data.mending import mark_of
from inklings.errors import RunError
from inklings.findings import KINDS, DataCheck, Finding, write_findings
from inklings.findings.images import ENOUGH_AGREED
from inklings.report.page_assets import page_styles, render_template
from inklings.report.words import join_words
from inklings.reprs import percent
from inklings.storage import write_atomically

if TYPE_CHECKING:
    from inklings.findings.classes import ClassRemark

PAGE, TABLE = "check.html", "findings.csv"

MOST = 60
"""Images of each kind on the page; the table holds all."""

SIDE = 84
"""Approximate pixels of an image's longer side on the page."""

LARGEST = 112
"""Larger images are reduced to this many pixels, so that the page stays small."""

PAIRED = ("conflict", "copy", "near copy")  # kinds of findings of which two images belong together

_ABOUT = {
    "conflict": "An image cannot be both: at least one label of each group is wrong.",
    "label": "A model that was fitted on all the other images is sure that they are something else.",
    "copy": "Copies count several times in training, and flatter a test that holds one of them.",
    "near copy": "As when a picture was saved twice, or two were taken in a row.",
    "blank": "There is nothing in them to learn.",
    "unlike all": "Far from even their nearest neighbours: scribbles, damage, what belongs to no class, or rare hands.",
    "unlike class": "Far from the other images with the same label.",
    "cut off": "Ink runs along an edge, so that a part may be missing.",
}


@dataclass(frozen=True)
class Shown:
    """An image on the page with what is said about it."""

    addresses: tuple[str, ...]
    width: int
    alt: str
    lines: tuple[str, ...]


@checks_call(RunError, check=DataCheck)
def write_check(check: DataCheck, folder: str | Path, *, data: str = "", command: str = "") -> Path:
    """Write the page and the table of what was found in a data set.

    Parameters
    ----------
    check : DataCheck
    folder : str or Path
        Created if missing; files of an earlier check are replaced.
    data : str
        How the data set is named on the command line; its source if empty.
    command : str
        The command that repeats the check.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    RunError
        The folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> found = inklings.findings.check_data(inklings.open_dataset("digits").take(range(0, 5000, 50)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     inklings.report.write_check(found, folder).name
    'check.html'
    """
    folder = as_path(folder, "the folder of a check", RunError)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_findings(check, folder / TABLE)
        write_atomically(folder / PAGE, _render(check, folder, data or check.dataset.source, command))
    except OSError as problem:
        raise RunError(f"the page cannot be written ({problem.strerror})", "name another folder", path=folder) from None
    return folder / PAGE


def summarise_check(check: DataCheck) -> str:
    """Say in a sentence or two what was found."""
    total, counts = f"{len(check.dataset):,}", check.counts
    # The weaker word where the model that looked for them is itself often wrong.
    doubt = "likely wrong" if check.agreement >= ENOUGH_AGREED else "in doubt"
    said = [
        (counts["label"], f"has a label that is {doubt}", f"have labels that are {doubt}"),
        (counts["conflict"], "is there under several labels", "are there under several labels"),
        (counts["copy"], "is a copy of another", "are copies of others"),
        (counts["near copy"], "is nearly the same as another", "are nearly the same as another"),
        (counts["blank"], "is blank", "are blank"),
    ]
    parts = [f"{count:,} {one if count == 1 else several}" for count, one, several in said if count]
    found = join_words(parts) if parts else "no label looks wrong, none is double or blank"
    sentences = [f"Of {total} images, {found}."]
    if check.crossing and check.parts:
        pairs = "1 pair of these lies" if check.crossing == 1 else f"{check.crossing:,} pairs of these lie"
        sentences.append(f"{pairs} in different parts ({check.parts}), which flatters the test.")
    return " ".join(sentences)


def _render(check: DataCheck, folder: Path, data: str, command: str) -> str:
    sections = [
        (kind, f"{KINDS[kind][:1].upper()}{KINDS[kind][1:]}", _ABOUT[kind], found)
        for kind in KINDS
        if (found := check.of_kind(kind))
    ]
    table = shlex.quote(str(folder / TABLE))
    return render_template(
        "check.html.jinja",
        styles=page_styles(),
        title=f"Inklings: what is in {check.dataset.source}",
        summary=summarise_check(check),
        check=check,
        sections=[(*section, [_show(check, each) for each in section[-1][:MOST]]) for section in sections],
        most=MOST,
        remarks=[(each, [_show_row(check.dataset, row) for row in _rows(each)]) for each in check.remarks],
        commands=[
            f"inklings train mlp --data {shlex.quote(data)} --without {table}",
            f"inklings compare mlp --data {shlex.quote(data)} --and-without {table} --repeats 5",
        ],
        facts=_facts(check, command),
    )


def _facts(check: DataCheck, command: str) -> list[tuple[str, str]]:
    data = check.dataset
    shape = " x ".join(map(str, data.image_shape))
    facts = [
        ("Images", f"{data.source}: {len(data):,} of {shape}, {data.class_count} classes"),
        *[("Found", str(note)) for note in data.notes],
        ("Labels", f"{percent(check.agreement)} are what a model predicts that was fitted on the other images"),
        ("Data", mark_of(data)),
    ]
    return [*facts, ("To repeat", command)] if command else facts


def _rows(remark: ClassRemark) -> Sequence[int]:
    return [row for group in remark.examples for row in group]


def _show(check: DataCheck, found: Finding) -> Shown:
    data = check.dataset
    label = data.class_names[data.labels[found.row]]
    # One pair at most: of a group of fifty copies, the second says all.
    rows = [found.row, *found.same_as[:1]] if found.kind in PAIRED else [found.row]
    lines = [f"row {found.row}", *([_shorten(check.name_of(found.row))] if data.names is not None else [])]
    if found.kind in PAIRED and found.same_as:
        other = data.class_names[data.labels[found.same_as[0]]]
        lines = [f"says {label} · says {other}", f"rows {found.row} and {found.same_as[0]}"]
    elif found.suggested:
        lines = [f"says {label}", f"looks like {found.suggested}", *lines]
    else:
        lines = [f"says {label}", *lines]
    lines += [f"also {kind}" for kind in found.also]
    alt = f"Row {found.row}, labelled {label}" + (f", looks like {found.suggested}" if found.suggested else "")
    return Shown(tuple(_address(data, row) for row in rows), _width(data), alt, tuple(lines))


def _show_row(data: Dataset, row: int) -> Shown:
    label = data.class_names[data.labels[row]]
    return Shown((_address(data, row),), _width(data), f"Row {row}, labelled {label}", (f"row {row}",))


def _width(data: Dataset) -> int:
    height, width, _ = data.image_shape
    longest = max(height, width)
    # Small ones grow by a whole factor, so that all of their pixels are of one size.
    return width * max(1, round(SIDE / longest)) if longest <= LARGEST else max(1, round(width * LARGEST / longest))


def _address(data: Dataset, row: int) -> str:
    """Return an image as a data URI."""
    from PIL import Image

    picture = Image.fromarray(to_bytes(data.images[row]))
    # Reduced alone, never enlarged: `thumbnail` leaves smaller ones as they are, and the browser enlarges them.
    picture.thumbnail((LARGEST, LARGEST))
    file = BytesIO()
    # Grey ones in one channel: a third of the bytes in the page.
    (picture if data.image_shape[2] == 3 else picture.convert("L")).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def _shorten(name: str) -> str:
    """Return the end of a long name, which tells files of one folder apart."""
    return name if len(name) <= 24 else "…" + name[-23:]
