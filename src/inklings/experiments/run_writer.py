"""A run in progress, whose training survives a full disk or a folder that was removed.

A row that cannot be written is written with the next one, and a run that cannot be stored in its own folder at the end
is stored in a temporary one.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inklings.arguments import refuses_unknown
from inklings.errors import RunError
from inklings.experiments.manifest import as_plain, write_manifest
from inklings.experiments.run_lock import RunLock, lock_run
from inklings.storage import write_atomically, write_checksummed
from inklings.training.callbacks import Callback
from inklings.training.checkpoint_file import FoundCheckpoint, remove_checkpoints
from inklings.training.epoch_record import EpochRecord
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.stored_facts import check_results

if TYPE_CHECKING:
    import inklings
    from inklings.experiments.run import Run

FACTS, HISTORY, WEIGHTS, CHECKPOINT = "run.json", "history.jsonl", "weights.safetensors", "checkpoint.safetensors"

log = logging.getLogger(__name__)


@refuses_unknown(RunError)
class RunWriter(Callback):
    """A run in progress: pass it to ``fit`` as a callback, and finish it with the result.

    Parameters
    ----------
    run : Run
        The run as it was begun. Other processes cannot resume it until it is finished.
    resume : FoundCheckpoint
        Where its training goes on, if it does.

    Attributes
    ----------
    resume : FoundCheckpoint
    problem : RunError or None
        Why the run could not be stored in its own folder, and where it is instead.

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> folder = tempfile.TemporaryDirectory()
    >>> writer = inklings.RunStore(folder.name).begin(plan, split, engine="native")
    >>> fitted = inklings.fit(plan.network, plan.recipe, split, callbacks=[writer])
    >>> result = inklings.experiments.measure_fitted(plan, fitted, split, inklings.get_engine())
    >>> writer.finish(fitted, result.accuracies).stop_reason
    'finished'
    >>> folder.cleanup()
    """

    def __init__(self, run: inklings.experiments.Run, resume: FoundCheckpoint = FoundCheckpoint(None)) -> None:  # noqa: B008 - immutable
        self.run: Run = run
        self.resume: FoundCheckpoint = resume
        self.problem: RunError | None = None
        self._history = HistoryFile(run.folder, resume.checkpoint.history if resume.checkpoint else ())
        self.lock: RunLock = lock_run(run.folder)

    def on_epoch_end(self, row: EpochRecord) -> None:
        """Append the record to the history."""
        self._history.append(row)

    def finish(self, fitted: FitResult, results: Mapping[str, Any]) -> Run:
        """Store the weights and the results.

        Parameters
        ----------
        fitted : FitResult
        results : mapping
            Plain values: ``train`` and ``validation``; ``test`` with its ``interval``, or neither.

        Returns
        -------
        Run
            Stored in a temporary folder if its own cannot be written; ``problem`` then says so.

        Raises
        ------
        RunError
            It can be stored in neither folder; or the results are not what can be read again, and nothing is stored.
        """
        found = {**results, "best_epoch": fitted.best_epoch, "seconds": round(fitted.seconds, 3)}
        # As they will be read: a file that nothing can read would be a training lost.
        # A round trip turns NumPy's numbers and tuples into what a reader will get.
        found = json.loads(json.dumps(found, default=as_plain))
        check_results(found, RunError)
        facts = {
            **self.run.facts,
            "stop_reason": str(fitted.stop_reason),
            "message": fitted.message,
            "results": found,
        }
        folder = self.run.folder
        try:
            # Weights first, facts last: `run.json` says "running" until all else is there.
            stored = store_outcome(folder, facts, fitted)
            # An interrupted run keeps it, to be resumed.
            if fitted.stop_reason is not StopReason.INTERRUPTED:
                remove_checkpoints(self.run.checkpoint)
        except OSError as problem:
            try:
                folder, stored, self.problem = store_elsewhere(folder, facts, fitted, problem)
            except RunError as lost:
                self.problem = lost
                raise
        finally:
            self.lock.release()
        return replace(self.run, folder=folder, facts=stored)


class HistoryFile:
    """A run's history while training goes on.

    Parameters
    ----------
    folder : Path
        The run's.
    rows : tuple of EpochRecord
        The rows the file has already.
    """

    def __init__(self, folder: Path, rows: Sequence[EpochRecord] = ()) -> None:
        self._folder, self._rows = folder, list(rows)
        self._is_whole = True

    def append(self, row: EpochRecord) -> None:
        """Append a row; if that fails, log a warning once and write it with a later row."""
        # All rows are kept, so that a later write can bring what an earlier one could not.
        self._rows.append(row)
        try:
            if self._is_whole:
                with (self._folder / HISTORY).open("a") as file:
                    file.write(_line(row))
            else:  # the failed write may have left half a row
                write_history(self._folder, tuple(self._rows))
        except OSError as problem:
            if self._is_whole:
                reason = problem.strerror or problem
                log.warning("%s: cannot be written (%s); training goes on", self._folder / HISTORY, reason)
            self._is_whole = False
        else:
            self._is_whole = True


def write_history(folder: Path, history: Sequence[EpochRecord]) -> None:
    """Replace the history by these rows."""
    write_atomically(folder / HISTORY, "".join(map(_line, history)))


def store_outcome(folder: Path, facts: Mapping[str, Any], fitted: FitResult) -> dict[str, Any]:
    """Store weights, history and manifest in a folder, created if it was removed; return the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = write_checksummed(folder / WEIGHTS, fitted.parameters, {"run": folder.name})
    # A killed training may have written rows after its last checkpoint, which came again; these are the valid ones.
    write_history(folder, fitted.history)
    stored = {**facts, "weights_sha256": digest}
    write_manifest(folder / FACTS, stored)
    return stored


def store_elsewhere(
    folder: Path, facts: Mapping[str, Any], fitted: FitResult, problem: OSError
) -> tuple[Path, dict[str, Any], RunError]:
    """Store a run in a temporary folder; return that folder, the manifest, and the error that reports it.

    Raises
    ------
    RunError
        It cannot be stored there either.
    """
    found = f"the run cannot be stored ({problem.strerror or problem})"
    temporary: str | None = None
    try:
        temporary = tempfile.mkdtemp(prefix="inklings-")
        # A folder of the run's own name within it, so that it can be moved as it is.
        elsewhere = Path(temporary) / folder.name
        stored = store_outcome(elsewhere, facts, fitted)
    except OSError:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        raise RunError(f"{found}, nor in a temporary folder", "make room, and train it again", path=folder) from None
    advice = "make room, then move its files there"
    return elsewhere, stored, RunError(f"{found}; it is in {elsewhere} instead", advice, path=folder)


def _line(row: EpochRecord) -> str:
    return json.dumps(row.to_dict()) + "\n"
