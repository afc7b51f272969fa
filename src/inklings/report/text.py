"""The sentences and tables of a report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from inklings.data import Split
from inklings.data.notes import Decision
from inklings.evaluation.diagnosis import Diagnosis, Facts, diagnose
from inklings.evaluation.equivalence import Equivalence
from inklings.evaluation.mcnemar import mcnemar
from inklings.evaluation.metrics import class_metrics
from inklings.evaluation.novelty import choose_novelty, coverage
from inklings.evaluation.paired import holm
from inklings.experiments import Comparison, Contender, RepeatedComparison, TrainedNetwork
from inklings.experiments.environment import machine, versions
from inklings.experiments.results import RANDOM_WEIGHTS, Result
from inklings.models import Model

SIGNIFICANT = 0.05
Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Headings and rows."""


def summarise(comparison: Comparison, results: Sequence[Result], repeated: RepeatedComparison | None) -> str:
    """Summarise a comparison in three sentences."""
    trained = [result for result in results if result.variant != RANDOM_WEIGHTS]
    best = max(trained, key=lambda result: result.test)
    parts = comparison.split
    times = f", on {len(repeated.repeats)} splits" if repeated else ""
    sentences = [
        f"{count_contenders(comparison)} were trained on {len(parts.train):,} images of {parts.dataset.source} and "
        f"tested on {len(parts.test):,} others{times}.",
        f"{best.title} is the most accurate: {best.test:.1%} on the test images, with a 95 % interval from "
        f"{best.interval.low:.1%} to {best.interval.high:.1%}.",
    ]
    level = _not_significantly_worse(best.title, comparison.contenders, repeated)
    test = (
        "the corrected paired t-test over these repeats" if repeated else "McNemar's exact test on the same test images"
    )
    if level:
        sentences.append(f"By {test} it is not significantly different from {_list(level)}.")
    elif len(trained) > 1:
        sentences.append(f"All others are significantly less accurate ({test}).")
    if not best.is_network and any(result.is_network for result in trained):
        sentences.append(f"{best.title} is no network: no network compared here is more accurate.")
    return " ".join(sentences)


def describe_coverage(trained: TrainedNetwork) -> str:
    """Say how many of the test images are like what a network learnt; nothing where that cannot be measured."""
    test = trained.split.test
    model = Model.from_fit(trained.fitted, trained.split)
    novelty = choose_novelty(model, trained.split.train, trained.split.validation)
    if novelty is None:
        return ""
    familiar = replace(model, novelty=novelty).score_novelty(test) <= novelty.threshold
    found = coverage(familiar, trained.correct)
    right = "" if found.accuracy is None else f"; {found.accuracy:.1%} of these are classified correctly"
    return f"{found.accepted:.1%} of the test images are like what {trained.plan.title} learnt{right}."


def count_contenders(comparison: Comparison) -> str:
    """Say how many networks and opponents were compared: ``"7 networks and 2 opponents"``."""
    counts = (
        (len(comparison.trained_networks), "network"),
        (len(comparison.opponents), "opponent"),
    )
    return " and ".join(f"{count} {name}{'s' * (count != 1)}" for count, name in counts if count)


def _not_significantly_worse(
    best: str, contenders: Sequence[Contender], repeated: RepeatedComparison | None
) -> list[str]:
    """Return the networks not significantly different from the best, by paired tests corrected for their number."""
    if repeated is None:
        return _not_significantly_worse_on_one_split(contenders)
    pairs = [pair for pair in repeated.pairs if best in (pair.first, pair.second) and not pair.significant]
    return [pair.second if pair.first == best else pair.first for pair in pairs]


def _not_significantly_worse_on_one_split(contenders: Sequence[Contender]) -> list[str]:
    own = max(contenders, key=lambda each: each.result.test)
    others = [each for each in contenders if each is not own]
    p_values = holm([mcnemar(own.correct, each.correct).p_value for each in others])
    return [each.title for each, p_value in zip(others, p_values, strict=True) if p_value > SIGNIFICANT]


