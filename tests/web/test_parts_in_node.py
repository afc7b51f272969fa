"""Parts that all pages share: what they make of values, without a browser."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import inklings.web

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


@pytest.fixture(scope="module")
def done():
    script, static = Path(__file__).with_name("parts_in_node.mjs"), Path(inklings.web.__file__).parent / "static"
    return json.loads(subprocess.run([NODE, script, static], capture_output=True, timeout=60, check=True).stdout)


def test_rows_sort_by_the_day_not_by_the_year_that_it_begins_with(done):
    assert done["days"] == ["3 Nov", "5 Nov", "28 Nov", "-"]


def test_titles_that_begin_with_a_number_sort_as_words_with_the_others(done):
    assert done["titles"] == ["16 filters", "8 filters, 64 units", "cnn2", "mlp"]


def test_numbers_sort_by_their_size_and_what_has_none_stands_last(done):
    assert done["shares"] == [">99.9 %", "98.1 %", "9.5 %", "-"]
    assert done["rising"] == ["9.5 %", "98.1 %", ">99.9 %", "-"]
