"""Compile the native engine when the package is built or installed for work on it.

One library for float32 and one for float64, each for several levels of instructions, of which the best that the
processor has is loaded. What compiles is the machine's C compiler, else the package ``ziglang``, which is asked for
where there is none. The environment decides:

``CC``
    The compiler. It is not replaced by another if it fails.
``CFLAGS``, ``LDFLAGS``, ``ARCHFLAGS``
    Passed on to it.
``INKLINGS_REQUIRE_NATIVE=1``
    A build without the native engine fails. Otherwise it warns, and another engine takes the native one's place.
``INKLINGS_TARGET``
    The platform's tag of another machine (``build_native/targets.py``), to build a wheel for; compiled by zig.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
# Whoever builds the package need not have its folder among those that Python imports from.
sys.path.insert(0, str(ROOT))
try:
    from build_native.compile import Built, compile_libraries, put_in_place
    from build_native.compilers import ZIG_REQUIREMENT, Compiler, find_compiler, needs_zig
    from build_native.targets import Target, named_target, this_machine
finally:
    sys.path.remove(str(ROOT))

FOLDER = "inklings/engines/native"
ADVICE = "install a C compiler (gcc or clang) and install again"


def compile_for(target: Target, sources: Path, into: Path, environment: Mapping[str, str]) -> tuple[Built, str]:
    """Compile all libraries into an empty folder; return what came of it, and the tag of the wheel that holds them."""
    compiler = find_compiler(environment)
    if compiler is None:
        return Built([], ["no C compiler was found (cc, gcc, clang), nor the package ziglang"]), ""
    built = compile_libraries(sources, into, compiler, target, environment)
    return built, f"py3-none-{platform_tag(compiler, target)}"


def compile_all(folder: Path) -> list[str]:
    """Compile all libraries for this machine into the package's folder; return what went wrong, a line each.

    Where that fails, the libraries that are there stay: the package refuses those of other sources.
    """
    with TemporaryDirectory(prefix="inklings-build-") as into:
        built, _ = compile_for(this_machine(os.environ), folder, Path(into), os.environ)
        problem = put_in_place(built.libraries, folder) if built.libraries else ""
    return [*built.problems, *([problem] if problem else [])]


def platform_tag(compiler: Compiler, target: Target) -> str:
    """Name the platform that the libraries are for.

    Zig, and any compiler on a Mac, is told how old a system the library must load on, and keeps to it. On Linux the
    machine's own compiler links to the machine's own C library, so that the wheel is for this machine: such a tag is
    accepted here and refused by an index.
    """
    if compiler.is_zig or target.oldest_macos:
        return target.tag
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")


class NativeEngineHook(BuildHookInterface):
    """Compiles before files are gathered."""

    def dependencies(self) -> list[str]:
        """Ask for zig where nothing else compiles."""
        return [ZIG_REQUIREMENT] if needs_zig(os.environ) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile: for an editable install into the sources' folder, for a wheel into the wheel alone."""
        name = os.environ.get("INKLINGS_TARGET", "")
        if name and version == "editable":
            self.app.abort(f"INKLINGS_TARGET={name} is for wheels; an editable install is for this machine")
        try:
            target = named_target(name) if name else this_machine(os.environ)
        except ValueError as error:
            self.app.abort(str(error))
        self._own = TemporaryDirectory(prefix="inklings-build-")
        folder = Path(self.root, "src", FOLDER)
        built, tag = compile_for(target, folder, Path(self._own.name), os.environ)
        if built.problems:
            self._report(built.problems[0], is_missing=not built.libraries)
        if not built.libraries:
            return
        if version == "editable" and (problem := put_in_place(built.libraries, folder)):
            self._report(problem, is_missing=False)
        build_data["force_include"] |= {str(path): f"{FOLDER}/{path.name}" for path in built.libraries}
        build_data["pure_python"] = False
        build_data["tag"] = tag

    def _report(self, problem: str, *, is_missing: bool) -> None:
        if os.environ.get("INKLINGS_REQUIRE_NATIVE", "0") not in ("", "0"):
            self.app.abort(f"{problem}; INKLINGS_REQUIRE_NATIVE asks for the native engine: {ADVICE}")
        what = "without the native engine" if is_missing else "without part of the native engine"
        self.app.display_warning(f"{problem}: {what} training is slower; {ADVICE}")

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take what was compiled away again; the wheel has it."""
        self._own.cleanup()
