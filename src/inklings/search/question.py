"""What a study is asked: all on which its results depend, as its folder keeps it."""

from __future__ import annotations

import json
import secrets
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf
from numbers import Integral
from pathlib import Path
from typing import Any

from inklings.arguments import caller_stacklevel
from inklings.data.parts import Split
from inklings.errors import RecipeError, RunError, TrainingWarning
from inklings.experiments.environment import versions
from inklings.extras import is_installed
from inklings.search.brackets import PRUNINGS
from inklings.search.plans import PlanMaker
from inklings.search.record import STUDY, read_study, read_trials, write_study
from inklings.search.samplers import SAMPLERS
from inklings.search.space import Space
from inklings.search.tasks import MOST, SECONDS, rough_seconds
from inklings.search.trial import MEASURES, Measure
from inklings.serialise import did_you_mean
from inklings.training.stored_facts import describe_data, describe_split

TRIALS = 100
"""Where neither a number nor a time is given, and there are not fewer combinations."""
CHOSEN = 3
IN_FLIGHT = 8
"""Configurations whose results TPE does not know yet when it proposes the next; enough for eight workers."""
_OF_THE_QUESTION = ("space", "sampler", "prune", "measure", "seed", "repeats", "in_flight", "batch", "engine", "plans")
_CHOSEN_ONCE = ("sampler", "prune", "in_flight")
"""What is chosen by other settings where it is not given; a study that is continued keeps what was chosen."""


