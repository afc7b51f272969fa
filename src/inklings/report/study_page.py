"""A study as one page that anyone can open: what mattered, how sure, and every trial.

::

    report.html     everything in one self-contained file that works offline
    pictures/       every picture as PNG and SVG
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from inklings.arguments import checks_call
from inklings.errors import InklingsError, RunError
from inklings.evaluation.rules import count_text
from inklings.experiments.reload import comparison_of
from inklings.report.figures import save_figure
from inklings.report.page import PAGE, PICTURES, write_report
from inklings.report.page_assets import json_in_script, page_script, page_styles, render_template
from inklings.report.pictures import Picture
from inklings.report.study_figures import (
    draw_best_so_far,
    draw_effects,
    draw_fronts,
    draw_interaction,
    draw_parallel,
)
from inklings.report.study_story import (
    describe_interactions,
    describe_outlook,
    describe_selection,
    describe_shared,
    rank_on_screen,
    tell_study,
)
from inklings.report.study_tables import BEST, best_table, chosen_table, effect_table
from inklings.reprs import percent
from inklings.search.effects import Effect, Interaction, find_effects, find_interactions
from inklings.search.importance import find_importances, why_unavailable
from inklings.search.outlook import BestSoFar, best_so_far, shared_by_best
from inklings.search.sample import Sample, sample_of
from inklings.search.study import Study, describe_settings
from inklings.search.trial import State, Trial
from inklings.storage import write_atomically

RUN_REPORT = "report"
"""The folder within a run's that holds its own report."""
SCRIPT = "report/study.js"
_MOST_TRIALS = 1000
"""Trials that the page holds, the best first: a thousand of 20 epochs take some 400 kB."""
_MOST_POINTS = 60
_PAIRS_DRAWN = 2


@checks_call(RunError)
def write_study_report(study: Study, *, runs: bool = True) -> Path:
    """Write the page of a study into its folder.

    Parameters
    ----------
    study : Study
        Over or under way.
    runs : bool
        Whether also to write a report of the run of each that was chosen, which the page links to.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    RunError
        The study has no trial that can be shown, or its folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> from inklings.report import write_study_report
    >>> from inklings.search import run_search
    >>> space = {"network": "mlp", "hidden_units": [5, 20], "epochs": 2}
    >>> few = inklings.open_dataset("digits").take(range(0, 5000, 10))
    >>> folder = tempfile.TemporaryDirectory()
    >>> study = run_search(space, few, out=Path(folder.name) / "study", workers=1, choose=1)
    >>> write_study_report(study, runs=False).name
    'report.html'
    >>> folder.cleanup()
    """
    sample = sample_of(study)
    if not len(sample.figures):
        raise _nothing_to_show(study)
    effects, pairs = find_effects(sample), find_interactions(sample)
    course = best_so_far(sample)
    try:
        pictures = _draw(study, sample, effects, pairs, course)
        reported = _report_runs(study) if runs else {}
        write_atomically(study.folder / PAGE, _render(study, sample, effects, pairs, course, pictures, reported))
    except OSError as problem:
        reason = f"the report cannot be written ({problem.strerror})"
        raise RunError(reason, "make room, or take a copy of the study", path=study.folder) from None
    return study.folder / PAGE


def _nothing_to_show(study: Study) -> RunError:
    failed = [trial for trial in study.trials if trial.state is State.FAILED]
    if not failed or len(failed) < len(study.trials):
        return RunError("has no trial with an accuracy yet", "continue the study", path=study.folder)
    which = "its one trial" if len(failed) == 1 else f"all of its {len(failed):,} trials"
    problem = f"has no accuracy to show: {which} failed ({failed[0].reason})"
    return RunError(problem, "search with other settings", path=study.folder)


def _draw(
    study: Study, sample: Sample, effects: Sequence[Effect], pairs: Sequence[Interaction], course: BestSoFar
) -> dict[str, Picture]:
    """Draw all pictures, each with what it shows in words."""
    figures: dict[str, tuple[Any, str]] = {
        "best-so-far": (
            draw_best_so_far(course, sample.after),
            f"Best validation accuracy{sample.after}: first {percent(course.actual[0])}, "
            f"in the end {percent(course.actual[-1])}",
        )
    }
    if effects:
        told = "; ".join(f"{each.name}: best {each.best.label}, worst {each.worst.label}" for each in effects)
        figures["effects"] = draw_effects(effects), f"Mean accuracy of each value. {told}"
    for number, pair in enumerate([each for each in pairs if each.is_sure][:_PAIRS_DRAWN]):
        alt = f"Mean accuracy of each combination of {pair.names[0]} and {pair.names[1]}"
        figures[f"pair-{number}"] = draw_interaction(pair), alt
    if study.ranked:
        figures["fronts"] = draw_fronts(study), "Validation accuracy against operations, seconds and parameters"
    if sample.factors:
        figures["parallel"] = draw_parallel(study, sample), "Each configuration as a line through its settings"
    return {
        name: Picture(save_figure(figure, study.folder / PICTURES, name)[0], alt)
        for name, (figure, alt) in figures.items()
    }


