"""``inklings predict`` and ``inklings read``: pictures and pages classified by a trained network."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.command import Command, note_renamed
from inklings.cli.completion import complete_files
from inklings.cli.model_argument import load_model, split_model
from inklings.cli.options import file_option, json_option
from inklings.cli.tables import print_facts, print_table
from inklings.errors import DataError, InklingsError
from inklings.storage import refuse_special

if TYPE_CHECKING:
    from inklings.models import Model, Prediction, ReadPage
    from inklings.pages.components import Character
    from inklings.pages.normalise import Normalised


@click.command(
    cls=Command,
    example="inklings predict digits.inkling photo.jpg\ninklings predict digits.inkling scans/ --json",
)
@click.argument("words", nargs=-1, required=True, metavar="[MODEL] PICTURE...", shell_complete=complete_files)
@json_option
@click.option("--stages", metavar="FOLDER", help="Draw the steps from each picture to the network's input.")
def predict(words: tuple[str, ...], as_json: bool, stages: str | None) -> None:
    """Classify pictures with a trained network.

    MODEL is a file that `inklings train --save` wrote; without it $INKLINGS_MODEL, or digits.inkling. PICTUREs are
    files, or folders of them: PNG, JPEG, BMP, GIF, TIFF, WebP, PPM. Each is classified as one object; `inklings read`
    finds several characters. Files that are not pictures are reported and skipped; the exit code is then 3.
    """
    path, pictures = split_model(words, "PICTURE", _is_picture)
    model = load_model(path)
    _ = model.preparation  # refuses a model without one before the first picture
    answers, refused = _classify(model, _files(pictures), stages)
    if as_json:
        click.echo(json.dumps([{"picture": path, **answer.to_plain()} for path, answer in answers], indent=1))
    elif answers:
        headings = ["picture", "prediction", "probability", "runner-up"]
        print_table(headings, [_row(*each) for each in answers], words=2)
    if refused:
        sys.exit(DataError.exit_code)


def _classify(model: Model, files: list[Path], stages: str | None) -> tuple[list[tuple[str, Prediction]], int]:
    """Return each picture's path and prediction, and how many files were refused."""
    from inklings.models import read_picture

    answers: list[tuple[str, Prediction]] = []
    refused = 0
    for path in files:
        try:
            answer, normalised = read_picture(model, path)
        except InklingsError as error:
            refused += 1
            click.echo(f"inklings: {error}", err=True)
            continue
        answers.append((str(path), answer))
        if stages:
            _draw(Path(stages), path, normalised)
    return answers, refused


@click.command(
    cls=Command,
    example="inklings read digits.inkling page.png\ninklings read digits.inkling page.png --boxes boxes.png",
)
@click.argument("words", nargs=-1, required=True, metavar="[MODEL] PAGE", shell_complete=complete_files)
@click.option("--model", hidden=True)
@json_option
@file_option("--boxes", "FILE.png", "Draw the page with a box round each character and its prediction.")
def read(words: tuple[str, ...], model: str | None, as_json: bool, boxes: str | None) -> None:
    """Read the characters on a page, line by line from left to right.

    MODEL is a file that `inklings train --save` wrote; without it $INKLINGS_MODEL, or digits.inkling. Characters must
    not touch. Frames, grids, ruled and squared paper are taken off first, and an empty cell gives nothing. A question
    mark stands for a prediction that is not confident. JSON has the box of each character as left, top, right and
    bottom, in pixels; right and bottom are the first pixels outside; and in a table the row and column of its cell,
    counted from 0.
    """
    from inklings.models import read_page

    if model is not None:
        note_renamed("--model FILE", "the first argument: inklings read FILE PAGE")
        words = (model, *words)
    path, (picture, *_) = split_model(words, "PAGE")
    page = read_page(load_model(path), picture)
    if boxes:
        _save(page.draw(), Path(boxes))
    if as_json:
        click.echo(json.dumps({"picture": picture, "lines": page.lines, "marks": _marks(page)}, indent=1))
        return
    for line in page.lines:
        click.echo(line)
    if boxes:
        print_facts([("boxes", boxes)])


def _is_picture(word: str) -> bool:
    """Whether a first argument is a picture, or a folder of them, and the model was left out."""
    from inklings.data.readers.image_files import SUFFIXES

    return Path(word).suffix.lower() in SUFFIXES or Path(word).is_dir()


def _files(pictures: Sequence[str]) -> list[Path]:
    """Return the files, those of folders in the order of their names."""
    from inklings.data.readers.image_files import SUFFIXES

    files: list[Path] = []
    for path in map(Path, pictures):
        if not path.is_dir():
            files.append(path)
            continue
        inside = sorted(found for found in path.rglob("*") if found.suffix.lower() in SUFFIXES and found.is_file())
        if not inside:
            raise DataError(f"{path}: no pictures in this folder", f"expected {', '.join(sorted(SUFFIXES))}")
        files += inside
    return files


def _row(path: str, answer: Prediction) -> list[str]:
    (_, first), *others = answer.probabilities.items()
    second = f"{others[0][0]} {others[0][1]:.1%}" if others else ""
    name = f"unsure ({answer.class_name}?)" if answer.is_confident is False else answer.class_name
    return [path, name, f"{first:.1%}", second]


def _marks(page: ReadPage) -> list[dict[str, Any]]:
    return [
        {"line": mark.line, "box": list(mark.box), **_cell(mark), **answer.to_plain()}
        for mark, answer in zip(page.characters, page.answers, strict=True)
    ]


def _cell(mark: Character) -> dict[str, Any]:
    return {} if mark.cell is None else {"cell": list(mark.cell)}


def _draw(folder: Path, path: Path, normalised: Normalised) -> None:
    name, number = f"{path.stem}-stages", 1
    while (folder / f"{name}.png").exists():
        number += 1
        name = f"{path.stem}-stages-{number}"
    _save(normalised.draw_stages(), folder / f"{name}.png")


def _save(picture: Any, path: Path) -> None:  # noqa: ANN401 - Pillow's, which is not imported here
    if not path.is_char_device():  # /dev/null takes a picture
        refuse_special(path, DataError, "name a PNG file in a folder of yours")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
    except (OSError, ValueError) as problem:
        raise DataError(
            f"{path}: cannot be written ({problem})", "name a PNG file in a folder you may write to"
        ) from None
