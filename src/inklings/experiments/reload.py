"""Comparing stored runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inklings.arguments import checks_call
from inklings.data.parts import Split
from inklings.errors import RunError
from inklings.experiments.comparison import Comparison
from inklings.experiments.reopen import check_split, reopen_split
from inklings.experiments.run import RUNNING, Run
from inklings.experiments.trained import trained_network_of


@checks_call(RunError)
def check_comparable(runs: Sequence[Run]) -> None:
    """Refuse runs with different images or splits; the RunError names the first.

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> from inklings.experiments import check_comparable
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = inklings.RunStore(folder.name)
    >>> comparison = inklings.compare(["softmax"], quick=True, store=store)
    >>> (run,) = store.runs()
    >>> check_comparable([run, run])
    >>> folder.cleanup()
    """
    if not runs:
        raise RunError("there are no runs, expected at least one")
    first = runs[0]
    for run in runs[1:]:
        for kind in ("data", "split"):
            ours, theirs = first.facts[kind], run.facts[kind]
            if ours["fingerprint"] != theirs["fingerprint"]:
                one, other = (_describe(kind, facts) for facts in (ours, theirs))
                raise RunError(
                    f"{first.id} and {run.id} have different {kind}: {one} and {other}",
                    "their accuracies are not comparable; --anyway shows them nevertheless",
                )


def _describe(kind: str, facts: Any) -> str:  # noqa: ANN401 - a part of run.json
    name = facts["source"] if kind == "data" else f"seed {facts['seed']}"
    return f"{name} ({facts['fingerprint'][:12]})"


@checks_call(RunError)
def comparison_of(runs: Sequence[Run], split: Split | None = None) -> Comparison:
    """Return stored runs as a comparison.

    Parameters
    ----------
    runs : sequence of Run
    split : Split, optional
        What they were trained on; opened again if not given, which needs a data set's name or path.

    Raises
    ------
    RunError
        They differ in images or split, one has not finished, the images cannot be opened again, or ``split`` is
        another.

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> from inklings.experiments import comparison_of
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = inklings.RunStore(folder.name)
    >>> comparison = inklings.compare(["softmax"], quick=True, store=store)
    >>> (run,) = store.runs()
    >>> comparison_of([run]).results[0].title
    'softmax'
    >>> folder.cleanup()
    """
    for run in runs:
        if run.stop_reason == RUNNING or "test" not in run.results:
            raise RunError(f"{run.id} is not finished, expected a run with results", "train it to its end first")
    check_comparable(runs)
    # Of the first: all have been found to share one.
    split = reopen_split(runs[0]) if split is None else check_split(runs[0], split)
    trained_networks = tuple(trained_network_of(run, split) for run in runs)
    return Comparison(split, trained_networks, tuple(trained.result for trained in trained_networks))
