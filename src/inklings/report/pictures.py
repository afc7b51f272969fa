"""All pictures of a report: drawn, saved as PNG and SVG, and described in words for those who cannot see them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inklings.data import example_grid
from inklings.experiments import Comparison, TrainedNetwork
from inklings.experiments.results import RANDOM_WEIGHTS, Result
from inklings.report.evaluation_figures import draw_calibration, draw_confusion, draw_mistakes
from inklings.report.figures import (
    draw_accuracies,
    draw_curves,
    draw_over_fitting,
    draw_over_fitting_alone,
    save_figure,
)
from inklings.training import History
from inklings.training.plans import slug_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OVER_FITTING = {"plain": "No regularisation", "dropout": "Dropout 20 % / 50 %", "L2": "L2 penalty"}


@dataclass(frozen=True)
class Picture:
    """A picture of the page."""

    file: Path
    alt: str

    @property
    def address(self) -> str:
        """The picture itself as an address, so that the page needs no other file."""
        return "data:image/png;base64," + base64.b64encode(self.file.read_bytes()).decode()


def draw_pictures(comparison: Comparison, results: Sequence[Result], folder: Path) -> dict[str, list[Picture]]:
    """Draw all pictures of a report into a folder.

    Parameters
    ----------
    comparison : Comparison
    results : sequence of Result
        What is shown of each network's accuracy.
    folder : Path
        Made if need be.

    Returns
    -------
    dict of str to list of Picture
        Those on the page by section; others are only saved.
    """
    folder.mkdir(parents=True, exist_ok=True)
    examples = folder / "examples.png"
    example_grid(comparison.split.dataset).save(examples)
    best = best_contender(comparison)
    # A quick comparison is for a look at how things work: one network's reading shows that.
    looked_into = (best,) if comparison.quick else comparison.contenders
    for contender in looked_into:
        slug = slug_of(contender.plan.title)
        save_figure(draw_confusion(contender), folder, f"confusion-{slug}")
        save_figure(draw_mistakes(contender), folder, f"mistakes-{slug}")
    return {
        "examples": [Picture(examples, "A grid of example images, a row a class")],
        "accuracies": [_save(draw_accuracies(results), folder, "accuracies", _in_words(results))],
        "over-fitting": _draw_over_fitting(comparison, folder),
        "curves": [_draw_curves(contender, folder) for contender in comparison.contenders],
        "calibration": [_draw_calibration(contender, folder) for contender in looked_into],
        "confusion": [
            Picture(
                folder / f"confusion-{slug_of(best.plan.title)}.png",
                f"Confusion matrix of {best.plan.title}, which reads {best.result.test:.1%} of the test images",
            )
        ],
        "mistakes": [
            Picture(folder / f"mistakes-{slug_of(best.plan.title)}.png", f"Images that {best.plan.title} misreads")
        ],
    }


def best_contender(comparison: Comparison) -> TrainedNetwork:
    """Give the network that reads most validation images: the one a user would choose, test images unseen."""
    return max(comparison.contenders, key=lambda contender: contender.result.validation)


def _draw_over_fitting(comparison: Comparison, folder: Path) -> list[Picture]:
    """Draw each alone, for the page, where a phone puts them below each other, and the three together, for a slide."""
    histories: dict[str, History] = {
        OVER_FITTING[each.plan.variant]: each.fitted.history
        for each in comparison.contenders
        if each.plan.name == "mlp" and each.plan.variant in OVER_FITTING
    }
    if not histories:
        return []
    save_figure(draw_over_fitting(histories), folder, "over-fitting")
    return [
        _save(draw_over_fitting_alone(title, histories), folder, f"over-fitting-{number}", f"{title}: {_rise(history)}")
        for number, (title, history) in enumerate(histories.items(), start=1)
    ]


def _rise(history: History) -> str:
    lowest = min(row.validation_loss for row in history)
    return f"validation cost lowest {lowest:.3f}, {history[-1].validation_loss:.3f} at the end"


def _draw_curves(contender: TrainedNetwork, folder: Path) -> Picture:
    history, title = contender.fitted.history, contender.plan.title
    last = history[-1]
    alt = (
        f"{title} after {last.epoch} epochs: training accuracy {last.train_accuracy:.1%}, "
        f"validation {last.validation_accuracy:.1%}"
    )
    return _save(draw_curves(title, history), folder, f"curves-{slug_of(title)}", alt)


def _draw_calibration(contender: TrainedNetwork, folder: Path) -> Picture:
    title = contender.plan.title
    alt = f"Reliability diagram of {title}, and its accuracy against the share of images answered"
    return _save(draw_calibration(contender), folder, f"calibration-{slug_of(title)}", alt)


def _save(figure: Figure, folder: Path, name: str, alt: str) -> Picture:
    png, _ = save_figure(figure, folder, name)
    return Picture(png, alt)


def _in_words(results: Sequence[Result]) -> str:
    shown = [f"{result.title} {result.test:.1%}" for result in results if result.variant != RANDOM_WEIGHTS]
    return f"Test accuracy: {', '.join(shown)}"
