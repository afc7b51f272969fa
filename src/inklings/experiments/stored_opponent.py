"""Opponents of a comparison on disk: each a model in one file, beside the runs of networks.

``runs/hog-svm-0-1a2b3c4d.inkling`` is of seed 0, and named by what was fitted on what: a comparison that is continued
finds it there, and ``inklings predict``, ``evaluate`` and ``export`` take it as any other model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from inklings.data.parts import Split
from inklings.errors import InklingsError, RunError
from inklings.evaluation.statistics import Interval
from inklings.experiments.environment import versions
from inklings.experiments.results import Result
from inklings.experiments.to_model import opponent_to_model
from inklings.experiments.trained_opponent import Kept, TrainedOpponent, restore_opponent
from inklings.models import load
from inklings.opponents import Opponent
from inklings.opponents.frozen import FrozenOpponent
from inklings.storage import writing
from inklings.training.plans import slug_of


def opponent_file(folder: Path, opponent: Opponent, split: Split) -> Path:
    """Return where an opponent fitted on a split is stored; another grid, seed or version is another file."""
    settings: dict[str, Any] = getattr(opponent.estimator, "get_params", dict)()
    told = {
        # By `repr`: settings may be functions or estimators, which JSON cannot hold.
        "estimator": {name: repr(value) for name, value in sorted(settings.items())},
        "grid": {name: repr(values) for name, values in sorted(opponent.grid.items())},
        "data": split.dataset.fingerprint,
        "split": split.fingerprint,
        "kind": type(opponent.estimator).__qualname__,
        # Another version of scikit-learn may fit the same settings to something else.
        "versions": {name: versions().get(name) for name in ("inklings", "scikit-learn")},
    }
    digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    # 32 bits beside title and seed: a folder holds dozens.
    return folder / f"{slug_of(opponent.title)}-{split.seed}-{digest[:8]}.inkling"


def store_opponent(folder: Path, trained: TrainedOpponent, facts: Mapping[str, Any]) -> TrainedOpponent:
    """Write what is kept of an opponent to a file; one without a safe form is not stored.

    Parameters
    ----------
    folder : Path
        Of the runs; it is made.
    trained : TrainedOpponent
    facts : mapping
        ``command``, ``data_options`` and ``split_options`` of :func:`inklings.experiments.to_model.opponent_to_model`.

    Returns
    -------
    TrainedOpponent
        With its ``storage_problem``, if it could not be written: it is compared nevertheless.
    """
    if not isinstance(trained.kept, Kept):
        return trained
    path = opponent_file(folder, trained.opponent, trained.split)
    try:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        # The measure of novelty takes seconds, and no comparison shows it.
        opponent_to_model(trained, with_novelty=False, **facts).save(path)
    except RunError as problem:
        return replace(trained, storage_problem=str(problem))
    return trained


def stored_opponent(folder: Path, opponent: Opponent, split: Split) -> TrainedOpponent | None:
    """Return an opponent that an earlier comparison fitted on this split; None if there is none, or none to be read."""
    path = opponent_file(folder, opponent, split)
    if not path.is_file():
        return None
    try:
        model = load(path)
        # The file's name says so too, but names can be changed.
        results, same = model.training["results"], model.training["split"]["fingerprint"] == split.fingerprint
        train, validation, test, seconds = (results[name] for name in ("train", "validation", "test", "seconds"))
        if not same or not isinstance(model.classifier, FrozenOpponent):
            return None
        settings, interval = model.training["settings"], Interval(*results["interval"])
    # Damaged, or of an earlier version: it is fitted again, which costs nothing but time.
    except (InklingsError, KeyError, TypeError):
        return None
    result = Result(opponent.name, "", 0, train, validation, test, interval, 0, seconds, is_network=False)
    return restore_opponent(opponent, settings, Kept(model.classifier, model.parameters), result, split)
