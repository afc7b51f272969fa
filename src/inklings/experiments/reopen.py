"""Opening and splitting the images of a stored run again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.open import open_again, open_dataset
from inklings.data.parts import Split
from inklings.errors import DataError, RunError
from inklings.experiments.run import Run
from inklings.serialise import arguments_from_plain


def opened_by(data: str | Path | Dataset | Split, given: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return how images were opened, for a run to open them again: as was said, else as it was done."""
    if given is not None:
        return given
    if isinstance(data, str | os.PathLike):
        return {"name": os.fspath(data)}
    whole = data.dataset if isinstance(data, Split) else data
    return whole.opened or {}


@checks_call(RunError)
def reopen_split(run: Run) -> Split:
    """Open the images of a run as it did, and split them the same way.

    Raises
    ------
    RunError
        The run was made from images in memory, or the images or the split have changed.
    DataError
        The images are not where they were, or cannot be read any more.

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> from inklings.experiments import reopen_split
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = inklings.RunStore(folder.name)
    >>> comparison = inklings.compare(["softmax"], quick=True, store=store)
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
            f"{run.id}: its images or its split were made in Python, expected a data set's name or path and a seed",
            "in Python, pass the split that it was trained on",
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


def check_split(run: Run, split: Split) -> Split:
    """Return the split if it is the one that a run was trained on; raise a RunError if it is another."""
    expected, found = run.facts["split"]["fingerprint"], split.fingerprint
    if found != expected:
        problem = f"{run.id} was trained on another split (fingerprint {expected[:12]}, found {found[:12]})"
        raise RunError(problem, "take inklings.experiments.reopen_split(run)", found=found, expected=expected)
    return split


def _open(options: Mapping[str, Any], id: str) -> Dataset:
    name = options["name"]
    if not isinstance(name, str):
        raise RunError(f"{id}: 'data.options.name' is {name!r:.60}, expected a data set's name or path")
    others = {key: value for key, value in options.items() if key != "name"}
    arguments = arguments_from_plain(open_dataset, others, f"{id}: data.options", RunError)
    try:
        # Again: what was decided was said when the run was made.
        return open_again(name, **arguments)
    except DataError as problem:
        # A relative path leads to the images only from the folder that the run was trained in.
        hint = "go to the folder that it was trained in, or bring them back"
        raise problem.within(f"the images of {id}").advising(hint) from None
