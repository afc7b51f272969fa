"""Run the C engine's tests under the compiler's sanitizers, which end a process at the first fault that they see.

    python tools/sanitize.py address              memory and undefined behaviour (AddressSanitizer, UBSan)
    python tools/sanitize.py thread               races between threads (ThreadSanitizer)
    python tools/sanitize.py address --quick      fewer tests; whatever else comes after the name is for pytest

The engine is compiled into a copy of the package, with gcc or clang; Python itself is not, so that what is reported is
the engine's. A sanitizer's run-time library must be there before anything else: it is preloaded.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NATIVE = "inklings/engines/native"

FLAGS = {
    "address": "-fsanitize=address,undefined -fno-sanitize-recover=all",
    "thread": "-fsanitize=thread",
}
RUN_TIME = {"address": ("libasan.so", "libubsan.so"), "thread": ("libtsan.so",)}
OPTIONS = {
    # Python leaves much to the end of its process; what the engine leaves is measured by tests/engines/native.
    "address": {"ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1", "UBSAN_OPTIONS": "print_stacktrace=1"},
    "thread": {"TSAN_OPTIONS": "halt_on_error=1:report_signal_unsafe=0:exitcode=66"},
}
NATIVE_TESTS = "tests/engines/native"
TESTS = {
    "address": [NATIVE_TESTS],
    # Those in which threads share work; a network of a few numbers is one thread's.
    "thread": [f"{NATIVE_TESTS}/test_same_bits.py", f"{NATIVE_TESTS}/test_sessions.py"],
}
QUICK = {
    "address": [*(f"{NATIVE_TESTS}/test_{name}.py" for name in ("random_networks", "arrays", "layout"))],
    "thread": [f"{NATIVE_TESTS}/test_same_bits.py", "-k", "at_once or forked or before_changes or any_number"],
}
"""What is tried before every change lands, in a minute or two."""
# Times, memory, compilers' warnings and other libraries are not those of an instrumented engine; what preloads another
# library beside the sanitizer's breaks it.
LEFT_OUT = ("levels", "warnings", "memory", "stale_library", "failures")


def main(kind: str, arguments: list[str]) -> int:
    """Compile the engine with a sanitizer and run its tests; return pytest's exit code."""
    with tempfile.TemporaryDirectory(prefix="inklings-sanitized-") as name:
        package = Path(name)
        unlike = shutil.ignore_patterns("__pycache__", "native_*.so")
        shutil.copytree(ROOT / "src" / "inklings", package / "inklings", ignore=unlike)
        _compile(package / NATIVE, kind)
        environment = {
            **os.environ,
            **OPTIONS[kind],
            "PYTHONPATH": str(package),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONMALLOC": "malloc",  # so that every array of Python's has its own fence
            "LD_PRELOAD": " ".join(_run_time(each) for each in RUN_TIME[kind]),
            "OPENBLAS_NUM_THREADS": "1",
        }
        tests = QUICK if "--quick" in arguments else TESTS
        ignored = [f"--ignore={NATIVE_TESTS}/test_{name}.py" for name in LEFT_OUT]
        options = ["-q", "-x", "-m", "not slow", "-p", "no:cacheprovider", *ignored]
        own = [each for each in arguments if each != "--quick"]
        command = [sys.executable, "-m", "pytest", *options, *tests[kind], *own]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _compile(native: Path, kind: str) -> None:
    flags = f"-O1 -g -fno-omit-frame-pointer {FLAGS[kind]}"
    environment = {**os.environ, "CFLAGS": flags, "LDFLAGS": FLAGS[kind]}
    code = f"import hatch_build, pathlib; print(*hatch_build.compile_all(pathlib.Path({str(native)!r})))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    if done.stdout.strip():
        sys.exit(f"sanitize: {done.stdout.strip()}")


def _run_time(name: str) -> str:
    """Return where a sanitizer's library is: the compiler knows."""
    compiler = shlex.split(os.environ.get("CC", "cc"))
    found = subprocess.run([*compiler, f"-print-file-name={name}"], capture_output=True, text=True, check=True)
    path = Path(found.stdout.strip())
    if not path.is_absolute():
        sys.exit(f"sanitize: {compiler[0]} has no {name}; install gcc's sanitizers (libasan, libubsan, libtsan)")
    return str(path.resolve())


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in FLAGS:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
