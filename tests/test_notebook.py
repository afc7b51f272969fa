"""What a notebook shows of the library's objects, and the data frames it makes of them."""

import base64
import builtins
import io
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import inklings
from inklings.errors import MissingDependencyError

EMPTY = {"img", "br"}


class Checked(HTMLParser):
    """Refuses tags that are not closed in order, and keeps the text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def pictures(text):
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', text)
    return [Image.open(io.BytesIO(base64.b64decode(each))) for each in found]


@pytest.fixture(scope="module")
def comparison():
    return inklings.compare(["softmax", "naive"], "digits", quick=True, engine="numpy")


def test_repeats_are_named_in_a_line_and_become_a_row_each():
    few = inklings.open_dataset("digits").take(range(0, 5000, 20))
    repeated = inklings.compare(["softmax", "naive"], few, quick=True, engine="numpy", repeats=2)
    assert repr(repeated) == "<RepeatedComparison of softmax, naive on digits: 2 repeats>"
    assert repr(repeated).strip("<>") in Checked(repeated._repr_html_()).texts
    frame = repeated.to_frame(each=True)
    assert frame["repeat"].tolist() == [0, 0, 0, 1, 1, 1]  # naive is also there with random weights
    assert frame["test"].tolist() == [result.test for each in repeated.repeats for result in each.results]
    assert frame.groupby("title")["test"].mean()["softmax"] == pytest.approx(repeated.to_frame()["test"][0])


def test_a_data_set_is_shown_with_examples_of_its_classes(comparison):
    data = inklings.open_dataset("digits")
    for shown, object in ((data._repr_html_(), data), (comparison.split._repr_html_(), comparison.split)):
        assert repr(object).strip("<>") in Checked(shown).texts
        (picture,) = pictures(shown)
        assert picture.width > 10 * picture.height
        assert np.ptp(np.asarray(picture)) > 200  # ink on paper


def test_markup_in_names_stays_text():
    images = np.random.default_rng(0).random((6, 8, 8))
    data = inklings.from_arrays(images, [0, 0, 0, 1, 1, 1], class_names=["<script>alert(1)</script>", "a & b"])
    plan = inklings.preset("softmax", data.image_shape, 2)
    fitted = inklings.fit(
        plan.network, plan.recipe.with_settings(epochs=1, steps=None), data.split(test=2), engine="numpy"
    )
    shown = inklings.Model.from_fit(fitted, data)._repr_html_()
    assert "script" not in Checked(shown).tags
    assert any("<script>alert(1)</script>, a & b" in text for text in Checked(shown).texts)


def test_a_network_is_shown_as_a_row_for_each_layer():
    network = inklings.preset("cnn2", (20, 20, 1), 10).network
    page = Checked(network._repr_html_())
    assert page.tags.count("tr") == 1 + len(network.layers)
    assert any(f"{network.parameter_count:,} parameters" in text for text in page.texts)


def test_a_training_is_told_in_a_line_and_shown_by_its_curves(comparison):
    fitted = comparison.trained_networks[0].fitted
    assert len(repr(fitted)) < 200
    assert f"{fitted.history[-1].validation_accuracy:.1%}" in repr(fitted)
    shown = fitted._repr_html_()
    Checked(shown)
    (picture,) = pictures(shown)
    assert picture.width > 500


def test_a_comparison_is_shown_and_framed_by_its_results(comparison):
    page = Checked(comparison._repr_html_())
    assert {"softmax", "naive"} <= set(page.texts)
    frame = comparison.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert frame["title"].tolist() == [result.title for result in comparison.results]
    assert frame["test"].tolist() == [result.test for result in comparison.results]
    ends = zip(frame["interval_low"], frame["interval_high"], strict=True)
    assert list(ends) == [result.interval for result in comparison.results]


def test_a_history_becomes_a_data_frame(comparison):
    history = comparison.trained_networks[0].fitted.history
    frame = history.to_frame()
    assert frame["epoch"].tolist() == [record.epoch for record in history]
    assert frame["validation_loss"].iloc[-1] == history[-1].validation_loss


def test_without_pandas_and_polars_it_is_said_what_to_install(comparison, monkeypatch):
    real = builtins.__import__

    def hidden(name, *rest):
        if name in ("pandas", "polars"):
            raise ModuleNotFoundError(name, name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", hidden)
    with pytest.raises(MissingDependencyError, match=r"needs pandas or polars.*pip install pandas"):
        comparison.to_frame()
