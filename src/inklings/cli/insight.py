"""``inklings insight``: pictures of what a trained network looks for, and of why it gives an image a class."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.command import Command
from inklings.cli.completion import complete_data, complete_files
from inklings.cli.json_output import json_option, print_json, wants_json
from inklings.cli.model_argument import DEFAULT, SUFFIX, VARIABLE, is_model_file, load_model
from inklings.cli.options import out_option, print_notes, runs_option
from inklings.cli.subjects import picture_suffixes
from inklings.cli.tables import print_facts
from inklings.errors import DataError, DataWarning, InklingsError, RunError
from inklings.reprs import percent
from inklings.serialise import did_you_mean

if TYPE_CHECKING:
    from inklings.data import Dataset
    from inklings.models import Model
    from inklings.report.insight_figures import Subject


@click.command(
    cls=Command,
    example="inklings insight digits.inkling --out insight\n"
    "inklings insight digits.inkling photo.jpg --class 7\n"
    "inklings insight cnn2 --image 12\n"
    "inklings insight digits.inkling --data mnist --image 3",
)
@click.argument("words", nargs=-1, metavar="[MODEL_OR_RUN] [PICTURE]", shell_complete=complete_files)
@out_option("insight")
@click.option(
    "--data",
    "name",
    metavar="NAME",
    shell_complete=complete_data,
    help="Labelled images to look at.  [default: those that it was trained on]",
)
@click.option("--image", "number", type=click.IntRange(min=0), metavar="N", help="Which of the test images, from 0.")
@click.option("--class", "target", metavar="NAME", help="Explain this class, not the most probable one.")
@runs_option
@json_option
def insight(
    words: tuple[str, ...], out: str, name: str | None, number: int | None, target: str | None, folder: str
) -> None:
    """Draw what a network has learnt, and why it gives an image its class.

    MODEL_OR_RUN is a file that `inklings train --save` wrote, or a run that `inklings runs` lists; without it
    $INKLINGS_MODEL, or digits.inkling. PICTURE is a file; without it a test image is taken, of the data that the
    network was trained on or of --data. Written are PNG and SVG with captions, and a page with all of them,
    index.html: the filters or hidden units; the pixels that speak for a class and against it; the image's way through
    the layers; one number and the sum that it is; what pooling keeps; what excites units most; how the classes lie.
    """
    from inklings.insight.members import members_of
    from inklings.report.insight_pictures import PAGE, write_insight

    chosen, picture = _split(words)
    if picture is not None and number is not None:
        raise click.UsageError("--image is one of the data; PICTURE is another", click.get_current_context())
    model = _load(chosen, folder)
    members_of(model)  # an opponent is refused before anything is read
    examples = _open_examples(model, name)
    wanted = None if target is None else _class_number(model, target)
    subject = _subject(model, picture, examples, number, wanted)
    written = write_insight(model, out, subject, examples)
    if wants_json():
        answer = None if subject is None else _answer_as_plain(model, subject)
        print_json({"answer": answer, "pictures": written, "page": Path(out) / PAGE})
        return
    if subject is not None:
        print_facts([("answer", _describe_answer(model, subject))])
    print_facts([(each.files[0].stem, each.title) for each in written])
    print_facts([("page", str(Path(out) / PAGE))])


def _split(words: tuple[str, ...]) -> tuple[str, str | None]:
    """Part what was typed into the model or run and the picture; either may be left out."""
    if len(words) > 2:
        problem = f"got {len(words)} arguments, expected MODEL_OR_RUN and PICTURE"
        raise click.UsageError(problem, click.get_current_context())
    if len(words) == 2:
        return words[0], words[1]
    default = os.environ.get(VARIABLE) or DEFAULT
    # A single word is a picture by its ending, else the model or run.
    if words and Path(words[0]).suffix.lower() in picture_suffixes():
        return default, words[0]
    return (words[0] if words else default), None


def _load(name: str, folder: str) -> Model:
    """Load a model, or make one of a stored run."""
    path = Path(name)
    if path.suffix == SUFFIX or (path.is_file() and is_model_file(path)):
        return load_model(name)
    from inklings.experiments.reopen import reopen_split
    from inklings.experiments.runs import RunStore
    from inklings.experiments.to_model import to_model

    if path.is_file():
        raise RunError("is not a trained model, expected one or a run", "picture files come second", path=path)
    run = RunStore(path.parent).load(path.name) if (path / "run.json").is_file() else RunStore(folder).load(name)
    return to_model(run, reopen_split(run))


def _open_examples(model: Model, name: str | None) -> Dataset | None:
    """Open what a model has not seen of a data set; of the one it was trained on if none is named and it is there."""
    from inklings.data.notes import decisions
    from inklings.experiments.unseen import choose_unseen
    from inklings.models.data_file import open_as_trained

    source = name or model.training.get("data", {}).get("options", {}).get("name")
    if source is None:
        return None
    try:
        with warnings.catch_warnings():
            # The same is in the notes, which are printed below where the data were named.
            warnings.simplefilter("ignore", DataWarning)
            opened = open_as_trained(model, source, processes=True)
            examples, notes = choose_unseen(model.training, opened)
    except InklingsError as error:
        if name is not None:
            raise
        print_notes([f"the images it was trained on are not there, so none of them is shown ({error})"])
        return None
    print_notes([*decisions(opened.notes), *(notes if name is not None else [])])
    return examples


def _subject(
    model: Model, picture: str | None, examples: Dataset | None, number: int | None, target: int | None
) -> Subject | None:
    """Return the image that everything is about: the picture, else one of the examples, if there are any."""
    from inklings.report.insight_figures import Subject

    if picture is not None:
        from inklings.models.predict_pictures import read_picture

        _, normalised = read_picture(model, Path(picture))
        return Subject(normalised.image, Path(picture).name, target=target)
    if examples is None:
        for setting, typed in (("image", number), ("class", target)):
            if typed is not None:
                raise DataError("has no image to be about", "name some: --data NAME, or a PICTURE", setting=setting)
        return None
    if number is not None and number >= len(examples):
        raise DataError(f"is {number}, expected 0 to {len(examples) - 1}", setting="image", found=number)
    row = number or 0
    return Subject(examples.images[row], f"Test image {row} of {examples.source}", int(examples.labels[row]), target)


def _class_number(model: Model, name: str) -> int:
    if name not in model.class_names:
        raise DataError(
            f"is '{name}', which is not a class of the model", did_you_mean(name, model.class_names), setting="class"
        )
    return list(model.class_names).index(name)


def _answer_as_plain(model: Model, subject: Subject) -> dict[str, Any]:
    chances = model.predict_proba(subject.image[None], prepared=True)[0]
    best = int(chances.argmax())
    label = None if subject.label is None else model.class_names[subject.label]
    answer = {"prediction": model.class_names[best], "probability": chances[best]}
    return {"image": subject.name, **answer, "label": label}


def _describe_answer(model: Model, subject: Subject) -> str:
    chances = model.predict_proba(subject.image[None], prepared=True)[0]
    best = int(chances.argmax())
    right = "" if subject.label is None else f"; it is {model.class_names[subject.label]}"
    return f"{subject.name}: {model.class_names[best]} ({percent(chances[best])}){right}"
