"""Contenders as processes that take turns: started, warmed up, told to go one after the other, and ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rows import Work

SCRIPTS = Path(__file__).parent / "contenders"
UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Left out of every contender's environment: they choose a slower kernel for NumPy."""


class ContenderError(Exception):
    """A contender could not do the work in this setting."""


@dataclass
class Contender:
    """A script in one setting, and what came of its turns."""

    name: str
    setting: str
    seconds: list[float] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    version: str = ""
    process: subprocess.Popen[str] | None = None
    log: Path | None = None

    @property
    def title(self) -> str:
        return f"{self.name}, {self.setting}"

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def spread(self) -> float:
        return spread(self.seconds)

    @property
    def accuracy(self) -> float:
        return median(answer["accuracy"] for answer in self.answers)

    @property
    def memory(self) -> float:
        return max(answer["memory"] for answer in self.answers)

    @property
    def is_float32(self) -> bool:
        return "bfloat16" not in self.setting

    def start(self, work: Work, data: Path, environment: dict[str, str], seed: int = 0) -> dict[str, Any]:
        """Start its process, wait until it has taken a turn as a warm-up, and give what it then says."""
        options = {"threads": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()}
        options |= work.options | (work.own if self.name == "inklings_engine" else {}) | {"seed": seed}
        task = {"work": work.work, "setting": self.setting, "data": str(data)} | options
        self.log = data.parent / f"{self.name}.log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(SCRIPTS / f"{self.name}.py"), json.dumps(task)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
            )
        answer = self._read()
        self.version = answer["ready"]
        return answer

    def turn(self, units: float) -> None:
        """Let it take a turn."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        answer = self._read()
        self.answers.append(answer)
        self.seconds.append(answer["seconds"] / units)

    def whole(self, work: Work, data: Path, environment: dict[str, str], seed: int) -> None:
        """Take a turn that is a process from its start until its work is done."""
        begun = time.perf_counter()
        self.answers.append(self.start(work, data, environment, seed))
        self.seconds.append((time.perf_counter() - begun) / work.units)
        self.end()

    def end(self) -> None:
        """Let it go."""
        if self.process is not None and self.process.stdin is not None:
            try:
                self.process.stdin.close()
                self.process.wait(20)
            except (OSError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
            self.process = None

    def _read(self) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            said = self.log.read_text().strip().splitlines() if self.log else []
            raise ContenderError(f"{self.title}: {said[-1][:200] if said else 'ended without a word'}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def spread(values: list[float]) -> float:
    """Give half the distance between the quartiles, against the median."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    return (ordered[-1 - quarter] - ordered[quarter]) / 2 / median(ordered)


def clean_environment(cache: Path) -> dict[str, str]:
    """Give the environment that every contender gets."""
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    return environment | {"TORCHINDUCTOR_CACHE_DIR": str(cache / "inductor")}
