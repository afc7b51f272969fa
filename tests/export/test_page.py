import warnings

import pytest

import inklings
from inklings.errors import DataError, DataWarning, RunError


@pytest.fixture(scope="module")
def few():
    return inklings.open_dataset("digits").take(range(0, 5000, 10)).split(seed=3, test=150, validation=100)


@pytest.fixture(scope="module")
def model(few):
    plan = inklings.preset("softmax", (20, 20, 1), 10)
    return inklings.fit(plan.network, plan.recipe.with_settings(steps=30), few).to_model()


def test_a_model_writes_the_page_that_the_function_writes(model, tmp_path):
    by_method, by_function = tmp_path / "method.html", tmp_path / "function.html"
    assert model.write_page(by_method) == by_method
    assert inklings.export.write_page(model, str(by_function)) == by_function
    assert by_method.read_bytes() == by_function.read_bytes()


def test_a_page_that_trains_holds_the_images_of_a_split(model, few, tmp_path):
    alone, training = model.write_page(tmp_path / "a.html"), model.write_page(tmp_path / "b.html", few, images=60)
    assert training.stat().st_size > alone.stat().st_size + 60 * 400


def test_a_split_that_cannot_be_made_again_is_warned_of(few, model, tmp_path):
    plan = inklings.preset("softmax", (20, 20, 1), 10)
    fitted = inklings.fit(plan.network, plan.recipe.with_settings(steps=5), few)
    facts = {"data": {"fingerprint": few.dataset.fingerprint}, "split": {"seed": 3, "fingerprint": few.fingerprint}}
    knowing = inklings.Model.from_parameters(plan.network, fitted.parameters, few, training=facts)
    with pytest.warns(DataWarning, match="not known which of these images") as warned:
        knowing.write_page(tmp_path / "page.html", few.dataset)
    assert warned[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        knowing.write_page(tmp_path / "page.html", few)


def test_what_makes_no_page_is_refused(model, tmp_path):
    with pytest.raises(DataError, match="images is 49, expected 50 to 20,000"):
        model.write_page(tmp_path / "page.html", "digits", images=49)
    with pytest.raises(DataError, match="images is given, but no data to take them from"):
        model.write_page(tmp_path / "page.html", images=500)
    with pytest.raises(DataError, match="expected the network's"):
        model.write_page(tmp_path / "page.html", inklings.open_dataset("digits28"))
    with pytest.raises(RunError, match="cannot be written"):
        model.write_page(tmp_path / "nowhere" / "page.html")
    assert not list(tmp_path.iterdir())
