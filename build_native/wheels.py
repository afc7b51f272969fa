"""Build wheels for every target on one machine, by zig.

    python -m build_native.wheels dist                                the seven of them
    python -m build_native.wheels dist win_amd64 macosx_11_0_arm64    some

Prints a table of names, sizes and seconds. Needs hatchling and ziglang; `make wheels` brings both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from build_native.targets import TARGETS, named_target

ROOT = Path(__file__).parents[1]
LARGEST = 6_000_000
"""Bytes: what is larger holds something that does not belong into a wheel."""


def build_wheel(tag: str, folder: Path) -> Path:
    """Build one wheel into a folder and return its file.

    Raises
    ------
    RuntimeError
        It was not built, or is not what it should be.
    """
    environment = {name: value for name, value in os.environ.items() if name not in ("CC", "ARCHFLAGS")}
    environment |= {"INKLINGS_TARGET": tag, "INKLINGS_REQUIRE_NATIVE": "1"}
    # Kept from one call to the next: for Windows zig compiles some hundred files of MinGW first.
    kept = {f"ZIG_{kind}_CACHE_DIR": str(ROOT / "build" / "zig-cache") for kind in ("LOCAL", "GLOBAL")}
    with TemporaryDirectory(prefix="inklings-wheel-", dir=folder) as own:
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", own]
        done = subprocess.run(command, cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError((done.stderr + done.stdout).strip())
        (wheel,) = Path(own).glob("*.whl")
        if wheel.stat().st_size > LARGEST:
            raise RuntimeError(f"{wheel.name} takes {wheel.stat().st_size:,} bytes, expected {LARGEST:,} at most")
        return wheel.replace(folder / wheel.name)


def main() -> None:
    """Build the wheels that the command line names."""
    folder, *tags = sys.argv[1:] or ["dist"]
    Path(folder).mkdir(parents=True, exist_ok=True)
    try:
        for tag in [named_target(tag).tag for tag in tags] or TARGETS:
            started = time.perf_counter()
            wheel = build_wheel(tag, Path(folder))
            seconds = time.perf_counter() - started
            print(f"{wheel.name:56} {wheel.stat().st_size / 1e6:5.2f} MB {seconds:6.1f} s", flush=True)
    except (RuntimeError, ValueError) as error:
        sys.exit(f"wheels: {error}")


if __name__ == "__main__":
    main()
