"""``inklings predict`` and ``inklings read``: pictures and pages classified by a trained network."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.answers import NOT_FAMILIAR, AnswerList, check_answers_file
from inklings.cli.command import Command, note_renamed
from inklings.cli.completion import complete_files
from inklings.cli.model_argument import SUFFIX, is_model_file, load_model, split_model
from inklings.cli.option_names import describe_error, options_of
from inklings.cli.options import (
    as_found_option,
    file_option,
    json_option,
    print_notes,
    quiet_option,
    read_options,
    reading_options,
    whole_option,
)
from inklings.cli.progress import Counter
from inklings.cli.subjects import Subjects, check_picture_options, data_suffixes, picture_suffixes, sort_subjects
from inklings.cli.tables import print_facts
from inklings.errors import DataError, InklingsError
from inklings.storage import refuse_special

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inklings.models import Model, ReadPage
    from inklings.models.preparation import Preparation
    from inklings.pages.components import Character
    from inklings.pages.normalise import Normalised

_TOLD = 20  # of the files that are refused; the rest are counted


@click.command(
    cls=Command,
    example="inklings predict digits.inkling photo.jpg\n"
    "inklings predict digits.inkling scans/ --json\n"
    "inklings predict digits.inkling test.csv --out answers.csv --columns ImageId,Label --first-id 1",
)
@click.argument("words", nargs=-1, required=True, metavar="[MODEL] PICTURE|DATA...", shell_complete=complete_files)
@json_option
@click.option("--stages", metavar="FOLDER", help="Draw the steps from each picture to the network's input.")
@file_option("--out", "FILE.csv", "Write the predictions to a file: CSV, or JSON by its ending.")
@click.option(
    "--columns",
    metavar="ID,LABEL",
    help="The CSV's headings, two or three.  [default: id,label,probability, and familiar,novelty where measured]",
)
@click.option("--first-id", type=int, metavar="N", help="Number of the first row, where rows have no id.  [default: 0]")
@click.option("--probabilities", is_flag=True, help="Add a column for each class to the CSV.")
@as_found_option
@whole_option
@quiet_option
@reading_options
def predict(
    words: tuple[str, ...],
    as_json: bool,
    stages: str | None,
    out: str | None,
    columns: str | None,
    first_id: int | None,
    probabilities: bool,
    as_found: bool,
    whole: bool | None,
    quiet: bool,
    **reading: Any,  # noqa: ANN401 - how to read data
) -> None:
    """Classify pictures, or the images of a data file, with a trained network.

    MODEL is a file that `inklings train --save` wrote; without it $INKLINGS_MODEL, or digits.inkling. PICTUREs are
    files, or folders or archives of them: PNG, JPEG, BMP, GIF, TIFF, WebP, PPM. Each is classified as one object;
    `inklings read` finds several characters. DATA is of any kind that training reads (CSV, NPY, IDX, ...), without
    labels; its pixels are treated as those of the training images were. What is unlike all that the network learnt, a
    letter for a network of digits, is marked as "not like what it learnt"; a CSV keeps the class and says beside it
    whether the image is familiar. Files that cannot be read are reported
    and skipped; the exit code is then 3.
    """
    from inklings.models.picture_framing import choose_way

    path, subjects = split_model(words, "PICTURE", _is_subject)
    headings = check_answers_file(out, columns)
    model = load_model(path)
    watch = Counter("images", quiet=quiet)
    with ExitStack() as opened:
        # Sheets: each is many pictures, as a file of data is.
        sheets = reading["grid"] or reading["tile"]
        found = Subjects(files=list(map(Path, subjects))) if sheets else sort_subjects(subjects, opened)
        if stages and found.files:
            raise click.UsageError("--stages draws pictures, and is not for other data", click.get_current_context())
        given = {**reading, "as_found": as_found, "first_id": first_id}
        answers = AnswerList("id" if found.files else "picture")
        refused = skipped = 0
        if found.pictures:
            way = choose_way(model.preparation, whole)
            if not found.files:
                check_picture_options(way, given)
            skipped = _classify_pictures(model, way, found, stages, answers, watch, given)
        for file in found.files:
            refused += _classify_file(model, file, reading, as_found, whole, first_id, answers, watch)
    _hand_over(model, answers, out, headings, as_json=as_json, probabilities=probabilities)
    failed = refused + skipped
    if failed and len(answers.rows) + failed > 1:
        click.echo(f"inklings: {failed:,} of {len(answers.rows) + failed:,} were not classified", err=True)
    # Who asks for damaged pictures to be skipped expects some.
    if refused or (skipped and not reading["skip_damaged"]):
        sys.exit(DataError.exit_code)


def _hand_over(
    model: Model,
    answers: AnswerList,
    out: str | None,
    headings: Sequence[str],
    *,
    as_json: bool,
    probabilities: bool,
) -> None:
    """Print the predictions, or write them to a file."""
    if answers.novel and (out or as_json):
        # A file has a class for each image, and programs read JSON: it must not go unseen.
        print_notes([f"{answers.novel:,} of {len(answers.rows):,} are {NOT_FAMILIAR}; the class is a guess"])
    if out and answers.rows:
        answers.write(Path(out), headings, model.class_names if probabilities else ())
        if not as_json:
            print_facts([("answers", f"{out}, {len(answers.rows):,} images")])
    if as_json:
        answers.print_json()
    elif not out:
        answers.print_table()


def _classify_pictures(
    model: Model,
    way: Preparation,
    found: Subjects,
    stages: str | None,
    answers: AnswerList,
    watch: Counter,
    given: Mapping[str, Any],
) -> int:
    """Classify pictures, and return how many files were refused."""
    from inklings.models.picture_polarity import choose_picture_polarity
    from inklings.models.predict_pictures import predict_pictures

    polarity = {"invert": given["invert"], "as_found": given["as_found"]}
    chosen, notes = choose_picture_polarity(way, found.pictures, **polarity)
    print_notes(notes)
    refused = 0
    for path, answer in predict_pictures(model, found.pictures, chosen, processes=True, on_progress=watch):
        if isinstance(answer, InklingsError):
            refused += 1
            if refused <= _TOLD:
                click.echo(f"inklings: {found.as_given(answer)}", err=True)
            continue
        answers.add(found.as_given(path), answer)
        if stages:
            _draw(Path(stages), path, chosen.prepare(chosen.open(path)))
    return refused


def _classify_file(
    model: Model,
    file: Path,
    reading: dict[str, Any],
    as_found: bool,
    whole: bool | None,
    first_id: int | None,
    answers: AnswerList,
    watch: Counter,
) -> int:
    """Classify the images of a data file; return 1 if it was refused."""
    from inklings.data.notes import decisions
    from inklings.models.data_file import predict_file
    from inklings.models.predict_pictures import as_predictions

    options = read_options(reading)
    try:
        found = predict_file(
            model,
            file,
            options,
            as_found=as_found,
            whole=whole,
            first_id=first_id,
            processes=True,
            on_progress=watch,
        )
    except InklingsError as error:
        known = options_of(click.get_current_context().command)
        click.echo(f"inklings: {describe_error(error, known)}", err=True)
        return 1
    print_notes(decisions(found.notes))
    predictions = as_predictions(model, found.probabilities, found.novelty)
    for name, answer in zip(found.names, predictions, strict=True):
        answers.add(name, answer)
    return 0


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
    mark stands for a prediction that is not confident, ¿ for what is not like what the network learnt. JSON has the
    box of each character as left, top, right and bottom, in pixels; right and bottom are the first pixels outside; and
    in a table the row and column of its cell, counted from 0.
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
        characters = _characters(page)
        # "marks" is what they were called in the previous version; it goes with the next.
        found = {"picture": picture, "lines": page.lines, "characters": characters, "marks": characters}
        click.echo(json.dumps(found, indent=1))
        return
    for line in page.lines:
        click.echo(line)
    if boxes:
        print_facts([("boxes", boxes)])


def _is_subject(word: str) -> bool:
    """Whether a first argument is what to classify, and the model was left out."""
    path = Path(word)
    if path.suffix.lower() == SUFFIX:
        return False
    if path.is_dir() or path.suffix.lower() in {*picture_suffixes(), *data_suffixes()}:
        return True
    return path.is_file() and not is_model_file(path)


def _characters(page: ReadPage) -> list[dict[str, Any]]:
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
