"""A comparison as a folder that anyone can open: the page, its pictures, the table as JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inklings.data import Split, example_grid
from inklings.errors import RunError
from inklings.experiments import Comparison, Contender
from inklings.experiments.results import HEADINGS, RANDOM_WEIGHTS, Result, table_rows
from inklings.experiments.surroundings import machine, versions
from inklings.report.figures import (
    draw_accuracies,
    draw_curves,
    draw_over_fitting,
    draw_over_fitting_alone,
    save_figure,
)
from inklings.sealed import write_atomically
from inklings.training import History
from inklings.training.plans import slug_of

PAGE, TABLE, PICTURES = "report.html", "results.json", "pictures"
_OVER_FITTING = {"plain": "No regularisation", "dropout": "Dropout 20 % / 50 %", "L2": "L2 penalty"}


@dataclass(frozen=True)
class Picture:
    """A picture of the page."""

    file: Path
    title: str
    alt: str

    @property
    def address(self) -> str:
        """The picture itself as an address, so that the page needs no other file."""
        return "data:image/png;base64," + base64.b64encode(self.file.read_bytes()).decode()


def write_report(comparison: Comparison, folder: str | Path, *, command: str = "") -> Path:
    """Write ``report.html``, ``results.json`` and ``pictures/`` (each as PNG and SVG).

    Parameters
    ----------
    comparison : Comparison
    folder : str or Path
        Made if need be; files of an earlier report are replaced.
    command : str
        What repeats the comparison, shown on the page.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    RunError
        The folder cannot be written.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pictures = _draw_all(comparison, folder / PICTURES)
        table = [result.to_dict() for result in comparison.results]
        write_atomically(folder / TABLE, json.dumps(table, indent=1) + "\n")
        write_atomically(folder / PAGE, _render(comparison, pictures, command))
    except OSError as problem:
        raise RunError(f"{folder}: the report cannot be written ({problem.strerror})", "name another folder") from None
    return folder / PAGE


def _draw_all(comparison: Comparison, folder: Path) -> dict[str, list[Picture]]:
    folder.mkdir(parents=True, exist_ok=True)
    examples = folder / "examples.png"
    example_grid(comparison.split.dataset).save(examples)
    return {
        "examples": [Picture(examples, "Some of the images", "A grid of example images, a row a class")],
        "accuracies": [
            _save(
                draw_accuracies(comparison.results),
                folder,
                "accuracies",
                "Test accuracy",
                _in_words(comparison.results),
            )
        ],
        "over-fitting": _draw_over_fitting(comparison, folder),
        "curves": [_draw_curves(contender, folder) for contender in comparison.contenders],
    }


def _draw_over_fitting(comparison: Comparison, folder: Path) -> list[Picture]:
    """Draw the three together, for the page, and each alone."""
    histories: dict[str, History] = {
        _OVER_FITTING[each.plan.variant]: each.fitted.history
        for each in comparison.contenders
        if each.plan.name == "mlp" and each.plan.variant in _OVER_FITTING
    }
    if not histories:
        return []
    for number, title in enumerate(histories, start=1):
        save_figure(draw_over_fitting_alone(title, histories), folder, f"over-fitting-{number}")
    alt = "; ".join(f"{title}: {_rise(history)}" for title, history in histories.items())
    return [_save(draw_over_fitting(histories), folder, "over-fitting", "Over-fitting in three pictures", alt)]


def _rise(history: History) -> str:
    lowest = min(row.validation_loss for row in history)
    return f"validation cost lowest {lowest:.3f}, {history[-1].validation_loss:.3f} at the end"


def _draw_curves(contender: Contender, folder: Path) -> Picture:
    history, title = contender.fitted.history, contender.plan.title
    last = history[-1]
    alt = (
        f"{title} after {last.epoch} epochs: training accuracy {last.train_accuracy:.1%}, "
        f"validation {last.validation_accuracy:.1%}"
    )
    return _save(draw_curves(title, history), folder, f"curves-{slug_of(title)}", title, alt)


def _save(figure: Any, folder: Path, name: str, title: str, alt: str) -> Picture:  # noqa: ANN401 - a matplotlib Figure
    png, _ = save_figure(figure, folder, name)
    return Picture(png, title, alt)


def _in_words(results: Sequence[Result]) -> str:
    return ", ".join(f"{result.title} {result.test:.1%}" for result in results if result.variant != RANDOM_WEIGHTS)


def _render(comparison: Comparison, pictures: dict[str, list[Picture]], command: str) -> str:
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("inklings.report"), autoescape=True, trim_blocks=True)
    split = comparison.split
    return environment.get_template("report.html.jinja").render(
        title=f"Inklings: {len(comparison.contenders)} networks on {split.dataset.source}",
        summary=summarise(comparison),
        headings=HEADINGS,
        rows=table_rows(comparison.results),
        pictures=pictures,
        problems=comparison.problems,
        quick=comparison.quick,
        facts=_facts(comparison, command),
    )


def summarise(comparison: Comparison) -> str:
    """Say in a few sentences what came out."""
    trained = [result for result in comparison.results if result.variant != RANDOM_WEIGHTS]
    best = max(trained, key=lambda result: result.test)
    parts = comparison.split
    sentences = [
        f"{len(trained)} networks learnt from {len(parts.train):,} images of {parts.dataset.source} and were tested on "
        f"{len(parts.test):,} others.",
        f"{best.title} reads most: {best.test:.1%} of the test images, with a 95 % interval from "
        f"{best.interval.low:.1%} to {best.interval.high:.1%}.",
    ]
    level = [result.title for result in trained if result is not best and result.interval.high >= best.interval.low]
    if level:
        sentences.append(f"With so many test images it cannot be told for sure from {_list(level)}.")
    return " ".join(sentences)


def _list(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def _sizes(split: Split) -> str:
    return f"{len(split.train):,} training, {len(split.validation):,} validation, {len(split.test):,} test"


def _facts(comparison: Comparison, command: str) -> list[tuple[str, str]]:
    """Say what exactly was run."""
    split, data = comparison.split, comparison.split.dataset
    here = machine()
    recipes = [f"{each.plan.title}: {json.dumps(each.plan.recipe.to_dict())}" for each in comparison.contenders]
    facts = [
        (
            "Images",
            f"{data.source}: {len(data):,} of {' x '.join(map(str, data.image_shape))}, {data.class_count} classes",
        ),
        ("Fingerprint", data.fingerprint),
        ("Split", f"{_sizes(split)} images, seed {split.seed}"),
        ("Duplicates that cross the split", str(split.crossing_duplicates)),
        ("Machine", f"{here['processor']}, {here['cores']} cores, {here['system']}"),
        ("Versions", ", ".join(f"{name} {number}" for name, number in versions().items())),
        ("Engine", ", ".join(sorted({each.fitted.engine for each in comparison.contenders}))),
        *[("Recipe", recipe) for recipe in recipes],
    ]
    return [*facts, ("To repeat", command)] if command else facts
