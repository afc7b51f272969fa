"""Compile the C engine to WebAssembly, for browsers: `make wasm`.

    python -m build_native.webassembly

Writes ``src/inklings/web/static/engine/inklings.wasm``, which is committed (docs/decisions/0026). It bears the hash of
its sources, as the libraries do, by which a test refuses a stale one. Needs ziglang alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from build_native.compile import source_hash
from build_native.compilers import FLAGS

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src/inklings/engines/native"
MODULE = ROOT / "src/inklings/web/static/engine/inklings.wasm"

# What JavaScript calls: the functions of training.h, network.h and abi.h that bindings.py has too, and memory.
EXPORTS = (
    *("malloc", "free", "structure_sizes", "compiled_from", "panel_columns", "panel_gap", "vector_lanes"),
    *("workspace_create", "workspace_free", "workspace_bytes", "layer_outputs", "predict", "evaluate", "train"),
)
# Vectors of 128 bits are in every browser since 2023 (Safari 16.4). `reactor`: a library, without a main function.
_MACHINE = ("-target", "wasm32-wasi", "-mcpu=generic+simd128")
# Without -pthread, threads.c does all parts in the one thread that calls: threads of WebAssembly share memory that a
# browser gives only to pages with headers which no file from the disk has.
_FLAGS = tuple(flag for flag in FLAGS if flag != "-pthread")


def compile_module(into: Path) -> None:
    """Compile the module to a file; a RuntimeError holds what the compiler said."""
    with TemporaryDirectory(prefix="inklings-wasm-") as folder:
        objects = []
        for source in sorted(SOURCES.glob("*.c")):
            objects.append(str(Path(folder, f"{source.stem}.o")))
            own = f"-DSOURCE_HASH={source_hash(SOURCES)}", "-DREAL=float"
            _zig(*_FLAGS, *own, "-c", str(source), "-o", objects[-1])
        exports = (f"-Wl,--export={name}" for name in EXPORTS)
        _zig("-s", "-O3", "-mexec-model=reactor", *exports, *objects, "-o", str(Path(folder, "made.wasm")), "-lm")
        into.write_bytes(Path(folder, "made.wasm").read_bytes())


def _zig(*arguments: str) -> None:
    command = [sys.executable, "-m", "ziglang", "cc", *_MACHINE, *arguments]
    # Kept from one call to the next: zig compiles the C library first, which takes longer than all of ours.
    kept = {f"ZIG_{kind}_CACHE_DIR": str(ROOT / "build" / "zig-cache") for kind in ("LOCAL", "GLOBAL")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=kept | dict(os.environ))
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip())


def main() -> None:
    """Compile into the package."""
    try:
        compile_module(MODULE)
    except RuntimeError as error:
        sys.exit(f"wasm: {error}")
    print(f"{MODULE.relative_to(ROOT)} {MODULE.stat().st_size:,} bytes, of sources {source_hash(SOURCES)}")


if __name__ == "__main__":
    main()
