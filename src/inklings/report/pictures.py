"""All figures of a report: drawn, saved as PNG and SVG, and described by alternative text."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from inklings.data.gallery import example_grid
from inklings.experiments.flips import Flips
from inklings.experiments.results import RANDOM_WEIGHTS, Result
from inklings.report.evaluation_figures import draw_calibration, draw_confusion, draw_flips, draw_mistakes
from inklings.report.figures import (
    draw_accuracies,
    draw_curves,
    draw_over_fitting,
    draw_over_fitting_panel,
    save_figure,
)
from inklings.report.over_repeats import Entrant, best_of
from inklings.reprs import percent
from inklings.training.history import History
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


def draw_pictures(
    entrants: Sequence[Entrant], results: Sequence[Result], flips: Sequence[Flips], folder: Path, *, quick: bool
) -> dict[str, list[Picture]]:
    """Draw all pictures of a report into a folder.

    Parameters
    ----------
    entrants : sequence of Entrant
    results : sequence of Result
        The results whose accuracies are drawn.
    flips : sequence of Flips
        The best one's against each other.
    folder : Path
        Created if missing.
    quick : bool
        Whether training was cut short: that only shows how things work, for which the best one's pictures are enough.

    Returns
    -------
    dict of str to list of Picture
        The pictures on the page, by section; others are only saved.
    """
    folder.mkdir(parents=True, exist_ok=True)
    examples = folder / "examples.png"
    example_grid(entrants[0].dataset).save(examples)
    best = best_of(entrants)
    looked_into = (best,) if quick else entrants
    for entrant in looked_into:
        slug = slug_of(entrant.title)
        save_figure(draw_confusion(entrant), folder, f"confusion-{slug}")
        save_figure(draw_mistakes(entrant), folder, f"mistakes-{slug}", photographs=_is_colour(entrant))
    return {
        "examples": [Picture(examples, "A grid of example images, one row per class")],
        "accuracies": [_save(draw_accuracies(results), folder, "accuracies", _in_words(results))],
        "over-fitting": _draw_over_fitting(entrants, folder),
        "curves": [_draw_curves(entrant, folder) for entrant in entrants if entrant.is_network],
        "calibration": [_draw_calibration(entrant, folder) for entrant in looked_into],
        "confusion": [
            Picture(
                folder / f"confusion-{slug_of(best.title)}.png",
                f"Confusion matrix of {best.title}, with a test accuracy of {percent(best.test)}",
            )
        ],
        "mistakes": [
            Picture(folder / f"mistakes-{slug_of(best.title)}.png", f"Images that {best.title} misclassifies")
        ],
        "flips": [_draw_flips(flips, entrants[0], folder)] if flips else [],
    }


def _draw_over_fitting(entrants: Sequence[Entrant], folder: Path) -> list[Picture]:
    """Draw each alone, since a phone stacks them on the page, and all three together, for a slide."""
    histories: dict[str, list[History]] = {
        OVER_FITTING[each.networks[0].plan.variant]: each.histories
        for each in entrants
        if each.networks and each.networks[0].plan.name == "mlp" and each.networks[0].plan.variant in OVER_FITTING
    }
    if not histories:
        return []
    save_figure(draw_over_fitting(histories), folder, "over-fitting")
    return [
        _save(draw_over_fitting_panel(title, histories), folder, f"over-fitting-{number}", f"{title}: {_rise(runs)}")
        for number, (title, runs) in enumerate(histories.items(), start=1)
    ]


def _rise(runs: Sequence[History]) -> str:
    # Each run's own lowest, then their mean: runs are lowest at different epochs, which the mean curve would hide.
    lowest = fmean(min(row.validation_loss for row in history) for history in runs)
    end = fmean(history[-1].validation_loss for history in runs)
    return f"validation cost lowest {lowest:.3f}, {end:.3f} at the end{_of(runs)}"


def _of(runs: Sequence[object]) -> str:
    return f", means of {len(runs)} repeats" if len(runs) > 1 else ""


def _draw_curves(entrant: Entrant, folder: Path) -> Picture:
    runs, title = entrant.histories, entrant.title
    epochs = sorted({history[-1].epoch for history in runs})
    counted = runs[0][-1].unit
    alt = (
        # One number where all repeats took as many epochs, two where they stopped early.
        f"{title} after {' to '.join(map(str, {epochs[0]: 0, epochs[-1]: 0}))} {counted}s: "
        f"training accuracy {percent(fmean(history[-1].train_accuracy for history in runs))}, "
        f"validation {percent(fmean(history[-1].validation_accuracy for history in runs))}{_of(runs)}"
    )
    return _save(draw_curves(title, runs), folder, f"curves-{slug_of(title)}", alt)


def _draw_calibration(entrant: Entrant, folder: Path) -> Picture:
    title = entrant.title
    alt = f"Reliability diagram of {title}, and its accuracy against coverage"
    return _save(draw_calibration(entrant), folder, f"calibration-{slug_of(title)}", alt)


def _draw_flips(flips: Sequence[Flips], entrant: Entrant, folder: Path) -> Picture:
    counts = "; ".join(f"{each.total_first} for {each.first}, {each.total_second} for {each.second}" for each in flips)
    alt = f"Test images that only one gets right: {counts}"
    return _save(draw_flips(flips, entrant.dataset), folder, "flips", alt, photographs=_is_colour(entrant))


def _is_colour(entrant: Entrant) -> bool:
    return entrant.dataset.image_shape[2] == 3


def _save(figure: Figure, folder: Path, name: str, alt: str, *, photographs: bool = False) -> Picture:
    png, _ = save_figure(figure, folder, name, photographs=photographs)
    return Picture(png, alt)


def _in_words(results: Sequence[Result]) -> str:
    shown = [result for result in results if result.variant != RANDOM_WEIGHTS and not result.failed]
    return f"Test accuracy: {', '.join(f'{result.title} {percent(result.test)}' for result in shown)}"
