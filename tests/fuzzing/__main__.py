"""Try changed inputs on whatever reads them: ``make fuzz SECONDS=600``, or ``python -m fuzzing --help`` in tests/.

Each target runs in a process of its own, so that a crash ends that one alone, and one that hangs is ended. Where the
package ``atheris`` is installed, inputs that reach new code are kept and changed further (coverage-guided fuzzing);
without it they are changed at random. Faults are listed once each, by the place that raised, with an input that shows
it under ``--out``.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

SLOWEST = 10.0
"""Seconds of work that one input may take."""
LONGEST = 120.0
"""Seconds after which an input is given up, however little was done."""


def main() -> int:
    """Fuzz the targets that were asked for, one process after the other; return 1 if there was a fault."""
    parser = argparse.ArgumentParser(prog="python -m fuzzing", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="for all targets together")
    parser.add_argument("--only", nargs="*", default=[], help="names of targets")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "inklings-faults")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    if asked.worker:
        from fuzzing.worker import fuzz_target

        fuzz_target(asked.worker, asked.seconds, asked.seed, asked.out)
        return 0
    from fuzzing.targets import TARGETS

    guided = "guided by coverage (atheris)" if importlib.util.find_spec("atheris") else "at random (no atheris)"
    names = asked.only or list(TARGETS)
    print(f"{len(names)} targets, {asked.seconds / len(names):.0f} s each, {guided}; faults go to {asked.out}")
    before = set(asked.out.iterdir())
    for name in names:
        _run(name, asked.seconds / len(names), asked.seed, asked.out)
    # Beside each input stands a text of where it was raised.
    faults = sorted(path for path in set(asked.out.iterdir()) - before if path.suffix != ".txt")
    print(f"{len(faults)} faults" + "".join(f"\n  {path}" for path in faults))
    return 1 if faults else 0


def _run(name: str, seconds: float, seed: int, out: Path) -> None:
    """Fuzz a target in a process of its own; one that crashes or hangs is a fault, whose input it left behind."""
    current = out / f".{name}.current"
    started = time.monotonic()
    until = started
    while (left := started + seconds - time.monotonic()) > 0 and until <= started + seconds:
        arguments = ["--worker", name, "--seconds", str(left), "--seed", str(seed), "--out", str(out)]
        process = subprocess.Popen(
            [sys.executable, "-m", "fuzzing", *arguments], env={**os.environ, "FUZZ_CURRENT": str(current)}
        )
        problem = _watch(process, current)
        if not problem:
            break
        if current.exists():
            content = current.read_bytes()
            print(f"{name}: {problem}")
            kind, mark = problem.split()[0].strip(":"), hashlib.sha256(content).hexdigest()[:8]
            (out / f"{name}-{kind}-{mark}").write_bytes(content)
        seed += 1000  # else the same inputs would come again
    current.unlink(missing_ok=True)


def _watch(process: subprocess.Popen[bytes], current: Path) -> str:
    """Wait for a process; return how it failed, empty if it did not.

    What counts is its own time, and no machine that is busy makes it longer; but what waits for ever uses none.
    """
    seen, spent, since = 0.0, 0.0, time.monotonic()
    while process.poll() is None:
        time.sleep(0.2)
        try:
            changed = current.stat().st_mtime
            times = psutil.Process(process.pid).cpu_times()
        except (FileNotFoundError, psutil.Error):
            continue
        if changed != seen:
            seen, spent, since = changed, times.user + times.system, time.monotonic()
        works, waits = times.user + times.system - spent, time.monotonic() - since
        if works > 2 * SLOWEST or waits > LONGEST:
            process.kill()
            process.wait()
            return f"hang: {works:.0f} s of work, {waits:.0f} s in all"
    return "" if process.returncode == 0 else f"crash of the process ({process.returncode})"


if __name__ == "__main__":
    sys.exit(main())
