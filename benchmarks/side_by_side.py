"""Is training side by side quicker than one after the other? For several sizes of dense networks, on this machine.

::

    python benchmarks/side_by_side.py
"""

from __future__ import annotations

from statistics import median
from time import perf_counter

from inklings import Dense, Dropout, Flatten, Network, Recipe, Split, fit, fit_many, open_dataset

ROUNDS, EPOCHS = 5, 20
SIZES = [(2, 25, 0), (5, 25, 0), (32, 25, 0), (5, 100, 0), (5, 100, 0.5), (5, 400, 0.5), (5, 800, 0.5)]


def main() -> None:
    """Print a row for each size: both ways in turn, after a warm-up that compiles."""
    split = open_dataset("digits").split()
    print("networks  hidden  dropout  together  apart  ratio")
    for count, hidden, dropout in SIZES:
        layers = (Flatten(), Dense(hidden, "relu"), *([Dropout(dropout)] if dropout else []), Dense(10, "softmax"))
        network = Network(split.dataset.image_shape, layers)
        recipes = [
            Recipe("nesterov", 0.002 * (seed + 1), batch_size=50, epochs=EPOCHS, seed=seed) for seed in range(count)
        ]
        splits = [split.dataset.split(seed=seed) for seed in range(count)]
        rounds = [measure(network, recipes, splits) for _ in range(ROUNDS + 1)][1:]
        together, apart = (median(values) for values in zip(*rounds, strict=True))
        ratio = median(one / other for one, other in rounds)
        print(f"{count:8} {hidden:7} {dropout:8} {together:8.2f}s {apart:5.2f}s {ratio:6.2f}", flush=True)


def measure(network: Network, recipes: list[Recipe], splits: list[Split]) -> tuple[float, float]:
    """Give the seconds that all take side by side, and one after the other."""
    begun = perf_counter()
    fit_many(network, recipes, splits)
    halfway = perf_counter()
    for recipe, split in zip(recipes, splits, strict=True):
        fit(network, recipe, split, catch_signals=False)
    return halfway - begun, perf_counter() - halfway


if __name__ == "__main__":
    main()
