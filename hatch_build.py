"""Compile the native engine when the package is built or installed for work on it.

One library for float32 and one for float64, each for several levels of instructions, of which the best that the
processor has is loaded. Without a C compiler the package is built without them: the compiled engine takes their place,
and ``inklings doctor`` says so.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("src/inklings/engines/native")
# Sums may be taken in any order, which vectors need; NaN and infinity stay what they are.
FLAGS = (
    *("-std=gnu11", "-O3", "-fPIC", "-shared", "-pthread", "-fvisibility=default"),
    *("-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros", "-fassociative-math", "-freciprocal-math"),
)
REALS = ("float", "double")


def levels() -> dict[int, tuple[str, ...]]:
    """Give the compiler's flags for each level of instructions that ``level.c`` knows."""
    if platform.machine().lower() in ("x86_64", "amd64"):
        return {0: ("-march=x86-64",), 3: ("-march=x86-64-v3",), 4: ("-march=x86-64-v4", "-mprefer-vector-width=512")}
    return {0: ()}


def compiler() -> str | None:
    """Find a C compiler: the one that CC names, or the system's."""
    found = next((shutil.which(name) for name in (os.environ.get("CC", ""), "cc", "gcc", "clang") if name), None)
    return None if sys.platform == "win32" else found


def compile_library(cc: str, folder: Path, real: str, level: int, flags: tuple[str, ...]) -> str:
    """Compile one library; give what the compiler said if it failed."""
    sources = [str(path) for path in sorted(folder.glob("*.c"))]
    target = folder / f"native_{real}_{level}.so"
    fresh = target.with_suffix(".tmp")
    command = [cc, *FLAGS, *flags, f"-DREAL={real}", *sources, "-o", str(fresh), "-lm"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        return answer.stderr or f"{cc} failed"
    fresh.replace(target)  # in one go: a process that has loaded the old one keeps it
    return ""


class NativeEngineHook(BuildHookInterface):
    """Compiles before files are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and mark the package as one for this platform."""
        folder = Path(self.root) / FOLDER
        for old in folder.glob("native_*.so"):
            old.unlink()
        cc = compiler()
        if cc is None:
            self.app.display_warning("no C compiler found: built without the native engine, which is the fastest")
            return
        tasks = [(cc, folder, real, level, flags) for level, flags in levels().items() for real in REALS]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            problems = [problem for problem in pool.map(lambda task: compile_library(*task), tasks) if problem]
        if problems:
            self.app.display_warning(f"{problems[0]}\nbuilt without parts of the native engine, which is the fastest")
        build_data["artifacts"].append(f"{FOLDER}/native_*.so")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
