"""Compilers have nothing to say against the C sources, on any platform.

``-Wsign-conversion`` is among what they are asked: sizes and offsets are signed (``int64_t``), since differences of
them may be negative, and meet ``size_t`` only in ``memcpy`` and ``malloc``, where a cast says so.
"""

import importlib.util
import platform
import shutil
import subprocess
import sys

import pytest

from inklings.engines.native import bindings

WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wdouble-promotion", "-Wshadow")
WARNINGS += ("-Wstrict-prototypes", "-Wmissing-prototypes", "-Wundef", "-Wvla", "-Werror")
AVX512 = ("-mavx2", "-mfma", "-mavx512f", "-mavx512bw", "-mavx512cd", "-mavx512dq", "-mavx512vl")
BUILDS = {"double": ("-DREAL=double",), "float": ("-DREAL=float",)}
if platform.machine() in ("x86_64", "AMD64"):
    BUILDS["float"] += AVX512
TARGETS = ("x86_64-linux-gnu.2.17", "aarch64-linux-musl", "aarch64-macos", "x86_64-windows-gnu")


def warnings_of(command, *flags):
    sources = sorted(str(path) for path in bindings.FOLDER.glob("*.c"))
    assert sources
    checked = [*command, "-std=gnu11", "-DSOURCE_HASH=0", *WARNINGS, *flags, *sources]
    done = subprocess.run(checked, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS.keys())
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_sources_compile_without_warnings(compiler, build):
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no {compiler}")
    assert warnings_of([compiler], "-fsyntax-only", *build) == ""


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ziglang") is None, reason="the package ziglang is not installed")
@pytest.mark.parametrize("target", TARGETS)
def test_sources_compile_without_warnings_for_other_platforms(target, tmp_path):
    command = [sys.executable, "-m", "ziglang", "cc", "-target", target]
    for real in ("float", "double"):
        # Zig has no -fsyntax-only: the whole library is compiled and linked.
        assert warnings_of(command, "-O1", "-shared", "-o", str(tmp_path / "library"), f"-DREAL={real}") == ""
