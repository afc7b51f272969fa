"""The files of :mod:`inklings.web`, from a list made once: nothing is looked up by a path that somebody sent."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wasm": "application/wasm",
}
"""What may be served, by the end of its name. Browsers compile WebAssembly while it loads only under this type."""


@dataclass(frozen=True)
class Asset:
    """One file.

    Attributes
    ----------
    name : str
        Its path below ``static``, with slashes: ``"views/draw.js"``.
    content_type : str
    """

    name: str
    content_type: str
    _file: Traversable

    @cached_property
    def content(self) -> bytes:
        """What it holds."""
        return self._file.read_bytes()

    @cached_property
    def compressed(self) -> bytes:
        """What it holds, by gzip; without the time, so that the same file makes the same bytes."""
        return gzip.compress(self.content, mtime=0)

    @cached_property
    def sha256(self) -> str:
        """The hash of what it holds, as 64 hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


@cache
def assets() -> Mapping[str, Asset]:
    """Return all files by their names."""
    return {asset.name: asset for asset in _walk(files("inklings.web") / "static", "")}


def _walk(folder: Traversable, before: str) -> Iterator[Asset]:
    for entry in folder.iterdir():
        name = f"{before}{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, f"{name}/")
        # By a list: whatever else the folder may hold is not served.
        elif (kind := CONTENT_TYPES.get(f".{entry.name.rpartition('.')[2]}")) is not None:
            yield Asset(name, kind, entry)
