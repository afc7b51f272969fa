"""All figures of a report: drawn, saved as PNG and SVG, and described by alternative text."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inklings.data import example_grid
from inklings.experiments import Comparison, Contender, TrainedNetwork
from inklings.experiments.results import RANDOM_WEIGHTS, Result
from inklings.report.evaluation_figures import draw_calibration, draw_confusion, draw_mistakes
from inklings.report.figures import (
    draw_accuracies,
    draw_curves,
    draw_over_fitting,
    draw_over_fitting_panel,
    save_figure,
)
from inklings.training import History
from inklings.training.plans import slug_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OVER_FITTING = {"plain": "No regularisation", "dropout": "Dropout 20 % / 50 %", "L2": "L2 penalty"}


@dataclass(frozen=True)
class Picture:
    """A picture on the page, with its alternative text."""

    file: Path
    alt: str

    @property
    def address(self) -> str:
        """The picture as a data URI, so that the page needs no other file."""
        return "data:image/png;base64," + base64.b64encode(self.file.read_bytes()).decode()


def draw_pictures(comparison: Comparison, results: Sequence[Result], folder: Path) -> dict[str, list[Picture]]:
    """Draw all pictures of a report into a folder.

    Parameters
    ----------
    comparison : Comparison
    results : sequence of Result
        The results whose accuracies are drawn.
    folder : Path
        Created if missing.

    Returns
    -------
    dict of str to list of Picture
        The pictures on the page, by section; others are only saved.
    """
    folder.mkdir(parents=True, exist_ok=True)
    examples = folder / "examples.png"
    example_grid(comparison.split.dataset).save(examples)
    best = best_contender(comparison)
    # A quick comparison only shows how things work, for which one is enough.
    looked_into = (best,) if comparison.quick else comparison.contenders
    for trained in looked_into:
        slug = slug_of(trained.title)
        save_figure(draw_confusion(trained), folder, f"confusion-{slug}")
        save_figure(draw_mistakes(trained), folder, f"mistakes-{slug}")
    return {
        "examples": [Picture(examples, "A grid of example images, one row per class")],
        "accuracies": [_save(draw_accuracies(results), folder, "accuracies", _in_words(results))],
        "over-fitting": _draw_over_fitting(comparison, folder),
        "curves": [_draw_curves(trained, folder) for trained in comparison.trained_networks],
        "calibration": [_draw_calibration(trained, folder) for trained in looked_into],
        "confusion": [
            Picture(
                folder / f"confusion-{slug_of(best.title)}.png",
                f"Confusion matrix of {best.title}, with a test accuracy of {best.result.test:.1%}",
            )
        ],
        "mistakes": [
            Picture(folder / f"mistakes-{slug_of(best.title)}.png", f"Images that {best.title} misclassifies")
        ],
    }


def best_contender(comparison: Comparison) -> Contender:
    """Return the one with the highest validation accuracy, which a user would choose without the test images."""
    return max(comparison.contenders, key=lambda trained: trained.result.validation)


def _draw_over_fitting(comparison: Comparison, folder: Path) -> list[Picture]:
    """Draw each alone, since a phone stacks them on the page, and all three together, for a slide."""
    histories: dict[str, History] = {
        OVER_FITTING[each.plan.variant]: each.fitted.history
        for each in comparison.trained_networks
        if each.plan.name == "mlp" and each.plan.variant in OVER_FITTING
    }
    if not histories:
        return []
    save_figure(draw_over_fitting(histories), folder, "over-fitting")
    return [
        _save(draw_over_fitting_panel(title, histories), folder, f"over-fitting-{number}", f"{title}: {_rise(history)}")
        for number, (title, history) in enumerate(histories.items(), start=1)
    ]


def _rise(history: History) -> str:
    lowest = min(row.validation_loss for row in history)
    return f"validation cost lowest {lowest:.3f}, {history[-1].validation_loss:.3f} at the end"


def _draw_curves(trained: TrainedNetwork, folder: Path) -> Picture:
    history, title = trained.fitted.history, trained.plan.title
    last = history[-1]
    alt = (
        f"{title} after {last.epoch} epochs: training accuracy {last.train_accuracy:.1%}, "
        f"validation {last.validation_accuracy:.1%}"
    )
    return _save(draw_curves(title, history), folder, f"curves-{slug_of(title)}", alt)


def _draw_calibration(trained: Contender, folder: Path) -> Picture:
    title = trained.title
    alt = f"Reliability diagram of {title}, and its accuracy against coverage"
    return _save(draw_calibration(trained), folder, f"calibration-{slug_of(title)}", alt)


def _save(figure: Figure, folder: Path, name: str, alt: str) -> Picture:
    png, _ = save_figure(figure, folder, name)
    return Picture(png, alt)


def _in_words(results: Sequence[Result]) -> str:
    shown = [f"{result.title} {result.test:.1%}" for result in results if result.variant != RANDOM_WEIGHTS]
    return f"Test accuracy: {', '.join(shown)}"
