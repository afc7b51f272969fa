"""How time and memory grow with images, hidden units and batch size: an epoch of the multi-layer perceptron.

python benchmarks/growth.py      some five minutes; writes growth.json and growth.png beside it
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from contest import Contender, clean_environment
from images import prepare
from rows import WORKS

CONTENDERS = {"inklings_engine": "float32", "pytorch": "eager", "keras_tensorflow": "function"}
IMAGES = {2750: "digits", 27_500: "digits10"}
AXES: dict[str, tuple[int, ...]] = {
    "images": tuple(IMAGES),
    "hidden units": (100, 400, 800, 1600),
    "batch size": (10, 50, 200, 1000),
}
USUAL = {"images": 2750, "hidden units": 800, "batch size": 50}
TURNS = 3


def grow(out: Path) -> None:
    """Measure every point, write and draw into a folder."""
    points: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="inklings-growth-") as folder:
        data = prepare(Path(folder), IMAGES.values())
        for axis, values in AXES.items():
            for value in values:
                points += measure(axis, value, data, Path(folder))
    (out / "growth.json").write_text(json.dumps(points, indent=1) + "\n")
    draw(points, out / "growth.png")


def measure(axis: str, value: int, data: dict[str, Path], folder: Path) -> list[dict[str, Any]]:
    """Let all contenders take turns at one point."""
    at = USUAL | {axis: value}
    options = {
        "hidden_units": at["hidden units"],
        "batch_size": at["batch size"],
        "steps": at["images"] // at["batch size"],
    }
    work = replace(WORKS["mlp"], options=options, units=1)
    contenders = [Contender(name, setting) for name, setting in CONTENDERS.items()]
    for contender in contenders:
        contender.start(work, data[IMAGES[at["images"]]], clean_environment(folder))
    for _ in range(TURNS):
        for contender in contenders:
            contender.turn(1)
    for contender in contenders:
        contender.end()
        print(
            f"{axis} {value}: {contender.title} {contender.median:.4g} s, {contender.memory / 1e6:.0f} MB", flush=True
        )
    return [
        {"axis": axis, "value": value, "contender": each.name, "seconds": each.median, "memory": each.memory}
        for each in contenders
    ]


def draw(points: list[dict[str, Any]], path: Path) -> None:
    """Draw seconds above, memory below, a column for each thing that grows."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, rows = plt.subplots(2, len(AXES), figsize=(12, 6), layout="constrained", sharex="col", sharey="row")
    for axes, quantity, scale, title in ((rows[0], "seconds", 1.0, "seconds an epoch"), (rows[1], "memory", 1e6, "MB")):
        for one, axis in zip(axes, AXES, strict=True):
            for name in CONTENDERS:
                mine = [point for point in points if point["axis"] == axis and point["contender"] == name]
                one.plot(
                    [point["value"] for point in mine], [point[quantity] / scale for point in mine], "o-", label=name
                )
            one.set(xscale="log", yscale="log" if quantity == "seconds" else "linear")
            values = sorted({point["value"] for point in points if point["axis"] == axis})
            one.set_xticks(values, [f"{value:,}" for value in values])
            one.minorticks_off()
            one.grid(alpha=0.3)
        axes[0].set_ylabel(title)
    rows[1][0].set_ylim(bottom=0)
    for one, axis in zip(rows[1], AXES, strict=True):
        one.set_xlabel(axis)
    rows[0][0].legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    grow(Path(__file__).parent)
