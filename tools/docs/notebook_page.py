"""An executed notebook as a page: its text, its code, what that printed, and its pictures."""

import base64
import json
from pathlib import Path
from typing import Any


def read_notebook(path: Path, folder: str) -> tuple[str, dict[str, bytes]]:
    """Return a notebook as Markdown, and its pictures by their paths, which begin with ``folder``."""
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in json.loads(path.read_text())["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            if png := output.get("data", {}).get("image/png"):
                name = f"{folder}/{len(pictures) + 1}.png"
                pictures[name] = base64.b64decode(png)
                parts.append(f"![{_title_of(cell)}]({name})")
            elif text := _text_of(output):
                parts.append(f"```{{code-block}} text\n:class: printed\n\n{text.rstrip()}\n```")
    return "\n\n".join(parts) + "\n", pictures


def _title_of(cell: dict[str, Any]) -> str:
    """For whoever hears the page instead of seeing it; the cell's own metadata say what its picture shows."""
    return str(cell["metadata"]["picture"])


def _text_of(output: dict[str, Any]) -> str:
    return "".join(output.get("text", ()) or output.get("data", {}).get("text/plain", ()))
