"""What ``inklings search`` prints of a study."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

import click

from inklings.cli.search_progress import FIGURES, describe_failure
from inklings.cli.tables import print_line, print_table
from inklings.reprs import percent

if TYPE_CHECKING:
    from inklings.search import Study

_FAILURES_SHOWN = 3


def print_failures(study: Study) -> None:
    """Say which trials failed, and why."""
    from inklings.evaluation.rules import count_text
    from inklings.search.trial import State

    failed = [trial for trial in study.trials if trial.state is State.FAILED]
    # One of each configuration: its repeats mostly fail for the same reason.
    first = {trial.configuration: trial for trial in reversed(failed)}
    shown = sorted(first.values(), key=lambda trial: trial.number)[:_FAILURES_SHOWN]
    for trial in shown:
        print_line(f"note: {describe_failure(trial)}", err=True)
    if len(failed) > len(shown):
        print_line(f"note: {count_text(len(failed) - len(shown), 'more trial')} failed", err=True)


def note_more_trials(study: Study, asked: int | None) -> None:
    """Say so where more were trained than was asked for: a configuration has all its repeats or none."""
    found, repeats = len(study.trials), study.facts["repeats"]
    if asked is not None and found > asked:
        print_line(f"note: {found:,} trials, since each configuration is trained {repeats:,} times", err=True)


def note_fewer_trials(study: Study, asked: int | None) -> None:
    """Say so where there was less to try than was asked for."""
    found = len(study.trials)
    if asked is not None and found < asked:
        print_line(f"note: {found:,} of {asked:,} trials, since the space has no more configurations", err=True)


def print_study(study: Study) -> None:
    """Print what was tried, and the best few."""
    from inklings.search.study import describe_settings

    if study.chosen is None or not study.complete:
        _print_counts(study)
        if study.ranked:
            best = study.best
            print_line(f"best: validation {study.measure} {best.figure:.4g} with {describe_settings(best.settings)}")
        return
    # By accuracy, two columns would say the same.
    by = ("validation loss",) if study.measure == "loss" else ()
    figures = {each.number: FIGURES[study.measure](each.figure) for each in study.ranked}
    rows = [
        (
            str(each["configuration"]),
            describe_settings(each["settings"]),
            ", ".join(trial["run"] for trial in each["trials"]),
            *(figures.get(each["configuration"], "-") for _ in by),
            percent(each["validation_accuracy"]),
            percent(each["test_accuracy"]),
        )
        for each in study.chosen["chosen"]
    ]
    print_table(("configuration", "settings", "runs", *by, "validation", "test"), rows, words=3, spare=["runs"])
    _print_counts(study)
    _print_selection(study)
    click.echo(f"study: {shlex.quote(str(study.folder))}")


def _print_counts(study: Study) -> None:
    from inklings.evaluation.rules import count_text

    counts = Counter(str(trial.state) for trial in study.trials)
    told = ", ".join(f"{count:,} {state}" for state, count in counts.items())
    configurations = count_text(len(study.configurations), "configuration")
    print_line(f"tried {configurations} in {count_text(len(study.trials), 'trial')}: {told or 'none'}")


def _print_selection(study: Study) -> None:
    """Say what choosing has added to the best one's accuracy."""
    from inklings.search.chosen import describe_looks

    chosen = study.chosen
    if not chosen or not chosen["chosen"]:
        return
    best, tried = chosen["chosen"][0], chosen["tried"]
    if tried == 1:
        print_line(f"it has a test accuracy of {percent(best['test_accuracy'])}; there was nothing to choose from")
        return
    gain = 100 * (best["validation_accuracy"] - best["test_accuracy"])
    words = "as high as"
    if abs(gain) >= 0.05:
        words = f"{abs(gain):.1f} points {'lower' if gain > 0 else 'higher'} than"
    print_line(
        f"the best of {tried:,} by validation {study.measure} has a test accuracy of {percent(best['test_accuracy'])}, "
        f"{words} its validation accuracy: trust the test accuracy, which took no part in choosing"
    )
    if looks := describe_looks(chosen):
        print_line(f"note: {looks}", err=True)