def _report_runs(study: Study) -> dict[str, str]:
    """Write a report of the first run of each that was chosen; return their addresses beside the page, by run."""
    found = {}
    for each in study.chosen["chosen"] if study.chosen else ():
        # One report for a configuration: its repeats differ by their seed alone.
        run = each["trials"][0]["run"]
        folder = study.runs.folder / run / RUN_REPORT
        try:
            # A finished run does not change, so a report of it stays true.
            if not (folder / PAGE).exists():
                write_report(comparison_of([study.runs.load(run)]), folder)
        except InklingsError:  # its data may be elsewhere by now: the study's page does without
            continue
        found[run] = (folder / PAGE).relative_to(study.folder).as_posix()
    return found


def _render(
    study: Study,
    sample: Sample,
    effects: Sequence[Effect],
    pairs: Sequence[Interaction],
    course: BestSoFar,
    pictures: dict[str, Picture],
    reported: dict[str, str],
) -> str:
    kept = sorted(study.trials, key=lambda trial: (trial.cost(study.measure), trial.number))[:_MOST_TRIALS]
    return render_template(
        "study.html.jinja",
        title=f"Inklings: a study of {count_text(len(study.configurations), 'configuration')}",
        styles=page_styles(),
        script=page_script(SCRIPT),
        story=tell_study(study, sample, effects),
        **_ranking(sample, effects),
        effect_table=effect_table(effects),
        pairs_told=describe_interactions(pairs),
        pair_pictures=[picture for name, picture in pictures.items() if name.startswith("pair-")],
        outlook=describe_outlook(course, sample.after),
        selection=describe_selection(study),
        chosen_table=chosen_table(study),
        best_table=best_table(study),
        shared=describe_shared(shared_by_best(study), len(sample.factors)),
        best_count=min(BEST, len(study.ranked)),
        pictures=pictures,
        # NaN where nothing was trained twice, and NaN is not equal to itself.
        has_repeats=sample.repeat_spread == sample.repeat_spread,
        repeat_spread=f"{100 * sample.repeat_spread:.1f}",
        trials=len(study.trials),
        looks=study.chosen.get("looks", 1) if study.chosen else 0,
        kept=len(kept),
        measure=study.measure,
        facts=_facts(study),
        inspection=json_in_script([_trial_facts(each, reported) for each in kept]),
    )


def _ranking(sample: Sample, effects: Sequence[Effect]) -> dict[str, Any]:
    """Return how much each setting matters, as bars whose lengths are percent of the longest."""
    importances = find_importances(sample)
    ranked = rank_on_screen(effects, importances)
    widest = max([high for _, _, _, high, _ in ranked], default=1.0) or 1.0
    return {
        "ranked": [
            (name, f"{share:.0%}", *(round(100 * value / widest, 2) for value in (share, low, high)), sure)
            for name, share, low, high, sure in ranked
        ],
        "widest": f"{widest:.0%}",
        "by_fanova": bool(importances),
        "needs_optuna": "" if importances else why_unavailable(),
    }


def _trial_facts(trial: Trial, reported: dict[str, str]) -> dict[str, Any]:
    """Return what the page shows of a trial."""
    accuracy = trial.figure("accuracy")
    return {
        "number": trial.number,
        "configuration": trial.configuration,
        "state": str(trial.state),
        "reason": trial.reason,
        "accuracy": round(accuracy, 4) if isfinite(accuracy) else None,
        "seconds": round(trial.seconds, 1),
        "epoch": trial.epoch,
        "settings": describe_settings(trial.settings),
        "run": trial.run,
        "report": reported.get(trial.run),
        "train": _thin(trial.train_accuracy),
        "validation": _thin(trial.validation_accuracy),
    }


def _thin(curve: Sequence[float]) -> list[list[float]]:
    """Return (epoch, value) of a curve, of a long one some points spread over it and its last."""
    step = max(1, len(curve) // _MOST_POINTS)
    # The second range is the last place, or none of an empty curve: a failed trial may have none.
    places = sorted({*range(0, len(curve), step), *range(max(0, len(curve) - 1), len(curve))})
    return [[place, round(curve[place], 4)] for place in places if isfinite(curve[place])]


def _facts(study: Study) -> list[tuple[str, str]]:
    facts, counts = study.facts, dict[str, int]()
    for trial in study.trials:
        counts[str(trial.state)] = counts.get(str(trial.state), 0) + 1
    named = (("Sampler", "sampler"), ("Pruning", "prune"), ("Repeats", "repeats"), ("Seed", "seed"))
    return [
        ("Trials", ", ".join(f"{count:,} {state}" for state, count in counts.items())),
        ("Compared by", f"validation {study.measure}"),
        *((title, str(facts[name])) for title, name in named if facts.get(name) is not None),
        ("Space", json.dumps(facts["space"])),
        ("Folder", str(study.folder)),
        *([("To repeat", str(facts["command"]))] if facts.get("command") else []),
    ]
