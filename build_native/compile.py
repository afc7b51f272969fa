"""Compile the C engine's libraries into a folder of their own, and put them where they are used."""

from __future__ import annotations

import os
import runpy
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from build_native.compilers import Compiler
from build_native.targets import Target

REALS = ("float", "double")


@dataclass(frozen=True)
class Built:
    """What came of compiling.

    Parameters
    ----------
    libraries : list of Path
        None if those for level 0 are missing, by which Python finds out what the processor can do.
    problems : list of str
        What the compiler said of each that failed, a line each.
    """

    libraries: list[Path]
    problems: list[str]


def compile_libraries(
    sources: Path, into: Path, compiler: Compiler, target: Target, environment: Mapping[str, str]
) -> Built:
    """Compile a library for each level of instructions and each kind of number.

    Parameters
    ----------
    sources : Path
        The folder of the C files.
    into : Path
        An empty folder.
    compiler : Compiler
    target : Target
    environment : mapping of str to str
        ``ARCHFLAGS``, ``CFLAGS`` and ``LDFLAGS`` are passed on.
    """
    wanted = [(real, level) for level in target.levels for real in REALS]
    jobs = [Job(sources, into, compiler, target, environment, *each) for each in wanted]
    # zig keeps what it compiles: here, since a home may not be writable, or hold what an older version kept.
    own = {f"ZIG_{kind}_CACHE_DIR": str(into / "zig-cache") for kind in ("LOCAL", "GLOBAL")} | dict(environment)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = list(pool.map(lambda job: _run(job, own), jobs))
    failed = {level for (_, level), answer in zip(wanted, answers, strict=True) if answer}
    good = [] if 0 in failed else [job.library for job in jobs if job.level not in failed]
    return Built(good, [answer for answer in answers if answer])


def put_in_place(libraries: list[Path], folder: Path) -> str:
    """Put new libraries where the package is imported from, and take away those of an older build.

    Nothing is taken away before all new ones are there. Each is exchanged in one go, so that a process that has loaded
    an old one keeps it, and none finds half a file. Return what kept them from it, empty if nothing did.
    """
    fresh = {path.name: folder / f"{path.name}.{uuid4().hex}.tmp" for path in libraries}
    try:
        for path in libraries:
            shutil.copyfile(path, fresh[path.name])
        for name, copy in fresh.items():
            copy.replace(folder / name)
        for old in set(folder.glob("native_*")) - {folder / name for name in fresh}:
            old.unlink(missing_ok=True)
    except OSError as error:  # Windows holds on to a library while a process has it loaded
        return f"{error.filename} cannot be replaced ({error.strerror}); end what is using it"
    finally:
        for copy in fresh.values():
            copy.unlink(missing_ok=True)
    return ""


def source_hash(folder: Path) -> str:
    """Return what names this version of the C sources; the library that is loaded must bear the same name."""
    return str(runpy.run_path(str(folder / "source_hash.py"))["source_hash"](folder))


@dataclass(frozen=True)
class Job:
    """One library to compile; the fields are those of :func:`compile_libraries`, a kind of number and a level."""

    sources: Path
    into: Path
    compiler: Compiler
    target: Target
    environment: Mapping[str, str]
    real: str
    level: int

    @property
    def library(self) -> Path:
        """The library's file."""
        return self.into / f"native_{self.real}_{self.level}{self.target.suffix}"

    @property
    def folder(self) -> Path:
        """Where everything goes that the compiler writes besides."""
        return self.into / f"{self.real}_{self.level}"

    def commands(self) -> list[list[str]]:
        """Return the calls that make the library.

        The user's flags come after ours, so that theirs hold; a level's come after theirs, since a library whose
        instructions are not those that its name says ends in a crash on another machine.
        """
        sources = [str(path) for path in sorted(self.sources.glob("*.c"))]
        compile_ = [
            *(*self.compiler.command, *self.compiler.flags(self.target)),
            *(*self._users("ARCHFLAGS"), *self._users("CFLAGS")),
            *(f"-DSOURCE_HASH={source_hash(self.sources)}", f"-DREAL={self.real}"),
            *self.compiler.level_flags(self.target, self.level),
        ]
        end = ["-o", str(self.library), *self._users("LDFLAGS")]
        if not (self.compiler.is_zig and self.target.triple):
            return [[*compile_, "-shared", *sources, *end, "-lm"]]
        # In two steps, so that the compiler's own run-time library is the same for all levels and compiled once; for
        # Windows zig makes no one object of several sources.
        objects = [f"{Path(name).stem}.o" for name in sources]
        steps = [[*compile_, "-c", name, "-o", made] for name, made in zip(sources, objects, strict=True)]
        # The level of optimisation again: zig compiles its memcpy and mathematics for the call that links.
        link = [*self.compiler.command, "-target", self.target.triple, "-O3", "-shared", "-s"]
        if not self.target.musl:
            return [*steps, [*link, *objects, *end, "-lm"]]
        # zig calls the C library libc.so, which musl's loader takes, but wheels' rules do not: an empty library that
        # bears the right name stands for it.
        stub = [*link, "-nostdlib", f"-Wl,-soname,{self.target.musl}", "empty.c", "-o", "stub.so"]
        named = ["-nostdlib", "-Wl,-z,undefs", *objects, "-Wl,--no-as-needed", "stub.so"]
        return [*steps, stub, [*link, *named, *end]]

    def _users(self, name: str) -> list[str]:
        return shlex.split(self.environment.get(name, ""))


def _run(job: Job, environment: dict[str, str]) -> str:
    """Make a library; return the compiler's first error, empty if there was none."""
    job.folder.mkdir()
    (job.folder / "empty.c").touch()
    for command in job.commands():
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=job.folder, env=environment)
        except OSError:
            return f"CC names {job.compiler.name}, and no C compiler was found there"
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"it exited with {done.returncode} and said nothing"]
            return f"{job.compiler.name} failed: {next((line for line in lines if 'error' in line), lines[0])}"
    return ""