def _list(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def diagnose_all(comparison: Comparison) -> list[tuple[str, tuple[Diagnosis, ...]]]:
    """Return each network's title and what is wrong with its training."""
    return [(each.plan.title, diagnose_network(each)) for each in comparison.trained_networks]


def diagnose_network(trained: TrainedNetwork) -> tuple[Diagnosis, ...]:
    """Return what is wrong with one training."""
    data = trained.split.dataset
    validation = trained.split.validation
    answers = trained.model.predict(validation.images, prepared=True)
    right = np.bincount(validation.labels, answers == validation.labels, minlength=data.class_count)
    accuracies = right / np.maximum(validation.class_sizes, 1)
    facts = Facts.of_plan(
        trained.plan,
        data=data.source,
        ending=trained.fitted.stop_reason,
        class_accuracies=dict(zip(data.class_names, accuracies.tolist(), strict=True)),
        class_sizes=dict(zip(data.class_names, trained.split.train.class_sizes.tolist(), strict=True)),
    )
    return diagnose(trained.fitted.history, facts)


def class_table(trained: Contender) -> Table:
    """Return a table of each class's precision, recall and F1."""
    test = trained.split.test
    found = class_metrics(test.labels, trained.answers, tuple(test.class_names))
    rows: list[tuple[str, ...]] = [
        (c.name, f"{c.precision:.1%}", f"{c.recall:.1%}", f"{c.f1:.3f}", str(c.images)) for c in found
    ]
    return ("class", "precision", "recall", "F1", "images"), rows


def cost_table(comparison: Comparison) -> Table:
    """Return a table of what each network and opponent costs."""
    rows: list[tuple[str, ...]] = [
        (
            each.title,
            f"{each.plan.network.parameter_count:,}",
            f"{each.plan.network.operations:,}",
            f"{each.fitted.history[-1].step:,}",
            f"{each.fitted.seconds:.1f}",
            f"{1e6 * each.seconds_per_image:,.1f}",
            f"{each.bytes / 1e6:,.2f}",
            f"{each.peak_memory / 1e6:,.0f}" if each.peak_memory else "-",
        )
        for each in comparison.trained_networks
    ]
    for other in comparison.opponents:
        seconds, size = f"{other.fitted.search_seconds:.1f}", f"{other.bytes / 1e6:,.2f}" if other.bytes else "-"
        rows.append((other.title, "-", "-", "-", seconds, f"{1e6 * other.seconds_per_image:,.1f}", size, "-"))
    return (
        "network",
        "parameters",
        "operations per image",
        "steps",
        "seconds",
        "microseconds per image",
        "size (MB)",
        "peak memory (MB)",
    ), rows


def pair_table(repeated: RepeatedComparison) -> Table:
    """Return a table of the paired tests."""
    rows: list[tuple[str, ...]] = []
    for pair in repeated.pairs:
        test = pair.test
        exact = repeated.flips_between(pair.first, pair.second).tests[0]
        rows.append(
            (
                f"{pair.first} and {pair.second}",
                f"{100 * test.difference:+.2f}",
                f"{100 * test.low:+.2f} to {100 * test.high:+.2f}",
                f"{test.p_value:.2g}",
                f"{pair.adjusted_p_value:.2g}",
                f"{pair.adjusted_equivalence:.2g}",
                _shares(pair.equivalence),
                f"{exact.p_value:.2g}",
            )
        )
    within = f"p (within {100 * repeated.margin:g})"
    shares = "better / same / worse"
    headings = ("pair", "difference (points)", "95 % interval", "p", "p (Holm)", within, shares)
    return (*headings, "p (McNemar, first split)"), rows


def _shares(found: Equivalence) -> str:
    """Write the probabilities of better, same and worse."""
    return " / ".join(f"{share:.0%}" for share in (found.better, found.same, found.worse))


def provenance(comparison: Comparison, command: str) -> list[tuple[str, str]]:
    """Return what exactly was run, as names and values."""
    split, data = comparison.split, comparison.split.dataset
    here = machine()
    shape = " x ".join(map(str, data.image_shape))
    recipes = [f"{each.plan.title}: {json.dumps(each.plan.recipe.to_dict())}" for each in comparison.trained_networks]
    facts = [
        ("Images", f"{data.source}: {len(data):,} of {shape}, {data.class_count} classes"),
        *[("Decided about them" if isinstance(note, Decision) else "Found", str(note)) for note in data.notes],
        ("Fingerprint", data.fingerprint),
        ("Split", f"{_sizes(split)} images, seed {split.seed}"),
        ("Duplicates across the split", str(split.crossing_duplicates)),
        ("Machine", f"{here['processor']}, {here['cores']} cores, {here['system']}"),
        ("Versions", ", ".join(f"{name} {number}" for name, number in versions().items())),
        ("Engine", ", ".join(sorted({each.fitted.engine for each in comparison.trained_networks})) or "-"),
        *[("Recipe", recipe) for recipe in recipes],
        *[("Opponent", f"{each.title}: {each.settings}") for each in comparison.opponents],
    ]
    return [*facts, ("To repeat", command)] if command else facts


def _sizes(split: Split) -> str:
    return f"{len(split.train):,} training, {len(split.validation):,} validation, {len(split.test):,} test"
