"""``inklings evaluate``: how accurate a trained network is on labelled images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from inklings.cli.command import Command
from inklings.cli.completion import complete_data
from inklings.cli.json_output import json_option, print_json, wants_json
from inklings.cli.model_argument import load_model, split_model
from inklings.cli.options import (
    as_found_option,
    keep_lines_option,
    print_notes,
    reading_options,
    whole_option,
    without_option,
)
from inklings.cli.tables import print_facts, print_table
from inklings.reprs import percent

if TYPE_CHECKING:
    from inklings.evaluation.evaluate import EvaluationReport
    from inklings.evaluation.metrics import ClassMetrics


@click.command(
    cls=Command, example="inklings evaluate digits.inkling mnist\ninklings evaluate digits.inkling test/ --as-found"
)
@click.argument("words", nargs=-1, required=True, metavar="[MODEL] DATA", shell_complete=complete_data)
@json_option
@click.option("--all", "everything", is_flag=True, help="Include the training and validation images.")
@click.option("--class-names", metavar="A,B,...", help="Names of the labels 0, 1, ..., where DATA holds numbers.")
@as_found_option
@whole_option
@keep_lines_option
@without_option
@reading_options
def evaluate(
    words: tuple[str, ...],
    everything: bool,
    class_names: str | None,
    as_found: bool,
    whole: bool | None,
    keep_lines: bool,
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
    from inklings.experiments.evaluations import measure_path

    model, (data, *_) = split_model(words, "DATA")
    loaded = load_model(model)
    names = None if class_names is None else [name.strip() for name in class_names.split(",")]
    pictures = {"whole": whole, "keep_lines": keep_lines}
    opening = {"as_found": as_found, **pictures, "class_names": names, "without": without, **reading}
    report = measure_path(loaded, data, everything=everything, processes=True, **opening)
    print_notes(report.notes)
    if wants_json():
        print_json({"model": model, "data": data, **report.to_plain()})
    else:
        _print_report(report)


def _print_report(report: EvaluationReport) -> None:
    print_facts(_facts(report))
    click.echo()
    rows = [
        [each.name, _precision(each), _recall(each), f"{each.images:,}", _confused_with(report, number)]
        for number, each in enumerate(report.classes)
    ]
    print_table(["class", "precision", "recall", "images", "most often confused with"], rows, spare=["images"])


def _facts(report: EvaluationReport) -> list[tuple[str, str]]:
    """Return the lines above the table of classes."""
    low, high = report.interval
    lines = [
        (
            "accuracy",
            f"{percent(report.accuracy)} of {report.images:,} images (95 % interval {low:.1%} to {high:.1%})",
        ),
        ("calibration", _calibration(report)),
    ]
    if report.answered is not None and report.threshold is not None:
        coverage, accuracy = report.answered
        right = "" if accuracy is None else f", {percent(accuracy)} of them correct"
        reached = f"{percent(coverage)} of the images reach a probability of {percent(report.threshold)}"
        lines.append(("confident", reached + right))
    if report.coverage is not None:
        accuracy = report.coverage.accuracy
        right = "" if accuracy is None else f", {percent(accuracy)} of them correct"
        lines.append(("familiar", f"{percent(report.coverage.accepted)} of the images are like what it learnt{right}"))
    return lines


def _calibration(report: EvaluationReport) -> str:
    line = f"ECE {percent(report.reliability.expected_calibration_error)}, Brier score {report.brier:.3f}"
    if report.error_before is None:
        return line
    return f"{line}; without the temperature of {report.temperature:.2f} ECE {percent(report.error_before)}"


def _precision(each: ClassMetrics) -> str:
    return percent(each.precision) if each.images else "-"


def _recall(each: ClassMetrics) -> str:
    return percent(each.recall) if each.images else "-"


def _confused_with(report: EvaluationReport, number: int) -> str:
    row = report.confusion[number].copy()
    # Without the correct ones on the diagonal, the largest is the most frequent mistake.
    row[number] = 0
    wrong = int(row.argmax())
    return f"{report.class_names[wrong]} ({row[wrong]})" if row[wrong] else "-"
