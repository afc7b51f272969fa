"""A study as it stands: what was asked, every trial, the best, and the few that were tried on the test images.

::

    study = inklings.open_study("study")
    print(study.best.settings, study.best.figure)
    frame = study.to_frame()
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from pathlib import Path
from statistics import fmean
from typing import Any

from inklings.arguments import as_path, checks_call
from inklings.errors import InklingsError, RunError
from inklings.experiments.runs import RunStore
from inklings.notebook import as_paragraph, as_table, to_frame
from inklings.reprs import short_repr
from inklings.search.record import RUNS, read_chosen, read_study, read_trials
from inklings.search.space import Space, space_from_plain
from inklings.search.stored_study import check_settings
from inklings.search.trial import Measure, State, Trial

_SHOWN = 10


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class Configuration:
    """One set of settings with its repeats.

    Attributes
    ----------
    number : int
    settings : mapping
    trials : tuple of Trial
        One per repeat, those that have ended.
    measure : {"loss", "accuracy"}

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> from inklings.search import run_search
    >>> space = {"network": "mlp", "hidden_units": [5, 20], "epochs": 2}
    >>> few = inklings.open_dataset("digits").take(range(0, 5000, 10))
    >>> folder = tempfile.TemporaryDirectory()
    >>> study = run_search(space, few, out=Path(folder.name) / "study", workers=1, choose=1)
    >>> len(study.configurations), study.configurations[0].measure
    (2, 'loss')
    >>> folder.cleanup()
    """

    number: int
    settings: Mapping[str, Any]
    trials: tuple[Trial, ...]
    measure: Measure

    @property
    def cost(self) -> float:
        """The mean cost of its repeats, the lower the better; infinite unless all of them finished."""
        if any(trial.state is not State.FINISHED for trial in self.trials):
            return inf
        return fmean(trial.cost(self.measure) for trial in self.trials)

    @property
    def figure(self) -> float:
        """The mean validation loss or accuracy of its repeats."""
        return fmean(trial.figure(self.measure) for trial in self.trials)


@dataclass(frozen=True, eq=False)
class Study:
    """A search that is over or under way.

    Parameters
    ----------
    folder : Path
    facts : mapping
        What was asked: the contents of ``study.json``.
    trials : tuple of Trial
        Those that have ended, in the order of their numbers.
    chosen : mapping or None
        What the few chosen came to on the test images; None while none were chosen.
    complete : bool
        Whether all trials that were asked for have ended; of a study that was opened, whether some of all its trials
        were chosen.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> from inklings.search import run_search
    >>> space = {"network": "mlp", "hidden_units": [5, 20], "epochs": 2}
    >>> few = inklings.open_dataset("digits").take(range(0, 5000, 10))
    >>> folder = tempfile.TemporaryDirectory()
    >>> study = run_search(space, few, out=Path(folder.name) / "study", workers=1, choose=1)
    >>> study.folder.name, len(study.trials)
    ('study', 2)
    >>> folder.cleanup()
    """

    folder: Path
    facts: Mapping[str, Any]
    trials: tuple[Trial, ...]
    chosen: Mapping[str, Any] | None
    complete: bool

    def __repr__(self) -> str:
        counts = {state: sum(trial.state is state for trial in self.trials) for state in State}
        told = ", ".join(f"{count:,} {state}" for state, count in counts.items() if count)
        return f"<Study {self.folder}: {told or 'no trials'}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook: its best configurations."""
        head = ("configuration", f"validation {self.measure}", "repeats", "settings")
        rows = [
            (str(each.number), f"{each.figure:.4g}", str(len(each.trials)), describe_settings(each.settings))
            for each in self.ranked[:_SHOWN]
        ]
        return as_paragraph(repr(self).strip("<>")) + as_table(head, rows)

    @property
    def measure(self) -> Measure:
        """What is compared on the validation images: ``loss`` or ``accuracy``."""
        measure: Measure = self.facts["measure"]
        return measure

    @cached_property
    def space(self) -> Space:
        """What was searched."""
        return space_from_plain(self.facts["space"])

    @property
    def runs(self) -> RunStore:
        """The runs of the trials."""
        return RunStore(self.folder / RUNS)

    @cached_property
    def configurations(self) -> tuple[Configuration, ...]:
        """Every set of settings with its repeats, in the order of their numbers."""
        found: dict[int, list[Trial]] = {}
        for trial in self.trials:
            found.setdefault(trial.configuration, []).append(trial)
        return tuple(
            Configuration(number, trials[0].settings, tuple(trials), self.measure)
            for number, trials in sorted(found.items())
        )

    @cached_property
    def ranked(self) -> tuple[Configuration, ...]:
        """The configurations all of whose repeats finished, the best on the validation images first."""
        repeats = self.facts["repeats"]
        # All of its repeats: a mean over fewer would be luckier or unluckier by chance.
        whole = [each for each in self.configurations if len(each.trials) == repeats and each.cost < inf]
        # By number where costs are equal, so that the order never depends on who ended first.
        return tuple(sorted(whole, key=lambda each: (each.cost, each.number)))

    @property
    def best(self) -> Configuration:
        """The best configuration on the validation images.

        Raises
        ------
        RunError
            None has finished.
        """
        if not self.ranked:
            raise RunError("has no finished configuration", "continue the study", path=self.folder)
        return self.ranked[0]

    def to_frame(self) -> Any:  # noqa: ANN401 - of pandas or of polars
        """Return a row for each trial, with a column for each setting that was searched.

        Returns
        -------
        DataFrame
            Of pandas, or of polars where there is no pandas. A setting that had no effect in a trial is None there.

        Raises
        ------
        MissingDependencyError
            There is neither.
        """
        columns: dict[str, Sequence[Any]] = {
            name: [getattr(trial, name) for trial in self.trials]
            for name in ("number", "configuration", "repeat", "seed", "reason", "rung", "epoch", "epochs", "seconds")
        }
        columns["state"] = [str(trial.state) for trial in self.trials]
        for measure in ("loss", "accuracy"):
            columns[f"validation_{measure}"] = [trial.figure(measure) for trial in self.trials]
        for name in ("parameters", "operations", "run", "worker", "begun", "ended"):
            columns[name] = [getattr(trial, name) for trial in self.trials]
        for name in self.space.dimensions:
            values = [trial.settings.get(name) for trial in self.trials]
            columns[name] = [list(value) if isinstance(value, tuple) else value for value in values]
        return to_frame(columns)