@dataclass(frozen=True)
class Wanted:
    """How to search; :func:`run_search` describes each setting."""

    trials: int | None = None
    sampler: str | None = None
    prune: str | None = None
    measure: Measure = "loss"
    seed: int = 0
    in_flight: int | None = None
    engine: str = "auto"
    budget: float | None = None
    choose: int = CHOSEN
    storage: str | None = None

    def __post_init__(self) -> None:
        for name, known in (("sampler", SAMPLERS), ("prune", PRUNINGS), ("measure", MEASURES)):
            value = getattr(self, name)
            if value is not None and value not in known:
                hint = did_you_mean(str(value), known)
                raise RecipeError(f"is '{value}'", hint, setting=name, found=value, expected=known)
        for name, least in (("trials", 1), ("seed", 0), ("in_flight", 1), ("choose", 0)):
            value = getattr(self, name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
                expected = f"a whole number of at least {least}"
                raise RecipeError(f"is {value!r}, expected {expected}", setting=name, found=value, expected=expected)
            object.__setattr__(self, name, int(value))  # NumPy's are numbers too, but no JSON
        budget = self.budget
        if budget is not None and (
            isinstance(budget, bool) or not isinstance(budget, int | float) or not 0 < budget < inf
        ):
            problem = f"is {budget!r}, expected a number of seconds above 0"
            raise RecipeError(problem, setting="budget", found=budget)

    def as_begun(self, folder: Path) -> Wanted:
        """Return it with what the study in a folder was begun with in place of what is not given."""
        before = read_study(folder)
        kept: dict[str, Any] = {name: before.get(name) for name in _CHOSEN_ONCE if getattr(self, name) is None}
        return replace(self, **kept)


def describe_question(
    plans: PlanMaker, split: Split, wanted: Wanted, command: str, data_options: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return what is asked of a study, in plain values: all on which its results depend."""
    space = plans.space
    sampler = wanted.sampler or _usual_sampler(space, wanted)
    grid = space.grid_size
    trials = wanted.trials
    if trials is None and wanted.budget is None:
        trials = grid * space.repeats if sampler == "grid" and grid else max(TRIALS, space.repeats)
    batch = _batch(plans, len(split.train_rows), learns=sampler == "tpe")
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "space": json.loads(json.dumps(space.plain)),  # tuples as the lists that a file has
        "trials": trials,
        "repeats": space.repeats,
        "sampler": sampler,
        "prune": wanted.prune or ("none" if wanted.budget is None else "halving"),
        "measure": wanted.measure,
        "seed": wanted.seed,
        "in_flight": wanted.in_flight or max(IN_FLIGHT, batch),
        "batch": batch,
        "engine": wanted.engine,
        "plans": plans.digest(),
        "driver": secrets.token_hex(4),
        "shared": wanted.storage is not None,
        "data": {**describe_data(split.dataset), "options": dict(data_options or {})},
        "split": {**describe_split(split), "options": {"seed": wanted.seed}},
        "versions": versions(),
    }


def _usual_sampler(space: Space, wanted: Wanted) -> str:
    size = space.grid_size
    if size is not None and size * space.repeats <= (wanted.trials or TRIALS):
        return "grid"
    return "tpe" if is_installed("optuna") else "random"


def _batch(plans: PlanMaker, images: int, *, learns: bool) -> int:
    """Return how many configurations are proposed at once without pruning: short ones in groups.

    By operations, not by the clock, so that the same study is the same on every machine.
    """
    (_, settings), *_ = plans.space.corners()
    seconds = rough_seconds(plans.plan(plans.space.without_idle(settings)), images) * plans.space.repeats
    # A sampler that learns should soon see what came of its proposals.
    return max(1, min(4 if learns else MOST, int(SECONDS / max(seconds, 1e-9))))


def begin_study(folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Write down what a new study is asked, and return it.

    Raises
    ------
    RunError
        There is a study in the folder already, and some of its trials have ended.
    """
    # One of which nothing has ended yet is no loss.
    if (folder / STUDY).exists() and read_trials(folder):
        hint = "continue it (--continue, in Python continued=True), or name another folder"
        raise RunError("has a study already", hint, path=folder)
    write_study(folder, facts)
    return facts


def continue_study(folder: Path, facts: dict[str, Any], trials: int | None) -> dict[str, Any]:
    """Return what the study in a folder was asked, after checking that the same is asked now.

    Parameters
    ----------
    folder : Path
    facts : dict
        What is asked now.
    trials : int or None
        How many are asked for now: more may be added, not fewer; as many as before if not given.

    Raises
    ------
    RunError
        There is no study, or another one.
    """
    before = read_study(folder)
    for name in _OF_THE_QUESTION:
        # get: studies of an earlier version may lack what was added since, which then counts as changed.
        if before.get(name) != facts[name]:
            problem = f"has a study with {name} {before.get(name)!r:.200}, found {facts[name]!r:.200}"
            if name == "space":
                problem = _describe_change(before["space"], facts["space"])
            if name == "plans":
                # The space is the same: a network's file, or what an earlier version made of it, is not.
                problem = "has a study whose settings made other networks or recipes than they make now"
            raise RunError(problem, "continue with what it was begun with, or name another folder", path=folder)
    for name in ("data", "split"):
        if before[name]["fingerprint"] != facts[name]["fingerprint"]:
            raise RunError(f"has a study of other images ({name})", "name another folder", path=folder)
    # As of workers: trials of two versions might differ by what was changed between them.
    theirs, ours = before["versions"]["inklings"], facts["versions"]["inklings"]
    if theirs != ours:
        problem = f"has a study of Inklings {theirs}, found {ours}"
        raise RunError(problem, f"continue it with Inklings {theirs}, or name another folder", path=folder)
    if trials is not None and trials < (before["trials"] or 0):
        problem = f"has a study of {before['trials']:,} trials, found {trials:,}"
        raise RunError(problem, "trials can be added, not taken away", path=folder)
    _note_left_database(before, facts)
    now = {**before, "shared": bool(before.get("shared") or facts["shared"])}
    # Where no number is given: on to the one that the study has.
    if (trials is not None or before["trials"] is None) and facts["trials"] is not None:
        now["trials"] = facts["trials"]
    if now != before:
        write_study(folder, now)
    return now


def _note_left_database(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Say so where a study shared its results, and goes on alone: what tpe proposes and who learns of it differ."""
    if before.get("shared") and not now["shared"]:
        warnings.warn(
            "the study has shared results with other drivers by a database, and goes on without it (storage=URL names "
            "it): what they learn is not used, and they are told of its trials once it is continued with the database",
            TrainingWarning,
            stacklevel=caller_stacklevel(),
        )


def _describe_change(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return which of a space's settings are others: all of both spaces would hide it."""
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if not changed:  # such as one setting below another, where the order of drawing is the file's
        return "has a study of a space with another order of settings"
    told = [f"{name} {before[name]!r:.80}" if name in before else f"no {name}" for name in changed]
    found = [f"{now[name]!r:.80}" if name in now else "none" for name in changed]
    return f"has a study of a space with {', '.join(told)}; found {', '.join(found)}"
