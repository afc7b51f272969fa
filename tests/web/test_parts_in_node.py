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


def test_what_is_not_quite_all_or_nothing_is_not_written_as_such(done):
    percents, rough = (
        [each.replace("\N{NO-BREAK SPACE}", " ") for each in done[name]] for name in ("percents", "rough")
    )
    assert percents == ["0.0 %", "<0.1 %", "12.3 %", ">99.9 %", "100.0 %"]
    assert rough == ["<1 %", "98 %", ">99 %", "100 %"]


def test_names_are_spoken_of_as_people_do(done):
    assert done["named"] == ["a 7", "an 8", "an 11", "a 12", "an 80", "a T-shirt", "an ankle boot"]


def test_a_training_that_was_left_is_not_listened_to_once_its_answer_comes(done):
    assert done["followed"] == [0, 0]
