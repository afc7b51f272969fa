"""The README as a package index shows it: with addresses that lead from there to the project's pages and pictures.

An index shows the README alone. Once ``[project.urls]`` in ``pyproject.toml`` has a ``Source``, as on GitHub, each
relative link becomes one into that version of it; before, the README is as it is here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# [text](target) or ![text](target), the text over several lines, too; what begins with a scheme or # stays.
_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]*)\]\((?P<target>(?!\w+:|#)[^)\s]+)\)")


def with_absolute_links(text: str, source: str, version: str) -> str:
    """Return Markdown whose relative links lead to the files of a version.

    >>> with_absolute_links("![A 4](docs/4.png), [more](docs/more.md#why)", "https://example.org/us/ink/", "0.1.0")
    '![A 4](https://example.org/us/ink/raw/v0.1.0/docs/4.png), [more](https://example.org/us/ink/blob/v0.1.0/docs/more.md#why)'
    """

    def absolute(found: re.Match[str]) -> str:
        # A picture needs the file itself; what is read is better on the page around it.
        kind = "raw" if found["picture"] else "blob"
        address = f"{source.rstrip('/')}/{kind}/v{version}/{found['target']}"
        return f"{found['picture']}[{found['text']}]({address})"

    return _LINK.sub(absolute, text)


class ReadmeHook(MetadataHookInterface):
    """Sets the field ``readme``."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Read the README, and make its links absolute where it is known what to."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        source = metadata.get("urls", {}).get("Source")
        if source:
            text = with_absolute_links(text, source, metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
