"""Novelty: how well what no network of digits was taught is told from digits, by several measures.

    apt-get install fonts-dejavu fonts-liberation fonts-freefont-ttf fonts-open-sans fonts-roboto fonts-lato
    python benchmarks/novelty.py                       20 networks: some fifteen minutes on two cores
    python benchmarks/novelty.py --seeds 1 --data digits --networks mlp

Prints tables in Markdown: each candidate on fresh made-up images, by which the measure was chosen, and on the pictures
of benchmarks/outsiders.py, which nothing was chosen by; then the chosen measure on each group. ``--keep FOLDER`` keeps
the trained networks for the next time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from outsiders import find_fonts, outsiders
from scipy.special import logsumexp
from sklearn.covariance import LedoitWolf
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from inklings import Model, fit, load, open_dataset, preset
from inklings.data import Split
from inklings.evaluation.made_up_images import make_up
from inklings.evaluation.novelty import choose_novelty

Floats = NDArray[np.float64]
Score = Callable[[NDArray[np.float32]], dict[str, Floats]]
Areas = dict[str, dict[str, float]]

SETTINGS = {
    "cnn2": ({}, {}),
    "mlp": ({"dropout": True}, {"epochs": 60}),
    "cnn1": ({}, {}),
    "naive": ({}, {}),
    "softmax": ({}, {}),
}
"""Each network's settings, and what is changed in its recipe: 500 epochs of the mlp would say the same."""

FEWEST_FONTS = 5
FRESH = 999  # a seed of made-up images that no measure has seen


@dataclass(frozen=True)
class Found:
    """What was found with one network."""

    made_up: Areas
    """By candidate and kind of made-up image: the area under the ROC curve, against validation images."""
    outside: Areas
    """By candidate and group of outsiders, against test images."""
    accepted: dict[str, float]
    """By group, the fraction that the chosen measure accepts."""
    refused: int
    refused_wrong: int
    wrong: int
    images: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure novelty.")
    parser.add_argument("--data", nargs="+", default=["digits", "digits28"])
    parser.add_argument("--networks", nargs="+", default=["cnn2", "mlp"], choices=SETTINGS)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="a folder for the trained networks")
    options = parser.parse_args()
    if len(find_fonts()) < FEWEST_FONTS:
        parser.error(f"found {len(find_fonts())} fonts, expected {FEWEST_FONTS}: see the top of {__file__}")
    found: dict[str, Found] = {}
    try:
        _measure_all(options, found)
    except KeyboardInterrupt:
        print("interrupted; what was measured:", file=sys.stderr)
    print_tables(found)


def _measure_all(options: argparse.Namespace, found: dict[str, Found]) -> None:
    for data in options.data:
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            split = open_dataset(data).split(seed=seed)
            groups = outsiders(split.dataset.image_shape[:2], split.test.images, seed)
            for network in options.networks:
                model = _trained(split, network, seed, options.keep, f"{data}-{network}-{seed}.inkling")
                found[f"{data}, {network}, seed {seed}"] = measure(model, split, groups)
                print(f"{data}, {network}, seed {seed}", file=sys.stderr)


def measure(model: Model, split: Split, groups: dict[str, NDArray[np.float32]]) -> Found:
    """Fit the measure of novelty, and hold it and the other candidates against made-up images and outsiders."""
    model = replace(model, novelty=choose_novelty(model, split.train, split.validation))
    assert model.novelty is not None
    validation, test = split.validation, split.test
    made_up = make_up(validation.images, validation.labels, model.preparation, 100, np.random.default_rng(FRESH))
    score = candidates(model, split)
    by_made_up, _ = _areas(score(validation.images), {kind: score(images) for kind, images in made_up.items()})
    of_test, of_groups = score(test.images), {group: score(images) for group, images in groups.items()}
    by_outside, chosen = _areas(of_test, of_groups)
    threshold = model.novelty.threshold
    accepted = {group: float((found[chosen] <= threshold).mean()) for group, found in of_groups.items()}
    refused, wrong = of_test[chosen] > threshold, model.predict(test) != test.labels
    counts = (int(refused.sum()), int((refused & wrong).sum()), int(wrong.sum()))
    return Found(by_made_up, by_outside, accepted, *counts, len(test))


