"""``inklings evaluate``: how accurate a trained network is on labelled images."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.command import Command
from inklings.cli.completion import complete_data
from inklings.cli.model_argument import load_model, split_model
from inklings.cli.options import json_option, open_data, reading_options
from inklings.cli.tables import print_facts, print_line, print_table
from inklings.errors import DataError

if TYPE_CHECKING:
    from inklings.data import Dataset
    from inklings.evaluation.evaluate import EvaluationReport
    from inklings.models import Model


@click.command(cls=Command, example="inklings evaluate digits.inkling mnist")
@click.argument("words", nargs=-1, required=True, metavar="[MODEL] DATA", shell_complete=complete_data)
@json_option
@click.option("--all", "everything", is_flag=True, help="Include the training and validation images.")
@reading_options
def evaluate(words: tuple[str, ...], as_json: bool, everything: bool, **reading: Any) -> None:  # noqa: ANN401
    """Measure how accurate a trained network is on labelled images.

    MODEL is a file that `inklings train --save` wrote; without it $INKLINGS_MODEL, or digits.inkling. DATA is a name or
    a path, as for training. Images of another size are resized to the network's. Of the data set that the network was
    trained on, only the test images are used.
    """
    from inklings.evaluation.evaluate import evaluate_model

    model, (data, *_) = split_model(words, "DATA")
    loaded = load_model(model)
    dataset, notes = _open(loaded, data, reading)
    if not everything:
        dataset, part = _unseen(loaded, dataset)
        notes += part
    report = evaluate_model(loaded, dataset)
    for note in notes:
        print_line(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps({"model": model, "data": data, **report.to_plain()}, indent=1, allow_nan=False))
    else:
        _print_report(report)


def _open(model: Model, name: str, reading: dict[str, Any]) -> tuple[Dataset, list[str]]:
    """Open images, resized to the network's input unless a size was typed."""
    dataset = open_data(name, reading)
    (height, width, channels), wanted = model.network.input_shape, dataset.image_shape
    if wanted[2] != channels:
        raise DataError(
            f"{name}: images have {wanted[2]} channels, the model expects {channels}",
            "--grey converts three channels to one, --colour keeps three",
        )
    if wanted[:2] == (height, width) or reading.get("size"):
        return dataset, []
    resized = open_data(name, {**reading, "size": f"{height}x{width}"})
    return resized, [f"images of {wanted[0]} x {wanted[1]} were resized to the network's {height} x {width}"]


def _unseen(model: Model, dataset: Dataset) -> tuple[Dataset, list[str]]:
    """Leave out what the network was trained on, if these are the images it was trained on."""
    learnt = model.training
    if learnt.get("data", {}).get("fingerprint") != dataset.fingerprint:
        return dataset, []
    split = dataset.split(**learnt["split"]["options"]) if learnt["split"].get("options") else None
    if split is None or split.fingerprint != learnt["split"]["fingerprint"]:
        return dataset, ["the network was trained on some of these images, and it is not known on which"]
    note = f"the network was trained on this data set; only the {len(split.test):,} test images of its split are used"
    return split.test, [f"{note} (--all uses every image)"]


def _print_report(report: EvaluationReport) -> None:
    low, high = report.interval
    lines = [
        (
            "accuracy",
            f"{report.accuracy:.1%} of {report.images:,} images (95 % interval {low:.1%} to {high:.1%})",
        ),
        ("calibration", f"ECE {report.reliability.expected_calibration_error:.1%}, Brier score {report.brier:.3f}"),
    ]
    if report.answered is not None:
        coverage, accuracy = report.answered
        right = "" if accuracy is None else f", {accuracy:.1%} of them correct"
        reached = f"{coverage:.1%} of the images reach a probability of {report.threshold:.1%}"
        lines.append(("confident", reached + right))
    print_facts(lines)
    click.echo()
    rows = [
        [each.name, f"{each.precision:.1%}", f"{each.recall:.1%}", f"{each.images:,}", _confused_with(report, number)]
        for number, each in enumerate(report.classes)
    ]
    print_table(["class", "precision", "recall", "images", "most often confused with"], rows, spare=["images"])


def _confused_with(report: EvaluationReport, number: int) -> str:
    row = report.confusion[number].copy()
    row[number] = 0
    wrong = int(row.argmax())
    return f"{report.class_names[wrong]} ({row[wrong]})" if row[wrong] else "-"
