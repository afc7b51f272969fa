"""Reloading stored runs: opening and splitting their images again, and comparing several runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset, Split
from inklings.data.open import open_again, open_dataset
from inklings.errors import RunError
from inklings.experiments.comparison import Comparison
from inklings.experiments.run import RUNNING, Run
from inklings.experiments.trained import trained_network_of
from inklings.serialise import arguments_from_plain


@checks_call(RunError)
def reopen_split(run: Run) -> Split:
    """Open the images of a run as it did, and split them the same way.

    Raises
    ------
    RunError
        The run was made from images in memory, or the images or the split have changed.

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> from inklings.experiments import reopen_split
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = inklings.RunStore(folder.name)
    >>> comparison = inklings.compare(["softmax"], quick=True, store=store, data_options={"name": "digits"})
    >>> (run,) = store.runs()
    >>> reopen_split(run).fingerprint == comparison.split.fingerprint
    True
    >>> folder.cleanup()
    """
    options: Mapping[str, Any] = run.facts["data"].get("options", {})
    division: Mapping[str, Any] = run.facts["split"].get("options", {})
    # What was made in Python has no name or seed in the manifest by which to make it again.
    if "name" not in options or not division:
        raise RunError(
            f"{run.id}: its images or its split were made in Python, expected a data set's name or path and a seed"
        )
    data = _open(options, run.id)
    split = data.split(**arguments_from_plain(Dataset.split, division, f"{run.id}: split.options", RunError))
    # Of the split's own data: a split may have labels changed, as in an experiment with label noise.
    # The split's too: a later version might draw another one from the same seed.
    for kind, found in (("data", split.dataset.fingerprint), ("split", split.fingerprint)):
        expected = run.facts[kind]["fingerprint"]
        if found != expected:
            raise RunError(
                f"{run.id}: the {kind} in {data.source} have the fingerprint {found[:12]}, expected {expected[:12]}",
                "the file was changed since; bring the old one back",
            )
    return split


def _open(options: Mapping[str, Any], id: str) -> Dataset:
    name = options["name"]
    if not isinstance(name, str):
        raise RunError(f"{id}: 'data.options.name' is {name!r:.60}, expected a data set's name or path")
    others = {key: value for key, value in options.items() if key != "name"}
    # Again: what was decided was said when the run was made.
    return open_again(name, **arguments_from_plain(open_dataset, others, f"{id}: data.options", RunError))


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
    >>> comparison = inklings.compare(["softmax"], quick=True, store=store, data_options={"name": "digits"})
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
def comparison_of(runs: Sequence[Run]) -> Comparison:
    """Return stored runs as a comparison.

    Raises
    ------
    RunError
        They differ in images or split, one has not finished, or the images cannot be opened again.

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> from inklings.experiments import comparison_of
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = inklings.RunStore(folder.name)
    >>> comparison = inklings.compare(["softmax"], quick=True, store=store, data_options={"name": "digits"})
    >>> (run,) = store.runs()
    >>> comparison_of([run]).results[0].title
    'softmax'
    >>> folder.cleanup()
    """
    for run in runs:
        if run.stop_reason == RUNNING or "test" not in run.results:
            raise RunError(f"{run.id} is not finished, expected a run with results", "train it to its end first")
    check_comparable(runs)
    split = reopen_split(runs[0])  # of the first: all have been found to share one
    trained_networks = tuple(trained_network_of(run, split) for run in runs)
    return Comparison(split, trained_networks, tuple(trained.result for trained in trained_networks))
