"""``inklings evaluate``: how well a trained network reads labelled images."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.options import open_data, reading_options
from inklings.cli.predict import json_option
from inklings.cli.tables import print_facts, print_table
from inklings.errors import DataError

if TYPE_CHECKING:
    from inklings.data import Dataset
    from inklings.evaluation.evaluate import EvaluationReport
    from inklings.models import Model


@click.command()
@click.argument("model")
@click.argument("data")
@json_option
@click.option("--all", "everything", is_flag=True, help="Also images that the network learnt from, or was chosen by.")
@reading_options
def evaluate(model: str, data: str, as_json: bool, everything: bool, **reading: Any) -> None:  # noqa: ANN401
    """Measure how well a trained network reads labelled images.

    MODEL is a file that `inklings train --save` wrote; DATA a name or path as for training. Images of another size are
    resized to the network's. Of the data that the network was trained on, only its test images are read.
    """
    from inklings.evaluation.evaluate import evaluate_model
    from inklings.models import load

    loaded = load(model)
    dataset, notes = _open(loaded, data, reading)
    if not everything:
        dataset, part = _unseen(loaded, dataset)
        notes += part
    judgement = evaluate_model(loaded, dataset)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps({"model": model, "data": data, **judgement.to_plain()}, indent=1, allow_nan=False))
    else:
        _tell(judgement)


def _open(model: Model, name: str, reading: dict[str, Any]) -> tuple[Dataset, list[str]]:
    """Open images, resized to what the network reads unless a size was typed."""
    dataset = open_data(name, reading)
    (height, width, channels), wanted = model.network.input_shape, dataset.image_shape
    if wanted[2] != channels:
        raise DataError(
            f"{name}: images have {wanted[2]} channels, the model reads {channels}",
            "--grey mixes three into one, --colour keeps three",
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
        return dataset, ["the network was trained on some of these images, and which is not known"]
    note = f"the network was trained on these images; only the {len(split.test):,} test images of its split are read"
    return split.test, [f"{note} (--all reads all)"]


def _tell(judgement: EvaluationReport) -> None:
    low, high = judgement.interval
    lines = [
        (
            "accuracy",
            f"{judgement.accuracy:.1%} of {judgement.images:,} images (95 % interval {low:.1%} to {high:.1%})",
        ),
        (
            "calibration",
            f"ECE {judgement.reliability.expected_calibration_error:.1%}, Brier score {judgement.brier:.3f}",
        ),
    ]
    if judgement.answered is not None:
        coverage, accuracy = judgement.answered
        right = "" if accuracy is None else f", and reads {accuracy:.1%} of those right"
        lines.append(("sure", f"of {coverage:.1%} of the images (from {judgement.threshold:.1%} on){right}"))
    print_facts(lines)
    click.echo()
    rows = [
        [each.name, f"{each.precision:.1%}", f"{each.recall:.1%}", f"{each.images:,}", _taken_for(judgement, number)]
        for number, each in enumerate(judgement.classes)
    ]
    print_table(["class", "precision", "recall", "images", "most often taken for"], rows)


def _taken_for(judgement: EvaluationReport, number: int) -> str:
    row = judgement.confusion[number].copy()
    row[number] = 0
    wrong = int(row.argmax())
    return f"{judgement.class_names[wrong]} ({row[wrong]})" if row[wrong] else "-"
