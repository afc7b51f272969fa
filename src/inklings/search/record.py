"""What a study keeps on disk, written by the driver alone.

::

    study.json      what was asked: the space, the data, the split, sampler, pruning, seed; atomically
    trials.jsonl    the record: a line per trial (inklings.search.trial), appended and synchronised as each one ends
    chosen.json     the few that were evaluated on the test images once all trials had ended, and how often that was
    runs/           the run of every trial, trial-00012 for number 12, as inklings train stores them

Of several lines of one number the last one counts: with pruning a trial has a line for every rung. A driver that is
killed while it writes leaves half a line, which is skipped when the record is read and cut off before the next line is
written; whatever was complete before stays readable.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from inklings.errors import RunError
from inklings.search.stored_study import check_chosen, check_study, check_trial
from inklings.search.trial import Trial
from inklings.storage import refuse_special, write_atomically, writing

STUDY, TRIALS, CHOSEN, RUNS = "study.json", "trials.jsonl", "chosen.json", "runs"
FORMAT = "inklings study 1"


class RecordFile:
    """The record of a study, open for appending.

    Parameters
    ----------
    folder : Path
        The study's, which must exist. Half a line at the record's end is cut off.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / TRIALS
        refuse_special(self.path, RunError)
        with writing(self.path):
            # Not "a", in which a position could not be chosen; created if it is not there.
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            os.lseek(self._descriptor, _cut_torn_line(self._descriptor), os.SEEK_SET)

    def append(self, trials: list[Trial]) -> None:
        """Write trials that have ended; once this returns, not even a power cut loses them.

        Raises
        ------
        RunError
            The disk is full or the folder is gone.
        """
        if not trials:
            return
        lines = "".join(json.dumps(trial.to_plain(), allow_nan=False) + "\n" for trial in trials).encode()
        with writing(self.path, "make room, then continue the study"):
            while lines:
                # write may take a part only, as where the disk is nearly full.
                lines = lines[os.write(self._descriptor, lines) :]
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def _cut_torn_line(descriptor: int) -> int:
    """Cut off what follows the last line end, and return where the next line begins."""
    size = os.fstat(descriptor).st_size
    # Backwards, block by block: a line is short, and a record of 100,000 trials is not read for the sake of its last
    # one.
    end, block = size, 1 << 16
    while end > 0:
        start = max(0, end - block)
        os.lseek(descriptor, start, os.SEEK_SET)
        found = os.read(descriptor, end - start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end < size:
        os.ftruncate(descriptor, end)
    return end


def read_trials(folder: Path) -> dict[int, Trial]:
    """Return the trials of a study by their numbers, the paused ones included; half a line at the end is skipped.

    Raises
    ------
    RunError
        A line before the last is not a trial: the file was changed by something else.
    """
    path = folder / TRIALS
    refuse_special(path, RunError)
    try:
        # What follows the last line end is the beginning of a line that was being written when the driver died, or
        # empty.
        lines = path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise RunError(f"cannot be read ({problem.strerror})", path=path) from None
    trials: dict[int, Trial] = {}
    for place, line in enumerate(lines, start=1):
        try:
            plain = json.loads(line)
            check_trial(plain)
            trial = Trial.from_plain(plain)
        except (ValueError, TypeError, RecursionError, OverflowError, RunError) as problem:
            told = problem.message if isinstance(problem, RunError) else f"{type(problem).__name__}: {problem}"
            found = f"line {place} is not a trial ({told})"
            raise RunError(found, "remove that line; its trial will run again", path=path) from None
        # A trial may have several lines, paused at a rung and then ended: the last one counts.
        trials[trial.number] = trial
    return trials


def write_study(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write what was asked of a study."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / STUDY, json.dumps({"format": FORMAT, **facts}, indent=1) + "\n")


def read_study(folder: Path) -> dict[str, Any]:
    """Return what was asked of a study.

    Raises
    ------
    RunError
        There is no study in the folder, or its description is damaged.
    """
    path = folder / STUDY
    refuse_special(path, RunError)
    facts = _read_json(path, "a study", f"inklings search makes one: --out {folder}")
    if facts.get("format") != FORMAT:
        raise RunError(f"has the format '{facts.get('format')!s:.60}', expected '{FORMAT}'", path=path)
    _check(check_study, facts, path)
    return facts


def write_chosen(folder: Path, chosen: Mapping[str, Any]) -> None:
    """Write what the few chosen trials came to on the test images."""
    with writing(folder):
        write_atomically(folder / CHOSEN, json.dumps(chosen, indent=1) + "\n")


def read_chosen(folder: Path) -> dict[str, Any] | None:
    """Return what the chosen trials came to; None while none were chosen."""
    path = folder / CHOSEN
    if not path.exists():
        return None
    chosen = _read_json(path, "the chosen trials of a study", "remove it, and continue the study")
    _check(check_chosen, chosen, path)
    return chosen


def _check(check: Callable[[Mapping[str, Any]], None], facts: Mapping[str, Any], path: Path) -> None:
    try:
        check(facts)
    except RunError as problem:
        raise RunError(problem.message, "the file was changed, or is of another version", path=path) from None


def _read_json(path: Path, what: str, hint: str) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"there is none, expected {what}", hint, path=path) from None
    except (OSError, ValueError, RecursionError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else problem
        raise RunError(f"cannot be read ({reason}), expected {what}", hint, path=path) from None
    if not isinstance(found, dict):
        raise RunError(f"holds a {type(found).__name__}, expected {what}", hint, path=path)
    return found
