"""``inklings predict`` and ``inklings read``: pictures and pages classified by a trained network."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.answers import NOT_FAMILIAR, AnswerList, check_answers_file
from inklings.cli.classification import Classification, save_picture
from inklings.cli.command import Command, note_renamed
from inklings.cli.completion import complete_files
from inklings.cli.json_output import json_option, print_json, wants_json
from inklings.cli.model_argument import SUFFIX, is_model_file, load_model, split_model
from inklings.cli.options import (
    as_found_option,
    file_option,
    keep_lines_option,
    print_notes,
    quiet_option,
    reading_options,
    whole_option,
)
from inklings.cli.progress import Counter
from inklings.cli.sample_answers import describe_sample
from inklings.cli.subjects import Subjects, data_suffixes, picture_suffixes, sort_subjects
from inklings.cli.tables import print_facts, visible
from inklings.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inklings.models import Model, ReadPage
    from inklings.pages.components import Character

_UNMEASURED = "the model has no measure of novelty: whatever it is shown, noise too, it answers with one of its classes"


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
@keep_lines_option
@quiet_option
@reading_options
def predict(
    words: tuple[str, ...],
    stages: str | None,
    out: str | None,
    columns: str | None,
    first_id: int | None,
    probabilities: bool,
    as_found: bool,
    whole: bool | None,
    keep_lines: bool,
    quiet: bool,
    **reading: Any,  # noqa: ANN401 - how to read data
) -> None:
    """Classify pictures, or the images of a data file, with a trained network.

    MODEL is a file that `inklings train --save` wrote; without it $INKLINGS_MODEL, or digits.inkling. PICTUREs are
    files, or folders or archives of them: PNG, JPEG, BMP, GIF, TIFF, WebP, PPM. Each is classified as one object;
    `inklings read` finds several characters. DATA is of any kind that training reads (CSV, NPY, IDX, ...), without
    labels; its pixels are treated as those of the training images were. What is unlike all that the network learnt, a
    letter for a network of digits, is marked as "not like what it learnt"; a CSV keeps the class and says beside it
    whether the image is familiar. Files that cannot be read are reported and skipped; the exit code is then 3.
    """
    path, subjects = split_model(words, "PICTURE", _is_subject)
    # Before the model is loaded and anything is classified.
    headings = check_answers_file(out, columns, probabilities=probabilities)
    model = load_model(path)
    with ExitStack() as opened:
        # Sheets: each is many pictures, as a file of data is.
        sheets = reading["grid"] or reading["tile"]
        found = Subjects(files=list(map(Path, subjects))) if sheets else sort_subjects(subjects, opened)
        if stages and found.files:
            raise click.UsageError("--stages draws pictures, and is not for other data", click.get_current_context())
        answers = AnswerList("id" if found.files else "picture")
        watch = Counter("images", quiet=quiet)
        work = Classification(model, reading, as_found, whole, keep_lines, first_id, answers, watch)
        skipped = work.classify_pictures(found, stages) if found.pictures else 0
        refused = sum(map(work.classify_file, found.files))
    answers.tell_apart()
    _hand_over(model, answers, out, headings, probabilities=probabilities)
    # Of one picture alone, the line that refuses it says enough.
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
    probabilities: bool,
) -> None:
    """Print the predictions, or write them to a file."""
    from inklings.evaluation.rules import count_text

    as_json = wants_json()
    if model.novelty is None and answers.rows:
        print_notes([_UNMEASURED])
    if answers.novel and (out or as_json):
        # A file has a class for each image, and programs read JSON: it must not go unseen.
        print_notes([f"{answers.novel:,} of {len(answers.rows):,} are {NOT_FAMILIAR}; the class is a guess"])
    if out and answers.rows:
        answers.write(Path(out), headings, model.class_names if probabilities else ())
        for file, start in answers.files:
            said = describe_sample(Path(file), headings, answers.rows[start][0])
            print_notes([said] if said else [])
        if not as_json:
            print_facts([("answers", f"{out}, {count_text(len(answers.rows), 'image')}")])
    if as_json:
        print_json(answers.to_plain())
    elif not out:
        answers.print_table()


@click.command(
    cls=Command,
    example="inklings read digits.inkling page.png\ninklings read digits.inkling page.png --boxes boxes.png",
)
@click.argument("words", nargs=-1, required=True, metavar="[MODEL] PAGE", shell_complete=complete_files)
@click.option("--model", hidden=True)
@json_option
@file_option("--boxes", "FILE.png", "Draw the page with a box round each character and its prediction.")
@keep_lines_option
def read(words: tuple[str, ...], model: str | None, boxes: str | None, keep_lines: bool) -> None:
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
    page = read_page(load_model(path), picture, keep_lines=keep_lines)
    if boxes:
        save_picture(page.draw(), Path(boxes))
    if wants_json():
        characters = _characters(page)
        # "marks" is what they were called in the previous version; it goes with the next.
        found = {"picture": picture, "lines": page.lines, "characters": characters, "marks": characters}
        print_json(found)
        return
    for line in page.lines:
        click.echo(visible(line))
    if boxes:
        print_facts([("boxes", boxes)])


def _is_subject(word: str) -> bool:
    """Whether a first argument is what to classify, and the model was left out."""
    path = Path(word)
    if path.suffix.lower() == SUFFIX:
        return False
    # By its ending even where there is no such file: the error is then about a missing picture, not a model.
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
