"""Run the story's notebook from top to bottom, and keep what it prints and draws: ``python tools/docs/run_story.py``.

It takes some minutes. Of the outputs only what a page shows is kept: text, and pictures of few colours.
"""

import base64
import io
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

STORY = Path(__file__).parents[2] / "docs" / "story.ipynb"


def run(path: Path = STORY) -> None:
    """Execute the notebook in place; the first cell that fails ends it with its error."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=1800, resources={"metadata": {"path": str(path.parent)}}).execute()
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number}"  # not a random one, so that what did not change stays the same
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [_slimmed(output) for output in cell.outputs if _is_shown(output)]
    nbformat.write(notebook, path)


def _is_shown(output: dict[str, Any]) -> bool:
    """Leave out warnings and progress, and what an expression's value is called where its picture is there."""
    return output.get("name") != "stderr"


def _slimmed(output: dict[str, Any]) -> dict[str, Any]:
    data = output.get("data", {})
    if png := data.get("image/png"):
        with Image.open(io.BytesIO(base64.b64decode(png))) as picture:
            small = io.BytesIO()
            picture.convert("RGB").quantize(128).save(small, "PNG", optimize=True)
        output["data"] = {"image/png": base64.b64encode(small.getvalue()).decode()}
    elif "text/html" in data:
        output["data"] = {"text/plain": data["text/plain"]}
    return output


if __name__ == "__main__":
    run(*map(Path, sys.argv[1:]))
