"""A report of several repeats is of all of them."""

import csv
import json
import re
from dataclasses import replace

import numpy as np
import pytest

import inklings
from inklings.experiments import compare_repeatedly
from inklings.report import write_report
from inklings.report.over_repeats import entrants_of
from inklings.report.page_data import inspect

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture(scope="module")
def repeated():
    digits = inklings.open_dataset("digits").take(np.arange(0, 5000, 10))
    return compare_repeatedly(["softmax", "mlp", "knn"], digits, repeats=3, quick=True, engine="numpy")


@pytest.fixture(scope="module")
def page(repeated, tmp_path_factory):
    return write_report(repeated, tmp_path_factory.mktemp("repeated"))


@pytest.fixture(scope="module")
def data(page):
    return json.loads(re.search(r'type="application/json">(.*?)</script>', page.read_text(), re.S)[1])


def test_the_confusion_matrix_sums_the_test_images_of_all_repeats(repeated, data):
    expected = np.zeros((10, 10), int)
    for repeat in repeated.repeats:
        np.add.at(expected, (repeat.split.test.labels, repeat.contenders[0].answers), 1)
    assert data["networks"][0]["title"] == "softmax"
    assert data["networks"][0]["confusion"] == expected.tolist()


def test_an_image_is_shown_with_how_often_it_was_taken_for_what(repeated, data):
    network, shown = data["networks"][0], data["images"]["rows_of_data"]
    place, answer, times, tested, confidence, _ = network["worst"][0]
    row = shown[place]
    found = [
        (repeat.contenders[0].answers[repeat.split.test_rows == row], repeat.contenders[0].probabilities)
        for repeat in repeated.repeats
        if row in repeat.split.test_rows
    ]
    assert tested == len(found)
    assert times == sum(int(answers[0]) == answer for answers, _ in found)
    assert answer != data["images"]["labels"][place]
    assert 0 < confidence <= 1


def test_flips_are_counted_over_all_repeats_and_shown_those_most_often_first(repeated, data):
    flip = next(each for each in data["flips"] if set(each["titles"]) == {"softmax", "knn"})
    first, second = flip["titles"]
    found = repeated.flips_between(first, second)
    assert flip["counts"] == [found.total_first, found.total_second]
    times = [each[1] for each in flip["images"][0]]
    assert times == sorted(times, reverse=True)
    rows = [data["images"]["rows_of_data"][each[0]] for each in flip["images"][0]]
    assert rows == found.rows_for_first[: len(rows)].tolist()


def test_the_curves_have_every_repeat_and_the_band_of_all(repeated, data):
    (mlp,) = (each for each in data["curves"] if each["title"] == "mlp (plain)")
    assert len(mlp["runs"]) == 3
    band = mlp["bands"]["epochs"]["cost"]["validation"]
    losses = [repeat.trained_networks[1].fitted.history[-1].validation_loss for repeat in repeated.repeats]
    assert band["mean"][-1] == pytest.approx(np.mean(losses), rel=1e-3)
    assert band["deviation"][-1] == pytest.approx(np.std(losses, ddof=1), rel=1e-3)
    assert set(mlp["bands"]) == {"epochs", "steps", "seconds", "images"}


def test_tables_have_means_with_their_spread(page):
    with (page.parent / "tables" / "classes-softmax.csv").open() as file:
        rows = list(csv.reader(file))
    assert all("±" in cell for row in rows[1:] for cell in row[1:4])
    with (page.parent / "tables" / "flips.csv").open() as file:
        assert len(list(csv.reader(file))) == 1 + 10


def test_nothing_on_the_page_is_of_the_first_split_alone(page):
    text = page.read_text()
    assert "first split" not in text
    assert "seeds 0 to 2" in text
    assert re.search(
        r"(No network (beats|is significantly more accurate than) knn|Networks beat the opponent).*µs an image", text
    )


def test_a_single_comparison_is_the_same_with_one_repeat(repeated):
    (first, *_) = repeated.repeats
    found = inspect(entrants_of(first), [])
    assert found["repeats"] == 1
    assert sum(map(sum, found["networks"][0]["confusion"])) == len(first.split.test)
    assert found["curves"][0]["bands"] == {}


def test_answers_after_several_looks_come_without_p_values_that_do_not_know_of_them(repeated, tmp_path):
    looked = replace(repeated, at_most=3, answers=repeated.decide(3))
    page = write_report(looked, tmp_path)
    with (tmp_path / "tables" / "pairs.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["answer"] for row in rows] == [answer.verdict.value for answer in looked.answers]
    assert not any(heading.startswith("p ") or heading == "p" for heading in rows[0])
    assert "the probability that any answer is false is 5 % at most" in page.read_text()
    assert "Holm's correction" not in page.read_text()
