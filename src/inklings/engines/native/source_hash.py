"""Name a version of the C sources, so that a library compiled from others is never called."""

from __future__ import annotations

import hashlib
from pathlib import Path


def source_hash(folder: Path) -> str:
    """Return 16 hexadecimal digits that stand for all C sources in a folder; empty if there are none.

    Needs nothing but the standard library, since the package's build runs this file as well.
    """
    # Sorted: folders list their files in any order.
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".c", ".h"))
    contents = hashlib.sha256()
    for path in paths:
        # Zeros between them, so that moving text from one file to the next changes the hash.
        contents.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return contents.hexdigest()[:16] if paths else ""
