import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from blank_figures import blank_figures
from inklings import RunError, write_report

pytestmark = pytest.mark.usefixtures("undrawn")


# The page with its figures as they are is looked at in a browser.
@pytest.fixture(scope="module")
def folder(comparison, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "new"
    with blank_figures():
        write_report(comparison, folder, command="inklings compare softmax naive mlp")
    return folder


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.images = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_the_table_is_written_as_json_a_row_a_network(folder, comparison):
    table = json.loads((folder / "results.json").read_text())
    assert [row["variant"] for row in table] == ["", "random weights", "", "plain", "dropout", "L2"]
    assert table[0]["test"] == comparison.results[0].test


def test_the_page_needs_no_other_file_and_no_network(folder):
    text = (folder / "report.html").read_text()
    page = Page(text)
    addresses = [value for _, attrs in page.tags for key, value in attrs.items() if key in ("src", "href")]
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert not re.search(r"url\((?!\$\{sheet\})|@import|<script[^>]+src", text)


def test_every_picture_says_in_words_what_it_shows(folder):
    page = Page((folder / "report.html").read_text())
    alts = [attrs["alt"] for tag, attrs in page.tags if tag == "img"]
    assert len(alts) == 2 + 5 + 2 + 3 + 1 + 5 * 3
    assert all(len(alt) > 20 for alt in alts)


def test_the_page_tells_what_was_run_and_how_to_repeat_it(folder, comparison):
    text = (folder / "report.html").read_text()
    assert comparison.split.dataset.fingerprint in text
    assert "inklings compare softmax naive mlp" in text
    for result in comparison.results:
        assert f"{result.test:.1%} ({result.interval.low:.1%}" in text


def test_a_quick_comparison_says_so(folder):
    assert "should not be quoted" in (folder / "report.html").read_text()


def test_each_training_is_told_what_is_the_matter_with_it_unless_it_was_cut_short(comparison, folder, tmp_path):
    heading = "How each training went"
    assert heading not in (folder / "report.html").read_text()
    two = comparison.trained_networks[:2]
    whole = replace(comparison, trained_networks=two, results=tuple(each.result for each in two), quick=False)
    text = write_report(whole, tmp_path).read_text()
    assert heading in text
    assert text.count("<code>inklings ") >= 2


def test_every_table_is_written_as_csv(folder, comparison):
    with (folder / "tables" / "classes-softmax.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["class", "precision", "recall", "F1", "images"]
    assert sum(int(row[-1]) for row in rows[1:]) == len(comparison.split.test)
    assert {file.name for file in (folder / "tables").iterdir()} >= {"results.csv", "cost.csv"}


def test_pictures_lie_beside_it_as_png_and_svg(folder):
    names = {file.name for file in (folder / "pictures").iterdir()}
    for name in ("over-fitting", "over-fitting-1", "over-fitting-2", "over-fitting-3", "curves-softmax", "accuracies"):
        assert {f"{name}.png", f"{name}.svg"} <= names


def test_a_folder_that_cannot_be_written_is_refused_in_one_line(comparison, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="the report cannot be written"):
        write_report(comparison, tmp_path / "file")
