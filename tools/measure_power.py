"""How often tests of few repeats take chance for a difference, and how often they find one that is there.

    python tools/measure_power.py train softmax --folder trainings    # and naive, mlp, forest: minutes each
    python tools/measure_power.py table --folder trainings

Each recipe is trained on 100 splits of the bundled digits, twice on each with different seeds, shortened so that a
training takes about a second at most. Comparisons are then drawn from these 800 trainings: the first trainings of a
recipe on n splits against its second ones on the same splits. One that is worse by a given difference is made of the
second ones by a random set of images, drawn anew for every comparison, that it then always gets wrong; two that are
equally accurate and yet not alike by two such sets. It prints the shares of significant differences, in Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inklings import Opponent, fit, open_dataset
from inklings.data import Split
from inklings.evaluation.differences import PairedDifferences, paired_differences
from inklings.evaluation.discordance import TestedImages
from inklings.evaluation.moderated import estimate_prior, tail
from inklings.evaluation.paired import holm
from inklings.experiments.trained_opponent import train_opponent
from inklings.models import Model
from inklings.training import named_plan

SPLITS, IMAGES = 100, 5000
SIZES = {"train_size": 2750, "test_size": 1250}
DIFFERENCES = (0.005, 0.01, 0.02, 0.05)
REPEATS = (3, 5, 10)
ALPHA = 0.05
SETTINGS = {
    "softmax": ({}, {"steps": 300}),
    "naive": ({}, {"steps": None, "epochs": 30}),
    "mlp": ({"hidden_units": 100}, {"epochs": 8}),
}
RECIPES = (*SETTINGS, "forest")
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def train(recipe: str, split: Split, seed: int) -> Bools:
    """Return which test images one training classifies correctly."""
    if recipe == "forest":
        from sklearn.ensemble import RandomForestClassifier

        forest = Opponent("forest", RandomForestClassifier(50, random_state=seed, n_jobs=1), {})
        return train_opponent(forest, split).correct
    network, settings = SETTINGS[recipe]
    plan = named_plan(recipe, split.dataset.image_shape, split.dataset.class_count, **network)
    fitted = fit(plan.network, plan.recipe.with_settings(seed=seed, **settings), split, catch_signals=False)
    answers = Model.from_fit(fitted, split).predict(split.test.images, prepared=True)
    right: Bools = answers == split.test.labels
    return right


def train_all(recipe: str, folder: Path) -> None:
    """Train a recipe twice on each split, and store which test images each training classifies correctly."""
    data = open_dataset("digits")
    rows, correct = [], []
    for number in range(SPLITS):
        split = data.split(seed=number)
        rows.append(split.test_rows)
        correct.append([train(recipe, split, 1000 * group + number) for group in (1, 2)])
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / f"{recipe}.npz", rows=np.array(rows), correct=np.array(correct))
    accuracies = np.array(correct).mean(axis=2)
    print(f"{recipe}: {accuracies.mean():.2%}, standard deviation {accuracies.std():.2%}")


@dataclass(frozen=True, eq=False)
class Trainings:
    """All recipes' trainings: which test images of each split the first and the second classify correctly."""

    rows: NDArray[np.int64]
    correct: Mapping[str, Bools]

    def draw(
        self, recipe: str, repeats: int, weak: tuple[float, float], others: bool, random: np.random.Generator
    ) -> tuple[PairedDifferences, dict[str, Floats]]:
        """Return a comparison of a recipe's first trainings with its second, and its scores.

        ``weak`` holds the share of images on which each of the two is made wrong, ``others`` says whether the other
        recipes are compared beside them.
        """
        splits = random.choice(len(self.rows), repeats, replace=False)
        rows = self.rows[splits]
        found: dict[str, Bools] = {}
        for group, share in enumerate(weak):
            spoilt = random.random(IMAGES) < share
            found[f"{recipe} {group}"] = self.correct[recipe][splits, group] & ~spoilt[rows]
        if others:
            found |= {name: right[splits, 0] for name, right in self.correct.items() if name != recipe}
        scores = {name: right.mean(axis=1) for name, right in found.items()}
        tested = TestedImages(list(rows), {name: list(right) for name, right in found.items()})
        return paired_differences(scores, **SIZES, tested=tested), scores


