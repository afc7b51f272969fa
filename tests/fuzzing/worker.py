"""The process that tries one target's inputs, notes the time and memory of each, and keeps those that fail."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import sys
import time
import traceback
from pathlib import Path

try:
    import atheris
except ImportError:
    atheris = None
else:
    # Before anything of it is imported, and for whatever is imported later: which lines are reached is counted.
    atheris.instrument_imports(include=["inklings"], enable_loader_override=False).__enter__()

from fuzzing import targets
from fuzzing.__main__ import SLOWEST


class Recorder:
    """Tries inputs, and keeps one of each fault.

    Parameters
    ----------
    name : str
    out : Path
    """

    def __init__(self, name: str, out: Path) -> None:
        self.name, self.target, self.out = name, targets.TARGETS[name], out
        self.current = Path(os.environ.get("FUZZ_CURRENT", out / f".{name}.current"))
        self.count, self.slowest, self.known = 0, 0.0, set[str]()
        self.grown = _peak()

    def try_input(self, content: bytes) -> None:
        """Try an input."""
        self.current.write_bytes(content)
        started = time.process_time()  # of a machine that does other things too, the time on the wall says little
        try:
            targets.attempt(self.target, content)
        except Exception as error:
            self._keep(content, f"{type(error).__name__} at {_place(error)}", traceback.format_exc())
        seconds, peak = time.process_time() - started, _peak()
        if seconds > SLOWEST:
            self._keep(content, "slow", f"{seconds:.1f} s")
        if peak - self.grown > self.target.growth:
            self._keep(content, "memory", f"{(peak - self.grown) >> 20} MiB")
        self.count, self.slowest, self.grown = self.count + 1, max(self.slowest, seconds), max(self.grown, peak)

    def _keep(self, content: bytes, fault: str, told: str) -> None:
        if fault in self.known:
            return
        self.known.add(fault)
        where = self.out / f"{self.name}-{hashlib.sha256(fault.encode()).hexdigest()[:8]}"
        where.write_bytes(content)
        where.with_suffix(".txt").write_text(f"{fault}\n{told}", errors="backslashreplace")
        print(f"{self.name}: {fault} ({told.splitlines()[-1]:.150}) -> {where}", flush=True)


def fuzz_target(name: str, seconds: float, seed: int, out: Path) -> None:
    """Try inputs on a target for so many seconds, and say how many it were."""
    recorder, started = Recorder(name, out), time.monotonic()
    for content in recorder.target.seeds():
        recorder.try_input(content)
    targets.lower_limits()
    recorder.grown = _peak()
    if atheris is not None:
        _fuzz_guided(recorder, seconds, seed, started)
    for content in targets.inputs(recorder.target, seed):
        if time.monotonic() - started > seconds:
            break
        recorder.try_input(content)
    _tell(recorder, started)


def _fuzz_guided(recorder: Recorder, seconds: float, seed: int, started: float) -> None:
    """Let atheris keep the inputs that reach new lines of this package, and change those further."""
    corpus = targets.workplace() / "corpus"
    corpus.mkdir()
    for number, content in enumerate(recorder.target.seeds()):
        (corpus / str(number)).write_bytes(content)

    def change(content: bytes, most: int, number: int) -> bytes:
        return recorder.target.mutate(content, random.Random(number))[:most]

    def test_one_input(content: bytes) -> None:
        recorder.try_input(content)
        if time.monotonic() - started > seconds:  # libFuzzer ends the process itself, without a word of ours
            _tell(recorder, started)
            os._exit(0)

    unbounded = (
        "-timeout=86400",
        "-rss_limit_mb=0",
        "-verbosity=0",
        "-max_len=1048576",
    )  # what is tried here is bounded
    atheris.Setup([sys.argv[0], str(corpus), f"-seed={seed + 1}", *unbounded], test_one_input, custom_mutator=change)
    atheris.Fuzz()


def _tell(recorder: Recorder, started: float) -> None:
    seconds = time.monotonic() - started
    print(
        f"{recorder.name}: {recorder.count:,} inputs in {seconds:.0f} s, the slowest {recorder.slowest:.2f} s, "
        f"{len(recorder.known)} faults, peak {recorder.grown >> 20} MiB",
        flush=True,
    )


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _place(error: BaseException) -> str:
    """Return the innermost place of this package that an error went through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}inklings{os.sep}" in frame.filename] or list(frames)
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
