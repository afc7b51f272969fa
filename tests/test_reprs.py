"""What an interpreter prints of an object fits on a screen, whatever it holds."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import pytest
from PIL import Image

import inklings
from inklings import findings, insight, models, opponents, pages
from inklings.models import Prediction
from inklings.reprs import short_repr

LONGEST = 700


@pytest.fixture(scope="module")
def split():
    return inklings.open_dataset("digits").take(range(0, 5000, 20)).split()


@pytest.fixture(scope="module")
def model(split):
    layers = inklings.Conv2D(4, 3), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    recipe = inklings.Recipe("adam", steps=3)
    return inklings.fit(inklings.Network((20, 20, 1), layers), recipe, split).to_model()


def test_whatever_holds_arrays_is_short(model, split, tmp_path):
    picture, images = tmp_path / "seven.png", split.test.images[:20]
    Image.fromarray(np.uint8(255 - 255 * images[3, :, :, 0].clip(0, 1))).resize((100, 100)).save(picture)
    np.save(tmp_path / "images.npy", images)
    shown = [
        *models.read_picture(model, picture),
        models.read_page(model, picture),
        model.predict_file(tmp_path / "images.npy"),
        model.evaluate(split.test.images, split.test.labels),
        insight.integrated_gradients(model, images),
        insight.most_exciting(model, images, "conv2d_1", 0),
        insight.output_sum(model, images[0], "conv2d_1", 0, 3, 3),
        insight.pooling_choice(model, images[0], "maxpool2d_1", 0, 2, 2),
        insight.project_classes(model, split.test),
        insight.weight_images(model),
        insight.worst_mistakes(model.predict_proba(split.test), split.test.labels),
        findings.check_data(split.dataset),
        opponents.fit_opponent(opponents.named_opponent("knn", (20, 20, 1)), split),
        pages.open_page(picture),
    ]
    assert [text for text in map(repr, shown) if len(text) > LONGEST or "\n" in text] == []


def test_comparisons_are_short(split):
    repeated = inklings.compare(["softmax", "knn"], split.dataset, quick=True, repeats=2)
    single = repeated.repeats[0]
    shown = [repeated, single, *repeated.pairs, *single.trained_networks, *single.opponents, *repeated.results]
    assert [text for text in map(repr, shown) if len(text) > LONGEST or "\n" in text] == []
    assert repeated.pairs[0].sentence in repr(repeated.pairs[0])


def test_a_prediction_says_its_class_and_whether_to_trust_it():
    assert repr(Prediction("7", {"7": 0.97, "1": 0.03}, is_confident=True)) == "<Prediction '7', 97.0%>"
    doubtful = Prediction("7", {"7": 0.5, "1": 0.5}, is_confident=False, novelty=9.0, is_familiar=False)
    assert repr(doubtful) == "<Prediction '7', 50.0%, unsure, not like what it learnt>"


def test_a_long_path_keeps_its_end():
    @short_repr
    @dataclass(repr=False)
    class Written:
        path: object

    path = PurePosixPath("/a/folder/of/many/names") / ("deep" * 20) / "digits.inkling"
    assert re.fullmatch(r"Written\(path=PurePosixPath\('\.\.\..*/digits\.inkling'\)\)", repr(Written(path)))
    assert repr(Written([path])) == "Written(path=<list of 1>)"


def test_arrays_are_told_by_their_shape(split, model):
    answer = repr(model.predict_file)  # a method, which is no array
    assert "predict_file" in answer
    found = insight.weight_images(model)
    first = found[0] if isinstance(found, list | tuple) else found
    assert "images=<array (" in repr(first)


def test_a_run_says_what_was_trained_and_with_what_result(split, tmp_path):
    store = inklings.RunStore(tmp_path)
    comparison = inklings.compare(["softmax"], split, quick=True, engine="numpy", store=store)
    (run,) = store.runs()
    test = comparison.results[0].test
    assert repr(run) == f"<Run {run.id}: softmax, finished, {test:.1%} of the test images>"