def plain(paired: PairedDifferences) -> Floats:
    """Return the p-values of the corrected resampled t-test, each pair by itself."""
    overlap = SIZES["test_size"] / SIZES["train_size"]
    spreads = np.maximum(paired.values.std(axis=1, ddof=1), 1e-9)
    errors = spreads * np.sqrt(1 / paired.repeats + overlap)
    return 2 * tail(-np.abs(paired.values.mean(axis=1)) / errors, paired.repeats - 1)


def as_limma(paired: PairedDifferences) -> Floats:
    """Return the p-values of the moderated test as if pairs were independent, and without the noise of test images."""
    own, overlap = paired.repeats - 1, SIZES["test_size"] / SIZES["train_size"]
    variances = np.maximum(paired.values.var(axis=1, ddof=1), 1e-12)  # three differences may be equal
    prior = estimate_prior(variances, own)
    errors = np.sqrt(prior.moderate(variances, own) * (1 / paired.repeats + overlap))
    degrees = min(prior.degrees + own, own * len(variances))
    return 2 * tail(-np.abs(paired.values.mean(axis=1)) / errors, degrees)


def ours(paired: PairedDifferences) -> Floats:
    """Return the p-values of the test that comparisons use."""
    return paired.test().p_values


METHODS: dict[str, Callable[[PairedDifferences], Floats]] = {"plain": plain, "limma's": as_limma, "ours": ours}


def found_shares(
    trainings: Trainings, recipe: str, repeats: int, weak: tuple[float, float], others: bool, trials: int, seed: int
) -> Floats:
    """Return the share of comparisons in which each method finds the pair's difference significant, after Holm."""
    random = np.random.default_rng([seed, repeats, others, *(round(1000 * share) for share in weak)])
    found = np.zeros(len(METHODS))
    for _ in range(trials):
        paired, _ = trainings.draw(recipe, repeats, weak, others, random)
        place = next(i for i, names in enumerate(paired.names) if all(name.startswith(recipe) for name in names))
        found += [holm(method(paired))[place] <= ALPHA for method in METHODS.values()]
    return found / trials


def print_table(folder: Path, trials: int) -> None:
    """Print a row for each kind of difference, number of contenders and of repeats: means over the recipes."""
    stored = {recipe: np.load(folder / f"{recipe}.npz") for recipe in RECIPES}
    trainings = Trainings(stored["mlp"]["rows"], {name: each["correct"] for name, each in stored.items()})
    kinds = {
        "none: the same recipe": (0.0, 0.0),
        "none: weak on other images": (0.05, 0.05),
        **{f"{100 * each:g} points": (0.0, each) for each in DIFFERENCES},
    }
    print("| true difference | contenders | repeats | " + " | ".join(METHODS) + " |\n|" + "---|" * (3 + len(METHODS)))
    for name, (first, second) in kinds.items():
        for others in (False, True):
            for repeats in REPEATS:
                shares = []
                for recipe in RECIPES:
                    accuracy = trainings.correct[recipe].mean()
                    # Only what was right can be made wrong: a share of the right answers, for a difference in accuracy.
                    weak = (first, second) if first else (0.0, second / accuracy)
                    seed = RECIPES.index(recipe)
                    shares.append(found_shares(trainings, recipe, repeats, weak, others, trials, seed))
                cells = [f"{share:.1%}" for share in np.mean(shares, axis=0)]
                if not second or first:  # the highest of the recipes too, where it must not be high
                    cells = [f"{c} (to {m:.1%})" for c, m in zip(cells, np.max(shares, axis=0), strict=True)]
                print(f"| {name} | {5 if others else 2} | {repeats} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    """Train, or print the table of what was trained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "table"))
    parser.add_argument("recipe", nargs="?", choices=RECIPES)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--trials", type=int, default=500)
    asked = parser.parse_args()
    if asked.what == "table":
        print_table(asked.folder, asked.trials)
    else:
        for recipe in [asked.recipe] if asked.recipe else RECIPES:
            train_all(recipe, asked.folder)


if __name__ == "__main__":
    main()
