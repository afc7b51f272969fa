"""The run store: what was trained, how, and with what result.

One folder per run::

    run.json                network, recipe, data, split, seed, versions, machine, results
    history.jsonl           one row per epoch, appended during training
    weights.safetensors     the parameters, "layer_name/kind"
    checkpoint.safetensors  to resume from, while a run is unfinished; the one before is checkpoint-before.safetensors

Everything but the history is written atomically, and all of it can be read without this package.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inklings.arguments import as_path, checks_call, refuses_unknown
from inklings.data.parts import Split
from inklings.errors import RunError
from inklings.experiments.manifest import describe_run, write_manifest
from inklings.experiments.run import RUNNING, Run, read_run
from inklings.experiments.run_lock import lock_run
from inklings.experiments.run_writer import FACTS, RunWriter, write_history
from inklings.serialise import did_you_mean
from inklings.storage import remove_temporaries, writing
from inklings.training.checkpoint_file import find_checkpoint, remove_checkpoints
from inklings.training.fit_result import StopReason
from inklings.training.plans import Plan, slug_of


@refuses_unknown(RunError)
class RunStore:
    """A folder of runs.

    Parameters
    ----------
    folder : str or Path
        Created with the first run.

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = inklings.RunStore(folder.name)
    >>> comparison = inklings.compare(["softmax"], quick=True, store=store)
    >>> (run,) = store.runs()
    >>> len(store.runs()), store.load(run.id).title
    (1, 'softmax')
    >>> folder.cleanup()
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder: Path = as_path(folder, "a store's folder", RunError)

    @checks_call(RunError, plan=Plan, split=Split)
    def begin(
        self,
        plan: Plan,
        split: Split,
        *,
        engine: str,
        command: str = "",
        data_options: Mapping[str, Any] | None = None,
        split_options: Mapping[str, Any] | None = None,
        folder_name: str | None = None,
    ) -> RunWriter:
        """Begin a run: create its folder and store what is known before training.

        Parameters
        ----------
        plan : Plan
            The network and recipe to train.
        split : Split
            The images.
        engine : str
            The engine's name.
        command : str
            The command that repeats it.
        data_options, split_options : mapping, optional
            How the data were opened and split, in plain values, to open them again.
        folder_name : str, optional
            The run's id, which must not be taken; made of title and time if not given.
        """
        now = datetime.now(UTC)
        known = describe_run(plan, split)
        facts = {
            **known,
            "created": now.isoformat(timespec="seconds"),
            "stop_reason": RUNNING,
            "engine": engine,
            "data": {**known["data"], "options": dict(data_options or {})},
            "split": {**known["split"], "options": dict(split_options or {})},
            "command": command,
        }
        folder = self._make_folder(folder_name) if folder_name else self._make_new_folder(plan, now)
        run = Run(folder, facts)
        with writing(run.folder):
            write_manifest(run.folder / FACTS, facts)
        return RunWriter(run)

    @checks_call(RunError, run=Run)
    def reopen(self, run: Run) -> RunWriter:
        """Resume a run from its checkpoint, or from the start if it was killed before its first checkpoint.

        Rows written after the checkpoint are dropped, since they will come again. A damaged checkpoint gives way to the
        one before; the writer's ``resume`` says so.

        Raises
        ------
        RunError
            The run has ended, another process is training it, or its folder cannot be written.
        """
        # First of all, and the manifest read once more: another process may just have brought the run to its end.
        lock = lock_run(run.folder)  # held by this name until the writer holds it too
        run = read_run(run.folder)
        with writing(run.folder):
            remove_temporaries(run.folder)
            if run.stop_reason not in (RUNNING, StopReason.INTERRUPTED):
                remove_checkpoints(run.checkpoint)  # a kill after its end may have left them
                why = f"{run.id} has no checkpoint (it {run.stop_reason})"
                raise RunError(why, "only a run that was interrupted can be continued")
        resume = find_checkpoint(run.checkpoint)
        with writing(run.folder):
            if resume.checkpoint and resume.problems:
                run.checkpoint.unlink()  # damaged: the next one written would put it in place of the sound one before
            write_history(run.folder, resume.checkpoint.history if resume.checkpoint else ())
        writer = RunWriter(run, resume)
        assert writer.lock is lock
        return writer

    def _make_new_folder(self, plan: Plan, now: datetime) -> Path:
        """Make a folder under an id that nothing has yet."""
        while True:
            name = _new_id(plan, now)
            try:
                return self._make_folder(name)
            except RunError:
                # At ten runs a second, two draw the same four digits within half an hour. A name that cannot be made
                # though nothing is there, as below a link that leads nowhere, is another matter.
                if not (self.folder / name).exists():
                    raise

    def _make_folder(self, name: str) -> Path:
        # A name of one part: no path leads out of the store. Hidden folders are not listed as runs.
        if name != Path(name).name or name.startswith("."):
            raise RunError(f"folder_name is '{name}', expected the name of a folder within {self.folder}", found=name)
        folder = self.folder / name
        try:
            # Not exist_ok: a folder that is there is somebody's run.
            folder.mkdir(parents=True)
        except OSError as problem:
            raise RunError(f"{folder}: cannot be made ({problem.strerror})", "name another folder for runs") from None
        return folder

    @checks_call(RunError)
    def runs(self) -> list[Run]:
        """Return all readable runs, newest first."""
        runs = [run for run in map(_try_reading, self._folders()) if run is not None]
        # By id where two began in one second, so that the order is the same each time.
        return sorted(runs, key=lambda run: (run.facts["created"], run.id), reverse=True)

    def damaged(self) -> list[tuple[str, str]]:
        """Return the ids of unreadable runs, and why."""
        found = []
        for folder in self._folders():
            try:
                read_run(folder)
            except RunError as problem:
                found.append((folder.name, problem.message))
        return found

    @checks_call(RunError, id=str)
    def load(self, id: str) -> Run:
        """Return a run by its id, or by a unique prefix of it.

        Raises
        ------
        RunError
            There is no such run, the prefix is ambiguous, or the run is damaged.
        """
        folders = self._folders()
        # An id in full comes first: it may be the beginning of another.
        matches = [folder for folder in folders if folder.name == id] or [
            folder for folder in folders if id and folder.name.startswith(id)
        ]
        if len(matches) == 1:
            return read_run(matches[0])
        if matches:
            raise RunError(f"{len(matches)} runs begin with '{id}'", "give more of its id; `inklings runs` lists them")
        names = [folder.name for folder in folders]
        # Among hundreds of ids that differ in their last digits, the nearest is hardly the one that was meant.
        hint = did_you_mean(id, names) if 0 < len(names) <= 10 else "`inklings runs` lists them"
        raise RunError(
            f"no run '{id}' in {self.folder}", hint if names else "there is none yet; `inklings train` makes one"
        )

    def _folders(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(folder for folder in self.folder.iterdir() if folder.is_dir() and not folder.name.startswith("."))


def _new_id(plan: Plan, now: datetime) -> str:
    # The last four digits tell apart what begins within one second, as a comparison's trainings side by side do.
    return f"{slug_of(plan.title)}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _try_reading(folder: Path) -> Run | None:
    try:
        return read_run(folder)
    except RunError:
        return None
