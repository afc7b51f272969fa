"""A run as it is stored: what was trained, how, and with what result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from inklings.data.kind import kind_of_images
from inklings.errors import InklingsError, RunError
from inklings.experiments.manifest import read_manifest
from inklings.experiments.run_writer import CHECKPOINT, FACTS, HISTORY, WEIGHTS
from inklings.networks import Network, Parameters, network_from_plain
from inklings.reprs import percent
from inklings.storage import read_checksummed, read_whole
from inklings.training.data_facts import USUAL_IMAGES, DataFacts
from inklings.training.fit_result import StopReason
from inklings.training.history import History
from inklings.training.plans import Plan, title_of
from inklings.training.recipe import Recipe

RUNNING = "running"
_LONGEST_HISTORY = 256 << 20
"""Bytes: a row takes about 300, so a million epochs."""


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """A run as it is stored.

    Parameters
    ----------
    folder : Path
        The run's own folder, named by its id.
    facts : mapping
        The contents of ``run.json``.

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = inklings.RunStore(folder.name)
    >>> comparison = inklings.compare(["softmax"], quick=True, store=store)
    >>> (run,) = store.runs()
    >>> run.title, run.stop_reason, run.network.parameter_count
    ('softmax', 'finished', 4010)
    >>> folder.cleanup()
    """

    folder: Path
    facts: Mapping[str, Any]

    def __repr__(self) -> str:
        test = self.results.get("test")
        accuracy = "" if test is None else f", {percent(test)} of the test images"
        return f"<Run {self.id}: {self.title}, {self.stop_reason}{accuracy}>"

    @property
    def id(self) -> str:
        """The run's id."""
        return self.folder.name

    @property
    def title(self) -> str:
        """Name and variant: ``"mlp (dropout)"``."""
        return title_of(self.facts["name"], self.facts["variant"])

    @property
    def stop_reason(self) -> str:
        """Why training ended; ``"running"`` until then, or if it was killed."""
        return str(self.facts["stop_reason"])

    @property
    def message(self) -> str:
        """The explanation of how training ended, if there is one."""
        return str(self.facts.get("message", ""))

    @property
    def results(self) -> Mapping[str, Any]:
        """Accuracies as fractions, the test's interval, best epoch and seconds; empty until training has ended."""
        results: Mapping[str, Any] = self.facts.get("results", {})
        return results

    @cached_property
    def network(self) -> Network:
        """The network that was trained."""
        return network_from_plain(self.facts["network"])

    @cached_property
    def recipe(self) -> Recipe:
        """How it was trained."""
        return Recipe.from_dict(self.facts["recipe"])

    @property
    def choices(self) -> tuple[str, ...]:
        """What was chosen for these images, and why."""
        return tuple(map(str, self.facts.get("choices", ())))

    @property
    def plan(self) -> Plan:
        """Network and recipe with their name."""
        data = self.facts["data"]
        kind = kind_of_images(data.get("class_names", ()), self.network.input_shape[2])
        # Should the facts lack the number, what is usual.
        # Runs of earlier versions lack the kind of images; the names of their classes tell it.
        known = DataFacts(self.facts["split"].get("train", USUAL_IMAGES), kind)
        return Plan(self.facts["name"], self.facts["variant"], self.network, self.recipe, known, self.choices)

    @cached_property
    def parameters(self) -> Parameters:
        """The weights, checked against the network, against corruption, and against mix-ups with another run."""
        path = self.folder / WEIGHTS
        expected = self.facts.get("weights_sha256")
        if expected is None:
            raise RunError(f"{self.id} has no weights, expected a run whose training has ended", "train it to its end")
        parameters, _ = read_checksummed(path, "the weights of a run", RunError)
        # Of the whole file, against `run.json`: the checksum within the file only shows that it is undamaged.
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != expected:
            raise RunError(
                f"{path}: SHA-256 {found[:12]}..., expected {expected[:12]}... as {FACTS} says",
                "these are the weights of another run; bring this run's back",
            )
        try:
            self.network.check_parameters(parameters)
        except InklingsError as problem:
            raise RunError(f"{path}: {problem.message}") from None
        return parameters

    @cached_property
    def history(self) -> History:
        """One record per epoch; a truncated last line is skipped."""
        path = self.folder / HISTORY
        content = read_whole(path, "the rows of a history", RunError, _LONGEST_HISTORY)
        try:
            # What follows the last line end is nothing, or a line that was cut off while it was written.
            rows = [json.loads(line) for line in content.decode("utf-8").split("\n")[:-1]]
        except (ValueError, RecursionError) as problem:
            raise RunError(f"{path}: not the rows of a history ({problem})") from None
        try:
            return History.from_plain(rows, RunError)
        except RunError as problem:
            raise RunError(f"{path}: {problem.message}", problem.hint) from None

    @property
    def checkpoint(self) -> Path:
        """Where an unfinished training can resume from; the file may not exist."""
        return self.folder / CHECKPOINT


def read_run(folder: Path) -> Run:
    """Read the run in a folder; a RunError says what is wrong with its facts."""
    path = folder / FACTS
    facts = read_manifest(path)
    endings = (RUNNING, *StopReason)
    if facts["stop_reason"] not in endings:
        raise RunError(f"{path}: 'stop_reason' is '{facts['stop_reason']}', expected one of: {', '.join(endings)}")
    return Run(folder, facts)
