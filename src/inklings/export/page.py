"""A trained network as a page that anyone can open."""

from __future__ import annotations

from pathlib import Path

from inklings.models.model import Model
from inklings.storage import write_atomically
from inklings.web.browser_model import smallest_browser_model
from inklings.web.single_page import single_page


def write_page(model: Model, path: Path) -> int:
    """Write a model to an HTML file that needs no other; return how many bytes it takes.

    Parameters
    ----------
    model : Model
        Of a network or an ensemble.
    path : Path

    Raises
    ------
    RunError
        It is the model of an opponent, which no browser can compute.
    OSError
        The file cannot be written there.
    """
    content = single_page(smallest_browser_model(model)).encode()
    write_atomically(path, content)
    return len(content)
