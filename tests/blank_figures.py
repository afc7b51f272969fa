"""Figures that are saved without being drawn, for tests of other things; how they look has its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PIL import Image


def _write_blank_png(figure, path, *, palette):
    Image.new("RGB", (40, 30), "white").save(path)


def _write_blank_svg(figure, path):
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>')


@contextmanager
def blank_figures() -> Iterator[None]:
    """Save an empty picture for each figure of a report: drawing them takes longer than all else that writes one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inklings.report.figures._write_png", _write_blank_png)
        patch.setattr("inklings.report.figures._write_svg", _write_blank_svg)
        yield
