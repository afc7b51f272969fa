"""What a report says in words and in tables."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from inklings.data import Split
from inklings.evaluation.diagnosis import Diagnosis, Facts, diagnose
from inklings.evaluation.mcnemar import mcnemar
from inklings.evaluation.metrics import class_metrics
from inklings.evaluation.paired import holm
from inklings.experiments import Comparison, RepeatedComparison, TrainedNetwork
from inklings.experiments.environment import machine, versions
from inklings.experiments.results import RANDOM_WEIGHTS, Result

SIGNIFICANT = 0.05
Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Headings and rows."""


def summarise(comparison: Comparison, results: Sequence[Result], repeated: RepeatedComparison | None) -> str:
    """Say in three sentences what came out."""
    trained = [result for result in results if result.variant != RANDOM_WEIGHTS]
    best = max(trained, key=lambda result: result.test)
    parts = comparison.split
    times = f", on {len(repeated.repeats)} splits" if repeated else ""
    sentences = [
        f"{len(trained)} networks learnt from {len(parts.train):,} images of {parts.dataset.source} and were tested on "
        f"{len(parts.test):,} others{times}.",
        f"{best.title} reads most: {best.test:.1%} of the test images, with a 95 % interval from "
        f"{best.interval.low:.1%} to {best.interval.high:.1%}.",
    ]
    level = _level_with(best.title, comparison.contenders, repeated)
    test = "the paired test of these repeats" if repeated else "McNemar's exact test on the same test images"
    if level:
        sentences.append(f"By {test} it cannot be told for sure from {_list(level)}.")
    elif len(trained) > 1:
        sentences.append(f"All others read fewer, by more than chance would make of it ({test}).")
    return " ".join(sentences)


def _level_with(best: str, contenders: Sequence[TrainedNetwork], repeated: RepeatedComparison | None) -> list[str]:
    """Name the networks that cannot be told from the best by paired tests, corrected for their number."""
    if repeated is None:
        return _level_on_these_images(contenders)
    pairs = [pair for pair in repeated.pairs if best in (pair.first, pair.second) and not pair.told_apart]
    return [pair.second if pair.first == best else pair.first for pair in pairs]


def _level_on_these_images(contenders: Sequence[TrainedNetwork]) -> list[str]:
    own = max(contenders, key=lambda each: each.result.test)
    others = [each for each in contenders if each is not own]
    p_values = holm([mcnemar(own.read_right, each.read_right).p_value for each in others])
    return [each.plan.title for each, p_value in zip(others, p_values, strict=True) if p_value > SIGNIFICANT]


def _list(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def diagnose_all(comparison: Comparison) -> list[tuple[str, tuple[Diagnosis, ...]]]:
    """Say of each network what is the matter with its training."""
    return [(each.plan.title, diagnose_contender(each)) for each in comparison.contenders]


def diagnose_contender(contender: TrainedNetwork) -> tuple[Diagnosis, ...]:
    """Say what is the matter with one training."""
    data = contender.split.dataset
    validation = contender.split.validation
    answers = contender.model.predict(validation.images)
    right = np.bincount(validation.labels, answers == validation.labels, minlength=data.class_count)
    accuracies = right / np.maximum(validation.class_sizes, 1)
    facts = Facts.of_plan(
        contender.plan,
        data=data.source,
        ending=contender.fitted.stop_reason,
        class_accuracies=dict(zip(data.class_names, accuracies.tolist(), strict=True)),
        class_sizes=dict(zip(data.class_names, contender.split.train.class_sizes.tolist(), strict=True)),
    )
    return diagnose(contender.fitted.history, facts)


def class_table(contender: TrainedNetwork) -> Table:
    """Give precision and recall of each class."""
    test = contender.split.test
    found = class_metrics(test.labels, contender.answers, tuple(test.class_names))
    rows: list[tuple[str, ...]] = [
        (c.name, f"{c.precision:.1%}", f"{c.recall:.1%}", f"{c.f1:.3f}", str(c.images)) for c in found
    ]
    return ("class", "precision", "recall", "F1", "images"), rows


def cost_table(comparison: Comparison) -> Table:
    """Give what each network costs."""
    rows: list[tuple[str, ...]] = [
        (
            each.plan.title,
            f"{each.plan.network.parameter_count:,}",
            f"{each.plan.network.operations:,}",
            f"{each.fitted.history[-1].step:,}",
            f"{each.fitted.seconds:.1f}",
            f"{each.peak_memory / 1e6:,.0f}" if each.peak_memory else "-",
        )
        for each in comparison.contenders
    ]
    return ("network", "parameters", "operations an image", "steps", "seconds", "peak memory (MB)"), rows


def pair_table(repeated: RepeatedComparison) -> Table:
    """Give each pair's tests."""
    rows: list[tuple[str, ...]] = []
    for pair in repeated.pairs:
        test = pair.test
        exact = repeated.mcnemar.get((pair.first, pair.second)) or repeated.mcnemar[(pair.second, pair.first)]
        rows.append(
            (
                f"{pair.first} and {pair.second}",
                f"{100 * test.difference:+.2f}",
                f"{100 * test.low:+.2f} to {100 * test.high:+.2f}",
                f"{test.p_value:.2g}",
                f"{pair.adjusted_p_value:.2g}",
                f"{exact.p_value:.2g}",
            )
        )
    return ("pair", "difference (points)", "95 % interval", "p", "p (Holm)", "p (McNemar, first split)"), rows


def facts_of(comparison: Comparison, command: str) -> list[tuple[str, str]]:
    """Say what exactly was run."""
    split, data = comparison.split, comparison.split.dataset
    here = machine()
    shape = " x ".join(map(str, data.image_shape))
    recipes = [f"{each.plan.title}: {json.dumps(each.plan.recipe.to_dict())}" for each in comparison.contenders]
    facts = [
        ("Images", f"{data.source}: {len(data):,} of {shape}, {data.class_count} classes"),
        ("Fingerprint", data.fingerprint),
        ("Split", f"{_sizes(split)} images, seed {split.seed}"),
        ("Duplicates that cross the split", str(split.crossing_duplicates)),
        ("Machine", f"{here['processor']}, {here['cores']} cores, {here['system']}"),
        ("Versions", ", ".join(f"{name} {number}" for name, number in versions().items())),
        ("Engine", ", ".join(sorted({each.fitted.engine for each in comparison.contenders}))),
        *[("Recipe", recipe) for recipe in recipes],
    ]
    return [*facts, ("To repeat", command)] if command else facts


def _sizes(split: Split) -> str:
    return f"{len(split.train):,} training, {len(split.validation):,} validation, {len(split.test):,} test"
