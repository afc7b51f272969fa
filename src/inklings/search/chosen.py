"""The few that are tried on the test images, after all trials have ended.

What was chosen by its figure on the validation images looks better there than it is: of two hundred tries the best is
also the luckiest. The test images took no part in choosing, so the accuracy on them is not flattered; the difference
between both is what choosing has added.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inklings.data.parts import Split
from inklings.engines import get_engine
from inklings.errors import RunError
from inklings.experiments.manifest import write_manifest
from inklings.experiments.results import Result, measure
from inklings.experiments.run import Run
from inklings.experiments.run_writer import FACTS
from inklings.search.study import Study
from inklings.search.trial import Trial
from inklings.storage import writing


def evaluate_chosen(study: Study, split: Split, count: int) -> dict[str, Any]:
    """Evaluate the best configurations on the test images, and store that with their runs.

    Parameters
    ----------
    study : Study
    split : Split
        That of the study.
    count : int
        How many configurations, the best on the validation images first.

    Returns
    -------
    dict
        ``tried``: how many configurations were tried; ``chosen``: for each of the best its ``configuration``,
        ``settings``, the ``validation_accuracy`` and ``test_accuracy`` as means over its repeats, and its ``trials``
        with both accuracies, the test's 95 % ``interval`` and the ``run``; ``looks``: how often a choice was evaluated
        on the test images, more than once where trials were added after that.
    """
    before, chosen = study.chosen, []
    # A study continued without new trials evaluates the same few again; that is not another look.
    looks = 1 if before is None else before.get("looks", 1) + (before["trials"] != len(study.trials))
    for configuration in study.ranked[:count]:
        trials = [_evaluate(study, trial, split) for trial in configuration.trials]
        means = {
            name: sum(each[name] for each in trials) / len(trials) for name in ("validation_accuracy", "test_accuracy")
        }
        chosen.append(
            {
                "configuration": configuration.number,
                "settings": configuration.trials[0].to_plain()["settings"],
                **means,
                "trials": trials,
            }
        )
    return {"tried": len(study.configurations), "trials": len(study.trials), "looks": looks, "chosen": chosen}


def describe_looks(chosen: Mapping[str, Any]) -> str:
    """Return what to think of test images that were looked at before; empty if they were not."""
    looks = chosen.get("looks", 1)
    if looks == 1:
        return ""
    return (
        f"The test images were looked at {looks} times, as trials were added after a choice had been tried on them: if "
        "that was because of what they said, they took part in choosing."
    )


def _evaluate(study: Study, trial: Trial, split: Split) -> dict[str, Any]:
    run = _load(study, trial)
    known = run.results.get("test")
    if known is None:
        engine = get_engine(str(study.facts["engine"]))
        result = measure(run.plan, run.parameters, split, engine, best_epoch=trial.epoch, seconds=trial.seconds)
        _store(run, result)
        known, interval = result.test, list(result.interval)
    else:  # by a driver that was stopped before it could write down all of them
        interval = list(run.results["interval"])
    return {
        "number": trial.number,
        "run": trial.run,
        "validation_accuracy": trial.figure("accuracy"),
        "test_accuracy": known,
        "interval": interval,
    }


def _load(study: Study, trial: Trial) -> Run:
    try:
        return study.runs.load(trial.run)
    except RunError:  # which would say how runs are made, not what becomes of a study without them
        problem = f"has no run '{trial.run}' any more, whose weights are to be evaluated on the test images"
        raise RunError(problem, "search anew in another folder", path=study.folder) from None


def _store(run: Run, result: Result) -> None:
    """Add the test accuracy to a run's results: what has one can be reported and opened like any other run."""
    results: Mapping[str, Any] = {**run.results, **result.accuracies}
    with writing(run.folder):
        write_manifest(run.folder / FACTS, {**run.facts, "results": results})
