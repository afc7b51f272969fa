"""``inklings predict`` and ``inklings read``: what a trained network takes pictures for."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.tables import print_facts, print_table
from inklings.errors import DataError, InklingsError

if TYPE_CHECKING:
    from inklings.models import Prediction, ReadPage
    from inklings.pages.normalise import Normalised

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")


@click.command()
@click.argument("model")
@click.argument("pictures", nargs=-1, required=True)
@json_option
@click.option("--stages", metavar="FOLDER", help="Draw how each picture became what the network saw.")
def predict(model: str, pictures: tuple[str, ...], as_json: bool, stages: str | None) -> None:
    """Say what pictures show, with a trained network.

    MODEL is a file that `inklings train --save` wrote. PICTURES are files, or folders of them: PNG, JPEG, BMP, GIF,
    TIFF, WebP, PPM. Each is taken for one thing; `inklings read` finds several characters. A picture that cannot be
    read is named, and the others are read all the same; the exit code is then 3.
    """
    from inklings.models import load, read_picture

    loaded = load(model)
    loaded.preparation  # noqa: B018 - a model without one is refused before the first picture
    answers: list[tuple[str, Prediction]] = []
    refused = 0
    for path in _files(pictures):
        try:
            answer, normalised = read_picture(loaded, path)
        except InklingsError as error:
            refused += 1
            click.echo(f"inklings: {error}", err=True)
            continue
        answers.append((str(path), answer))
        if stages:
            _draw(Path(stages), path, normalised)
    if as_json:
        click.echo(json.dumps([{"picture": path, **answer.to_plain()} for path, answer in answers], indent=1))
    elif answers:
        print_table(["picture", "answer", "probability", "next"], [_row(*each) for each in answers], words=2)
    if refused:
        sys.exit(DataError.exit_code)


@click.command()
@click.argument("picture")
@click.option(
    "--model",
    default="digits.inkling",
    envvar="INKLINGS_MODEL",
    show_default=True,
    show_envvar=True,
    metavar="FILE",
    help="What reads; `inklings train cnn2 --save digits.inkling` makes it.",
)
@json_option
@click.option("--boxes", metavar="FILE.png", help="Draw the page with a box round each mark, and what it was read as.")
def read(picture: str, model: str, as_json: bool, boxes: str | None) -> None:
    """Read the characters on a page: from left to right, line by line.

    Characters must not touch. Where the model is not sure, the answer is a question mark. JSON has the box of each mark
    as left, top, right and bottom, in pixels; the last two are the first ones outside.
    """
    from inklings.models import load, read_page

    page = read_page(load(model), picture)
    if boxes:
        _save(page.draw(), Path(boxes))
    if as_json:
        click.echo(json.dumps({"picture": picture, "lines": page.lines, "marks": _marks(page)}, indent=1))
        return
    for line in page.lines:
        click.echo(line)
    if boxes:
        print_facts([("boxes", boxes)])


def _files(pictures: Sequence[str]) -> list[Path]:
    """Give the files, those of folders in the order of their names."""
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
    name = f"not sure ({answer.class_name}?)" if answer.is_confident is False else answer.class_name
    return [path, name, f"{first:.1%}", second]


def _marks(page: ReadPage) -> list[dict[str, Any]]:
    return [
        {"line": mark.line, "box": list(mark.box), **answer.to_plain()}
        for mark, answer in zip(page.characters, page.answers, strict=True)
    ]


def _draw(folder: Path, path: Path, normalised: Normalised) -> None:
    name, number = f"{path.stem}-stages", 1
    while (folder / f"{name}.png").exists():
        number += 1
        name = f"{path.stem}-stages-{number}"
    _save(normalised.draw_stages(), folder / f"{name}.png")


def _save(picture: Any, path: Path) -> None:  # noqa: ANN401 - one of Pillow's, which is not loaded here
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
    except (OSError, ValueError) as problem:
        raise DataError(f"{path}: cannot be written ({problem})", "name a PNG file in a folder of yours") from None
