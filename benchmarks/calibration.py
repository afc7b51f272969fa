"""Calibration: what one temperature does to the probabilities of networks, on test images of several splits.

    python benchmarks/calibration.py                           3 networks, 10 splits: some three minutes on two cores
    python benchmarks/calibration.py --seeds 2 --networks mlp

Prints a table in Markdown. Each network is trained on every split; its temperature is chosen on the validation images
(:func:`inklings.evaluation.temperature.calibrate`), and measured on the test images, which choose nothing.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import log_loss

from inklings import Model, Plan, fit, open_dataset, preset
from inklings.data import Split
from inklings.evaluation.calibration import reliability
from inklings.evaluation.temperature import calibrate, temperature_of

NETWORKS: dict[str, tuple[str, dict[str, object], dict[str, object]]] = {
    "mlp": ("mlp", {}, {"epochs": 60}),
    "mlp (dropout)": ("mlp", {"dropout": True}, {"epochs": 60}),
    "cnn1, label smoothing 0.1": ("cnn1", {}, {"steps": 500, "label_smoothing": 0.1}),
}
"""By title: the preset, its settings, and what is changed in its recipe."""

SEED = 300


@dataclass(frozen=True)
class Measured:
    """What one network's probabilities of the test images are worth."""

    ece: float
    adaptive_ece: float
    loss: float
    accuracy: float

    @classmethod
    def of(cls, probabilities: NDArray[np.floating], labels: NDArray[np.int64]) -> Measured:
        """Measure probabilities of shape (n, classes)."""
        own = probabilities.astype(np.float64)
        own /= own.sum(1, keepdims=True)  # in single precision they sum to 1 within 1e-7, in scikit-learn's eyes not
        return cls(
            reliability(own, labels).expected_calibration_error,
            reliability(own, labels, adaptive=True).expected_calibration_error,
            log_loss(labels, own, labels=range(own.shape[1])),
            float((own.argmax(1) == labels).mean()),
        )


def measure(plan: Plan, split: Split) -> tuple[float, Measured, Measured]:
    """Train a network; return its temperature, and what its probabilities are worth before and after."""
    raw = Model.from_fit(fit(plan.network, plan.recipe, split, catch_signals=False), split)
    done = calibrate(raw, split.validation)
    before, after = (Measured.of(model.predict_proba(split.test), split.test.labels) for model in (raw, done))
    return temperature_of(done), before, after


def print_row(title: str, found: list[tuple[float, Measured, Measured]]) -> None:
    """Print means over the splits, and on how many of them each measure fell."""
    temperatures, before, after = zip(*found, strict=True)
    cells = [title, f"{np.mean(temperatures):.2f} ({min(temperatures):.2f} to {max(temperatures):.2f})"]
    for name, form in (("ece", ".2%"), ("adaptive_ece", ".2%"), ("loss", ".4f"), ("accuracy", ".2%")):
        first, last = (np.array([getattr(each, name) for each in part]) for part in (before, after))
        cells.append(f"{first.mean():{form}} → {last.mean():{form}} ({(last < first).sum()})")
    print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Measure all networks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, help="splits per network")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=list(NETWORKS))
    asked, data = parser.parse_args(), open_dataset("digits")
    print("| network | temperature | ECE (fell) | ECE, equal counts (fell) | cross-entropy (fell) | accuracy (fell) |")
    print("|---|---|---|---|---|---|", flush=True)
    for title in asked.networks:
        name, settings, recipe = NETWORKS[title]
        found = []
        for seed in range(SEED, SEED + asked.seeds):
            plan = preset(name, data.image_shape, data.class_count, **settings).with_recipe(seed=seed, **recipe)
            found.append(measure(plan, data.split(seed=seed)))
        print_row(title, found)


if __name__ == "__main__":
    main()
