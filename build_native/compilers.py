"""Which C compiler there is, and what it has to be told."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from build_native.targets import Target

# One minor version: zig changes its command line between two of them. Wheels of it exist for these systems alone, and
# a requirement that nobody can meet would keep the package from being installed at all.
ZIG_REQUIREMENT = "ziglang>=0.17,<0.18; sys_platform == 'linux' or sys_platform == 'darwin' or sys_platform == 'win32'"

# Nobody asks for the processor's exceptions, errno or the sign of a zero. Sums stay in the order they are written in,
# which keeps a product's tile in registers, but a division may be a product with the reciprocal. NaN and infinity stay
# what they are.
FLAGS = (
    *("-std=gnu11", "-O3", "-pthread", "-fvisibility=hidden"),
    *("-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros", "-freciprocal-math"),
)
_PROBE = "#include <math.h>\n#include <pthread.h>\n#include <stdlib.h>\nint probe(void) { return abs(-1); }\n"


@dataclass(frozen=True)
class Compiler:
    """A C compiler.

    Parameters
    ----------
    command : tuple of str
        What it is called by.
    is_zig : bool
        Whether it is zig's, which compiles for any machine.
    """

    command: tuple[str, ...]
    is_zig: bool = False

    @property
    def name(self) -> str:
        """What messages call it."""
        return "ziglang" if self.is_zig else self.command[0]

    def flags(self, target: Target) -> tuple[str, ...]:
        """Return what a target needs before the flags of a level."""
        flags = FLAGS if target.is_windows else (*FLAGS, "-fPIC")
        if self.is_zig and target.triple:
            flags = (*flags, "-target", target.triple)  # else zig compiles for the very processor it runs on
        elif target.oldest_macos:
            flags = (*flags, f"-mmacosx-version-min={target.oldest_macos}")
        return flags

    def level_flags(self, target: Target, level: int) -> tuple[str, ...]:
        """Return what a level of instructions needs."""
        base = ("-march=x86_64" if self.is_zig else "-march=x86-64",) if target.is_x86 else ()
        return (*base, *target.levels[level])


def find_compiler(environment: Mapping[str, str]) -> Compiler | None:
    """Return the compiler that is used here, None if there is none yet.

    ``CC`` decides alone: what is named and does not work is not replaced by another. Else it is the first of cc, gcc
    and clang that compiles a few lines (on a Mac without the developer tools, and beside a C library without headers,
    there is a cc that cannot), else zig where Python has it. For ``INKLINGS_TARGET`` it is zig.
    """
    if named := shlex.split(environment.get("CC", "")):
        is_zig = any(Path(part).stem in ("zig", "ziglang") for part in named)
        if is_zig or not environment.get("INKLINGS_TARGET"):
            return Compiler(tuple(named), is_zig)
    if not needs_zig(environment):
        return Compiler((next(name for name in ("cc", "gcc", "clang") if _works(name)),))
    return Compiler((sys.executable, "-m", "ziglang", "cc"), is_zig=True) if find_spec("ziglang") else None


def needs_zig(environment: Mapping[str, str]) -> bool:
    """Say whether only zig can compile here: for another machine, or since there is no other compiler."""
    if environment.get("INKLINGS_TARGET"):
        return True
    # On Windows gcc and clang may each be of several kinds, and Microsoft's compiler lacks what the sources use.
    found_none = sys.platform == "win32" or not any(map(_works, ("cc", "gcc", "clang")))
    return found_none and not environment.get("CC", "").strip()


def _works(name: str) -> bool:
    path = shutil.which(name)
    if not path:
        return False
    with TemporaryDirectory(prefix="inklings-probe-") as folder:
        source = Path(folder, "probe.c")
        source.write_text(_PROBE, encoding="utf-8")
        command = [path, "-shared", "-fPIC", "-pthread", str(source), "-o", os.fspath(Path(folder, "probe")), "-lm"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
