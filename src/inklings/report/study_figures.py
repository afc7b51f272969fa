"""Figures of a study: what settings did, alone and in pairs, the course of the best, and what is best at its cost."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from inklings.report.figures import make_panels
from inklings.report.legibility import letters_at
from inklings.search.dimensions import Range
from inklings.search.effects import Effect, Interaction
from inklings.search.outlook import BestSoFar, front, mean_of
from inklings.search.sample import Sample
from inklings.search.study import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACCENT, INK, SOFT, NOISE = "#b23a16", "#1c1b2b", "#8b8375", "#24598f"
_COLUMNS = 3
_LINES = 150
"""Configurations of which the parallel coordinates show lines; the best are among them."""


def draw_effects(effects: Sequence[Effect]) -> Figure:
    """Draw the mean accuracy of each level of each setting, with its interval and what repeats alone would make."""
    columns = min(_COLUMNS, len(effects))
    rows = ceil(len(effects) / columns)
    figure, panels = make_panels(rows, columns, size=(3.7 * columns, 2.9 * rows))
    # One scale for all panels: how far its points lie apart is then how much a setting matters.
    ends = [100 * each for effect in effects for level in effect.levels for each in (level.low, level.high)]
    room = 0.05 * (max(ends) - min(ends)) or 1
    for panel, effect in zip(panels, effects, strict=False):
        _draw_effect(panel, effect)
        panel.set_ylim(max(0, min(ends) - room), min(100, max(ends) + room))
    for panel in panels[len(effects) :]:
        panel.set_visible(False)
    for panel in panels[::columns]:
        panel.set_ylabel("validation accuracy (%)")
    return figure


def _draw_effect(panel: Axes, effect: Effect) -> None:
    colour = ACCENT if effect.is_sure else SOFT
    for place, level in enumerate(effect.levels):
        panel.plot([place, place], [100 * level.low, 100 * level.high], color=colour, linewidth=1.5, zorder=2)
        # NaN where nothing was trained twice.
        if level.noise == level.noise:
            middle, half = 100 * level.mean, 100 * level.noise
            panel.plot([place, place], [middle - half, middle + half], color=NOISE, linewidth=9, alpha=0.5, zorder=3)
    means = [100 * level.mean for level in effect.levels]
    panel.plot(range(len(means)), means, "o", color=colour, markersize=4, zorder=4)
    labels = [f"{_broken(level.label)}\n({level.count})" for level in effect.levels]
    panel.set_xticks(range(len(means)), labels, fontsize=8)
    panel.set_xlim(-0.5, len(means) - 0.5)
    panel.set_title(f"{effect.name}{'' if effect.is_sure else ' (may be chance)'}")
    panel.grid(axis="x", visible=False)


def _broken(label: str) -> str:
    """Return a label that takes two lines if it is a range."""
    return label.replace(" to ", " to\n")


def draw_interaction(pair: Interaction) -> Figure:
    """Draw the mean accuracy of each combination of two settings' levels."""
    rows, columns = pair.means.shape
    figure, (panel,) = make_panels(1, 1, size=(1.6 + 1.05 * columns, 1.5 + 0.55 * rows))
    shown = np.ma.masked_invalid(100 * pair.means)
    image = panel.imshow(shown, cmap="YlOrBr", aspect="auto")
    for row in range(rows):
        for column in range(columns):
            if pair.counts[row, column]:
                value = float(shown[row, column])
                colour = letters_at(image, value, INK)
                text = f"{value:.1f}\n({pair.counts[row, column]})"
                panel.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    panel.set_xticks(range(columns), [_broken(label) for label in pair.labels[1]], fontsize=8)
    panel.set_yticks(range(rows), list(pair.labels[0]), fontsize=8)
    panel.set_xlabel(pair.names[1])
    panel.set_ylabel(pair.names[0])
    panel.grid(visible=False)
    return figure