@checks_call(RunError)
def open_study(folder: str | Path) -> Study:
    """Return the study of a folder, whether it is over or not.

    Raises
    ------
    RunError
        There is none, or its record is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> from inklings.search import open_study
    >>> from inklings.search import run_search
    >>> space = {"network": "mlp", "hidden_units": [5, 20], "epochs": 2}
    >>> few = inklings.open_dataset("digits").take(range(0, 5000, 10))
    >>> folder = tempfile.TemporaryDirectory()
    >>> study = run_search(space, few, out=Path(folder.name) / "study", workers=1, choose=1)
    >>> len(open_study(study.folder).trials)
    2
    >>> folder.cleanup()
    """
    folder = as_path(folder, "a study's folder", RunError)
    facts, chosen = read_study(folder), read_chosen(folder)
    trials = read_trials(folder)
    ended = tuple(trials[number] for number in sorted(trials) if trials[number].state is not State.PAUSED)
    # Of fewer trials, if more were added and not all have ended.
    is_of_these = chosen is not None and chosen["trials"] == len(ended)
    study = Study(folder, facts, ended, chosen, is_of_these)
    try:
        for trial in ended:
            check_settings(trial, study.space)
    except InklingsError as problem:
        raise RunError(problem.message, "its files were changed, or are of several studies", path=folder) from None
    return study


def describe_settings(settings: Mapping[str, Any]) -> str:
    """Return settings in one line.

    >>> describe_settings({"learning_rate": 0.0123456, "dropout": True, "hidden_units": (400, 200)})
    'learning_rate 0.01235, dropout, hidden_units 400-200'
    """
    told = ", ".join(f"{name} {_word(value)}" if value is not True else name for name, value in settings.items())
    return told or "nothing varied"


def _word(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple | list):
        return "-".join(map(_word, value))
    return "off" if value is False else str(value)