def candidates(model: Model, split: Split) -> Score:
    """Return a function from images to their novelty by each candidate; the chosen one is the last."""
    novelty, training = model.novelty, split.train
    assert novelty is not None

    def read(images: NDArray[np.float32]) -> tuple[Floats, Floats]:
        features, logits = model.features_and_logits(images)
        return (images.reshape(len(images), -1) if features is None else features), logits

    features = read(training.images)[0]
    means = np.stack([features[training.labels == number].mean(0) for number in range(len(model.class_names))])
    precision = LedoitWolf(assume_centered=True).fit(features - means[training.labels]).get_precision()
    neighbours = NearestNeighbors(n_neighbors=5, metric="cosine").fit(features)

    def score(images: NDArray[np.float32]) -> dict[str, Floats]:
        features, logits = read(images)
        hidden = None if novelty.measured.features is None else features
        columns = novelty.measured.quantities(images, hidden, logits)
        return {
            "largest probability": -model.predict_proba(images, prepared=True).max(1),
            "largest logit": -logits.max(1),
            "energy": -logsumexp(logits, axis=1),
            "Mahalanobis, features": np.min([_squares(features - mean, precision) for mean in means], axis=0),
            "5 nearest neighbours, features": neighbours.kneighbors(features)[0][:, -1],
            **({} if hidden is None else {"subspace of the class, features": columns[:, 1]}),
            "subspace of the class, appearance": columns[:, 0],
            "detector, appearance": columns[:, -1 if hidden is None else -2],
            **({} if hidden is None else {"detector, appearance and features": columns[:, -1]}),
            "all weighed (chosen)": novelty.weighed.score(columns),
        }

    return score


def print_tables(found: dict[str, Found]) -> None:
    """Print the candidates, the groups and the held-out digits."""
    print("| candidate | made up: mean | lowest | outsiders: mean | lowest |\n|---|---|---|---|---|")
    for name in next(iter(found.values())).outside:
        cells = []
        for part in ("made_up", "outside"):
            every = [getattr(each, part)[name] for each in found.values() if name in each.outside]
            groups = [group for group in every[0] if group not in _INFORMATION]
            by_group = [np.mean([each[group] for each in every]) for group in groups]
            cells += [f"{np.mean(by_group):.3f}", f"{min(by_group):.3f}"]
        print(f"| {name} | {' | '.join(cells)} |")
    print("\n| group | area, mean | lowest | accepted |\n|---|---|---|---|")
    first = next(iter(found.values()))
    for group in first.accepted:
        areas = [list(each.outside.values())[-1][group] for each in found.values()]
        accepted = np.mean([each.accepted[group] for each in found.values()])
        print(f"| {group} | {np.mean(areas):.3f} | {min(areas):.3f} | {accepted:.1%} |")
    print(
        "\n| network | outsiders: mean | lowest | test digits refused | of them wrong | errors |"
        "\n|---|---|---|---|---|---|"
    )
    for name, each in found.items():
        areas = [area for group, area in list(each.outside.values())[-1].items() if group not in _INFORMATION]
        counts = f"{each.refused / each.images:.2%} | {each.refused_wrong} of {each.refused} | {each.wrong}"
        print(f"| {name} | {np.mean(areas):.3f} | {min(areas):.3f} | {counts} |")


_INFORMATION = ("printed letters", "drawn letters", "letters like no digit")
"""Groups that are parts of the group of all letters."""


def _squares(centred: Floats, precision: Floats) -> Floats:
    """Return the squared Mahalanobis distance of each row."""
    return np.einsum("ij,ij->i", centred @ precision, centred)


def _areas(own: dict[str, Floats], others: dict[str, dict[str, Floats]]) -> tuple[Areas, str]:
    """Return the area under the ROC curve by candidate and group, and the name of the last candidate."""
    found: Areas = {}
    for name, familiar in own.items():
        found[name] = {}
        for group, scores in others.items():
            truth = np.repeat([0, 1], [len(familiar), len(scores[name])])
            found[name][group] = float(roc_auc_score(truth, np.concatenate([familiar, scores[name]])))
    return found, list(own)[-1]


def _trained(split: Split, name: str, seed: int, folder: Path | None, file: str) -> Model:
    if folder and (folder / file).is_file():
        return load(folder / file)
    settings, changed = SETTINGS[name]
    plan = preset(name, split.dataset.image_shape, split.dataset.class_count, **settings)
    plan = plan.with_recipe(seed=seed, **changed)
    model = Model.from_fit(fit(plan.network, plan.recipe, split, catch_signals=False), split)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        model.save(folder / file)
    return model


if __name__ == "__main__":
    main()
