"""Compile the native engine when the package is built or installed for work on it.

One library for float32 and one for float64, each for several levels of instructions, of which the best that the
processor has is loaded. Without a C compiler the package is built without them: the compiled engine takes their place,
and ``inklings doctor`` says so.
"""

from __future__ import annotations

import os
import platform
import runpy
import shlex
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("src/inklings/engines/native")
# Nobody asks for the processor's exceptions, errno or the sign of a zero. Sums stay in the order they are written in,
# which keeps a product's tile in registers, but a division may be a product with the reciprocal. NaN and infinity stay
# what they are.
FLAGS = (
    *("-std=gnu11", "-O3", "-fPIC", "-shared", "-pthread", "-fvisibility=hidden"),
    *("-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros", "-freciprocal-math"),
)
REALS = ("float", "double")


def levels() -> dict[int, tuple[str, ...]]:
    """Give the compiler's flags for each level of instructions that ``cpu_features.c`` knows.

    They are named one by one, since compilers know x86-64-v3 and v4 only since about 2021.
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return {0: ()}
    three = ("-mavx2", "-mfma", "-mbmi", "-mbmi2")
    four = ("-mavx512f", "-mavx512bw", "-mavx512cd", "-mavx512dq", "-mavx512vl", "-mprefer-vector-width=512")
    return {0: ("-march=x86-64",), 3: ("-march=x86-64", *three), 4: ("-march=x86-64", *three, *four)}


def compiler() -> list[str]:
    """Find a C compiler: the one that CC names, or the system's; empty if there is none."""
    if sys.platform == "win32":
        return []
    commands = (shlex.split(name) for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"))
    return next((command for command in commands if command and shutil.which(command[0])), [])


def source_hash(folder: Path) -> str:
    """Return what names this version of the C sources; the library that is loaded must bear the same name."""
    return str(runpy.run_path(str(folder / "source_hash.py"))["source_hash"](folder))


def compile_library(cc: list[str], target: Path, flags: tuple[str, ...]) -> str:
    """Compile one library; give what the compiler said if it failed."""
    sources = [str(path) for path in sorted(target.parent.glob("*.c"))]
    fresh = target.with_suffix(".tmp")
    command = [*cc, *FLAGS, f"-DSOURCE_HASH={source_hash(target.parent)}", *flags, *sources, "-o", str(fresh), "-lm"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        errors = [line for line in answer.stderr.splitlines() if "error" in line]
        return f"{cc[0]} failed: {next(iter(errors), answer.stderr.strip())}"
    fresh.replace(target)  # in one go: a process that has loaded the old one keeps it
    return ""


def compile_all(folder: Path) -> list[str]:
    """Compile all libraries; give what is wrong with each that could not be. None of an older build is left."""
    targets = {
        folder / f"native_{real}_{level}.so": (f"-DREAL={real}", *flags)
        for level, flags in levels().items()
        for real in REALS
    }
    cc = compiler()
    problems = ["no C compiler was found"] * len(targets)
    if cc:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            problems = list(pool.map(partial(compile_library, cc), targets, targets.values()))
    built = {target for target, problem in zip(targets, problems, strict=True) if not problem}
    for old in set(folder.glob("native_*")) - built:
        old.unlink()
    return [problem for problem in problems if problem]


def platform_tag() -> str:
    """Name this platform as wheels do; what is compiled is for one kind of processor, even where Python is for two."""
    here = sysconfig.get_platform().replace("universal2", platform.machine())
    return here.replace("-", "_").replace(".", "_")


class NativeEngineHook(BuildHookInterface):
    """Compiles before files are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and mark the package as one for this platform if anything compiled is in it."""
        folder = Path(self.root) / FOLDER
        if problems := compile_all(folder):
            advice = "install a C compiler (gcc or clang) and install again"
            self.app.display_warning(f"{problems[0]}: without the native engine training is slower; {advice}")
        if any(folder.glob("native_*.so")):
            build_data["artifacts"].append(f"{FOLDER}/native_*.so")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform_tag()}"