def draw_best_so_far(course: BestSoFar, after: str = "") -> Figure:
    """Draw the best accuracy after each number of configurations, as it was and in any order.

    Parameters
    ----------
    course : BestSoFar
    after : str
        After which epoch, if not at the end.
    """
    figure, (panel,) = make_panels(1, 1, size=(6.4, 3.6))
    tried = np.arange(1, len(course.actual) + 1)
    panel.fill_between(
        tried, 100 * course.low, 100 * course.high, color=SOFT, alpha=0.25, linewidth=0, label="in 8 of 10 orders"
    )
    panel.plot(tried, 100 * course.expected, "--", color=INK, linewidth=1.4, label="mean over all orders")
    panel.step(tried, 100 * course.actual, where="post", color=ACCENT, linewidth=2, label="as it was tried")
    panel.set_xlim(1, max(2, len(tried)))
    # The first few are far below; what counts is how it ended.
    begin, end = 100 * float(course.expected[len(tried) // 20]), 100 * float(course.actual[-1])
    if end > begin:
        panel.set_ylim(begin - 0.2 * (end - begin), end + 0.1 * (end - begin))
    panel.set_xlabel("configurations tried")
    panel.set_ylabel(f"best validation accuracy{after} (%)")
    panel.legend(loc="lower right", edgecolor="none", fontsize=9)
    return figure


def draw_fronts(study: Study) -> Figure:
    """Draw validation accuracy against operations, seconds and parameters, and what no other beats at its cost."""
    names = {"operations": "operations per image", "seconds": "seconds of training", "parameters": "parameters"}
    figure, panels = make_panels(1, 3, size=(10.8, 3.4))
    ranked = study.ranked
    figures = np.array([np.mean([trial.figure("accuracy") for trial in each.trials]) for each in ranked])
    for panel, (name, label) in zip(panels, names.items(), strict=True):
        costs = np.array([mean_of(each, name) for each in ranked])
        best = front(costs, figures)
        panel.plot(costs, 100 * figures, "o", color=SOFT, markersize=4, alpha=0.6)
        panel.step(costs[best], 100 * figures[best], where="post", color=ACCENT, linewidth=1.5)
        panel.plot(costs[best], 100 * figures[best], "o", color=ACCENT, markersize=6)
        if costs.min() > 0 and costs.max() > 5 * costs.min():
            _scale_by_logarithm(panel)
        panel.set_xlabel(label)
    panels[0].set_ylabel("validation accuracy (%)")
    return figure


def _scale_by_logarithm(panel: Axes) -> None:
    """Make the horizontal axis logarithmic, with plain numbers: the style does not parse powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    panel.set_xscale("log")
    # Threes as well: costs that span less than a power of ten might otherwise have no tick.
    panel.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0), numticks=6))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    panel.xaxis.set_minor_formatter(NullFormatter())


def draw_parallel(study: Study, sample: Sample) -> Figure:
    """Draw each configuration as a line through its settings to its accuracy, the best on top."""
    import matplotlib as mpl

    order = np.argsort(sample.figures)
    # Ascending, so that better ones are drawn later and lie on top; the best ten are always among them.
    chosen = order if len(order) <= _LINES else np.concatenate([order[:: len(order) // _LINES], order[-10:]])
    settings = {each.number: each.settings for each in study.configurations}
    names = [factor.name for factor in sample.factors]
    figure, (panel,) = make_panels(1, 1, size=(max(6.4, 1.7 * (len(names) + 1)), 4.2))
    heights = [_heights(study, sample, place, settings) for place in range(len(names))]
    low, high = float(sample.figures.min()), float(sample.figures.max())
    share = (sample.figures - low) / ((high - low) or 1)
    # Not from 0: the palest of this map is nearly the paper's colour.
    colours = mpl.colormaps["YlOrBr"](0.15 + 0.85 * share)
    for row in chosen:
        line = [*(each[row] for each in heights), share[row]]
        panel.plot(range(len(line)), line, color=colours[row], linewidth=0.8 + 1.4 * share[row] ** 4, alpha=0.8)
    for place, factor in enumerate(sample.factors):
        panel.axvline(place, color=INK, linewidth=0.8)
        for text, height in _ticks(study, factor.name, factor.labels):
            _label(panel, text, place, height)
    panel.axvline(len(names), color=INK, linewidth=0.8)
    for text, height in ((f"{low:.1%}", 0.0), (f"{high:.1%}", 1.0)):
        _label(panel, text, len(names), height)
    panel.set_xticks(range(len(names) + 1), [*names, "accuracy"])
    panel.set_yticks([])
    panel.set_xlim(-0.1, len(names) + 0.5)
    panel.grid(visible=False)
    panel.spines["left"].set_visible(False)
    return figure


def _label(panel: Axes, text: str, place: float, height: float) -> None:
    """Write a value beside an axis, legible above the lines."""
    paper = {"facecolor": "#fffdf8", "edgecolor": "none", "alpha": 0.85, "pad": 1.0}
    beside: dict[str, Any] = {"xytext": (5, 0), "textcoords": "offset points", "va": "center", "bbox": paper}
    panel.annotate(text, (place, height), fontsize=8, zorder=6, **beside)


def _heights(study: Study, sample: Sample, place: int, settings: Any) -> np.ndarray[Any, Any]:  # noqa: ANN401
    """Return where each configuration's line crosses the axis of a setting."""
    factor = sample.factors[place]
    dimension = study.space.dimensions[factor.name]
    values = [settings[number].get(factor.name) for number in sample.numbers.tolist()]
    if not isinstance(dimension, Range) or any(value is None for value in values):
        spread = np.random.default_rng(place).uniform(-0.02, 0.02, len(values))  # so that lines do not hide each other
        return factor.places / max(1, len(factor.labels) - 1) + spread
    ends = np.array([dimension.low, dimension.high], float)
    found = np.array(values, float)
    if dimension.log:
        ends, found = np.log(ends), np.log(found)
    heights: np.ndarray[Any, Any] = (found - ends[0]) / (ends[1] - ends[0])
    return heights


def _ticks(study: Study, name: str, labels: Sequence[str]) -> list[tuple[str, float]]:
    dimension = study.space.dimensions[name]
    if isinstance(dimension, Range) and "not used" not in labels:
        return [(f"{dimension.low:.3g}", 0.0), (f"{dimension.high:.3g}", 1.0)]
    return [(label, place / max(1, len(labels) - 1)) for place, label in enumerate(labels)]
