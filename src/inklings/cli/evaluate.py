"""``inklings evaluate``: how accurate a trained network is on labelled images."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from inklings.cli.command import Command
from inklings.cli.completion import complete_data
from inklings.cli.model_argument import load_model, split_model
from inklings.cli.options import (
    as_found_option,
    json_option,
    print_notes,
    read_options,
    reading_options,
    whole_option,
    without_option,
)
from inklings.cli.tables import print_facts, print_table
from inklings.errors import DataError, DataWarning

if TYPE_CHECKING:
    from inklings.data import Dataset
    from inklings.data.mending import Mending
    from inklings.evaluation.evaluate import EvaluationReport
    from inklings.evaluation.metrics import ClassMetrics
    from inklings.models import Model


@click.command(
    cls=Command, example="inklings evaluate digits.inkling mnist\ninklings evaluate digits.inkling test/ --as-found"
)
@click.argument("words", nargs=-1, required=True, metavar="[MODEL] DATA", shell_complete=complete_data)
@json_option
@click.option("--all", "everything", is_flag=True, help="Include the training and validation images.")
@click.option("--class-names", metavar="A,B,...", help="Names of the labels 0, 1, ..., where DATA holds numbers.")
@as_found_option
@whole_option
@without_option
@reading_options
def evaluate(
    words: tuple[str, ...],
    as_json: bool,
    everything: bool,
    class_names: str | None,
    as_found: bool,
    whole: bool | None,
    without: str | None,
    **reading: Any,  # noqa: ANN401 - how to read the data
) -> None:
    """Measure how accurate a trained network is on labelled images.

    MODEL is a file that `inklings train --save` wrote; without it $INKLINGS_MODEL, or digits.inkling. DATA is a name or
    a path, as for training. Its pixels are treated as those of the training images were: a line says where they
    contradict that. It may hold some of the model's classes, by the same names. Images of another size are resized to
    the network's; for a network of characters, the ink of pictures is found and framed as `inklings predict` does. Of
    the data set that the network was trained on, only the test images are used.
    """
    from inklings.data.mending import mend
    from inklings.data.mending_table import read_mending
    from inklings.data.notes import decisions
    from inklings.evaluation.evaluate import evaluate_model
    from inklings.models.data_file import open_as_trained

    model, (data, *_) = split_model(words, "DATA")
    loaded = load_model(model)
    names = None if class_names is None else [name.strip() for name in class_names.split(",")]
    with warnings.catch_warnings(record=True) as issued:
        warnings.simplefilter("always", DataWarning)
        options = read_options(reading)
        given = open_as_trained(
            loaded, data, options, as_found=as_found, whole=whole, class_names=names, processes=True
        )
        original, mending = given, None if without is None else read_mending(without)
        given = original if mending is None else mend(original, mending)
        dataset, notes = given, decisions(given.notes)
        tested = None if mending is None or everything else _test_images_mended(loaded, original, mending)
        if tested is not None:
            dataset = tested
            notes.append(
                f"the model was trained on this data set; only its {len(tested):,} test images that are kept are used"
            )
        elif not everything:
            dataset, part = _unseen(loaded, given)
            notes += part
        report = evaluate_model(loaded, dataset)
    if not decisions(given.notes):  # else it is said already how these pixels differ from the training images'
        notes += [str(each.message) for each in issued if each.category is DataWarning]
    notes += report.notes
    print_notes(notes)
    if as_json:
        plain = {"model": model, "data": data, **report.to_plain(), "notes": list(dict.fromkeys(notes))}
        click.echo(json.dumps(plain, indent=1, allow_nan=False))
    else:
        _print_report(report)


def _unseen(model: Model, dataset: Dataset) -> tuple[Dataset, list[str]]:
    """Leave out what the network was trained on, if these are the images it was trained on."""
    learnt = model.training
    mended_as = learnt.get("data", {}).get("options", {}).get("without")
    if mended_as is not None and (mended := _mend_alike(dataset, mended_as)) is not None:
        dataset = mended
    if learnt.get("data", {}).get("fingerprint") != dataset.fingerprint:
        if dataset.source == "arrays" or dataset.source != learnt.get("data", {}).get("source"):
            return dataset, []
        # Which images are which cannot be known any more; that images it learnt from are there can.
        note = "the model was trained on this data set, read otherwise or before it changed"
        return dataset, [f"{note}: images that it learnt from may be among these"]
    split = dataset.split(**learnt["split"]["options"]) if learnt["split"].get("options") else None
    if split is None or split.fingerprint != learnt["split"]["fingerprint"]:
        return dataset, ["the model was trained on some of these images, but it is not known which"]
    note = f"the model was trained on this data set; only the {len(split.test):,} test images of its split are used"
    return split.test, [f"{note} (--all uses every image)"]


def _test_images_mended(model: Model, original: Dataset, mending: Mending) -> Dataset | None:
    """Return the test images, mended, of a model that was trained on the data as they are or mended otherwise.

    None for one that was trained on data mended alike, or on other data.
    """
    from inklings.data.mending import Mending, kept_rows, mend, mended_labels

    learnt = model.training
    division = learnt.get("split", {}).get("options")
    mended_as = learnt.get("data", {}).get("options", {}).get("without")
    earlier = Mending() if mended_as is None else Mending.from_plain(mended_as)
    alike = (earlier.removed, earlier.relabelled) == (mending.removed, mending.relabelled)
    if not division or (alike and mended_as is not None):
        return None
    try:
        trained = original if mended_as is None else mend(original, earlier)
    except DataError:
        return None
    if learnt.get("data", {}).get("fingerprint") != trained.fingerprint:
        return None
    rows = kept_rows(original, earlier)[trained.split(**division).test_rows]
    relabelled = replace(original, labels=mended_labels(original, mending))
    return relabelled.take(rows[np.isin(rows, kept_rows(original, mending))])


def _mend_alike(dataset: Dataset, mended_as: dict[str, Any]) -> Dataset | None:
    """Return the data as they were mended for training; None if they are other data, or mended already."""
    from inklings.data.mending import Mending, mend, notes_on

    mending = Mending.from_plain(mended_as)
    try:
        mended = mend(dataset, mending)
    except DataError:
        return None
    print_notes(f"{note}, as in training" for note in notes_on(dataset, mending))
    return mended


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
    if report.coverage is not None:
        accuracy = report.coverage.accuracy
        right = "" if accuracy is None else f", {accuracy:.1%} of them correct"
        lines.append(("familiar", f"{report.coverage.accepted:.1%} of the images are like what it learnt{right}"))
    print_facts(lines)
    click.echo()
    rows = [
        [
            each.name,
            f"{each.precision:.1%}" if each.images else "-",
            _recall(each),
            f"{each.images:,}",
            _confused_with(report, number),
        ]
        for number, each in enumerate(report.classes)
    ]
    print_table(["class", "precision", "recall", "images", "most often confused with"], rows, spare=["images"])


def _recall(each: ClassMetrics) -> str:
    return f"{each.recall:.1%}" if each.images else "-"


def _confused_with(report: EvaluationReport, number: int) -> str:
    row = report.confusion[number].copy()
    row[number] = 0
    wrong = int(row.argmax())
    return f"{report.class_names[wrong]} ({row[wrong]})" if row[wrong] else "-"
