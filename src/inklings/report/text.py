"""What a report says of each training, and what exactly was run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from inklings.data.notes import Decision
from inklings.data.parts import Split
from inklings.evaluation.diagnosis import Diagnosis, Facts, diagnose
from inklings.evaluation.diagnosis_types import Severity
from inklings.experiments.comparison import Comparison
from inklings.experiments.environment import machine, versions
from inklings.experiments.trained import TrainedNetwork
from inklings.experiments.trained_opponent import TrainedOpponent
from inklings.report.over_repeats import Entrant


@dataclass(frozen=True)
class Finding:
    """A diagnosis, and in how many of a network's trainings it was made: that of the first of them is the example."""

    diagnosis: Diagnosis
    times: int
    total: int
    seed: int

    @property
    def how_often(self) -> str:
        """In how many repeats, and which one the evidence is from; empty of a single training."""
        if self.total == 1:
            return ""
        return f" ({self.times} of {self.total} repeats; here seed {self.seed})"


def diagnose_all(entrants: Sequence[Entrant]) -> list[tuple[str, tuple[Finding, ...]]]:
    """Return each network's title and what is wrong with its trainings, the most frequent of the most serious first."""
    return [(each.title, _diagnose_repeats(each.networks)) for each in entrants if each.is_network]


def _diagnose_repeats(networks: Sequence[TrainedNetwork]) -> tuple[Finding, ...]:
    # By kind: the first repeat with a diagnosis is its example, the others only count.
    found: dict[str, Finding] = {}
    for trained in networks:
        for each in diagnose_network(trained):
            first = found.get(each.kind) or Finding(each, 0, len(networks), trained.plan.recipe.seed)
            found[each.kind] = replace(first, times=first.times + 1)
    # Order of definition: most serious first.
    severities = list(Severity)
    return tuple(sorted(found.values(), key=lambda each: (severities.index(each.diagnosis.severity), -each.times)))


def diagnose_network(trained: TrainedNetwork) -> tuple[Diagnosis, ...]:
    """Return what is wrong with one training."""
    data = trained.split.dataset
    validation = trained.split.validation
    answers = trained.model.predict(validation.images, prepared=True, as_index=True)
    # (classes,): how many of each were right, as weights of a count.
    right = np.bincount(validation.labels, answers == validation.labels, minlength=data.class_count)
    # A class without validation images: 0 of 1, not a division by 0.
    accuracies = right / np.maximum(validation.class_sizes, 1)
    facts = Facts.of_plan(
        trained.plan,
        data=data.source,
        ending=trained.fitted.stop_reason,
        class_accuracies=dict(zip(data.class_names, accuracies.tolist(), strict=True)),
        class_sizes=dict(zip(data.class_names, trained.split.train.class_sizes.tolist(), strict=True)),
    )
    return diagnose(trained.fitted.history, facts)


def provenance(repeats: Sequence[Comparison], command: str) -> list[tuple[str, str]]:
    """Return what exactly was run, as names and values."""
    first = repeats[0]
    splits = [repeat.split for repeat in repeats]
    split, data = first.split, first.split.dataset
    here = machine()
    shape = " x ".join(map(str, data.image_shape))
    recipes = [f"{each.plan.title}: {json.dumps(each.plan.recipe.to_dict())}" for each in first.trained_networks]
    facts = [
        ("Images", f"{data.source}: {len(data):,} of {shape}, {data.class_count} classes"),
        *[("Decided about them" if isinstance(note, Decision) else "Found", str(note)) for note in data.notes],
        ("Fingerprint", _fingerprints(splits)),
        ("Split", f"{_sizes(split)} images, {_seeds([each.seed for each in splits])}"),
        ("Duplicates across the split", _once([each.crossing_duplicates for each in splits])),
        ("Machine", f"{here['processor']}, {here['cores']} cores, {here['system']}"),
        ("Versions", ", ".join(f"{name} {number}" for name, number in versions().items())),
        ("Engine", ", ".join(sorted({each.fitted.engine for each in first.trained_networks})) or "-"),
        *[("Recipe", recipe) for recipe in recipes],
    ]
    if len(repeats) > 1 and first.trained_networks:
        seeds = _seeds([each.plan.recipe.seed for repeat in repeats for each in repeat.trained_networks])
        facts.append(("Repeats", f"{len(repeats)}; recipes as above with {seeds}"))
    for opponent in first.opponents:
        # By title: an opponent may be missing in repeats after it stopped.
        runs = [each for repeat in repeats for each in repeat.opponents if each.title == opponent.title]
        facts.append(("Opponent", f"{opponent.title}: {_settings(runs)}"))
    return [*facts, ("To repeat", command)] if command else facts


def _settings(runs: Sequence[TrainedOpponent]) -> str:
    """Return an opponent's chosen settings, each with the repeats that chose it where they differ."""
    found: dict[str, int] = {}
    for run in runs:
        found[run.settings] = found.get(run.settings, 0) + 1
    if len(found) == 1:
        return next(iter(found))
    return "; ".join(f"{settings} ({times} of {len(runs)} repeats)" for settings, times in found.items())


def _seeds(seeds: Sequence[int | None]) -> str:
    """Write seeds: ``"seed 0"``, ``"seeds 0 to 4"``."""
    known = sorted({seed for seed in seeds if seed is not None})
    if len(known) < 2:
        return f"seed {seeds[0]}"
    if known == list(range(known[0], known[-1] + 1)):
        return f"seeds {known[0]} to {known[-1]}"
    return f"seeds {', '.join(map(str, known))}"


def _once(values: Sequence[int]) -> str:
    return str(values[0]) if len(set(values)) == 1 else ", ".join(map(str, values))


def _fingerprints(splits: Sequence[Split]) -> str:
    """Write the images' fingerprint; of data mended for each split, whose test images keep their labels, the first."""
    first, *others = (split.dataset.fingerprint for split in splits)
    return first if set(others) <= {first} else f"{first} (of the split with seed {splits[0].seed}; others differ)"


def _sizes(split: Split) -> str:
    return f"{len(split.train):,} training, {len(split.validation):,} validation, {len(split.test):,} test"
