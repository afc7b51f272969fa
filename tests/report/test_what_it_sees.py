"""What the report shows of a network's inside is that network's own."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from inklings.report.over_repeats import entrants_of
from inklings.report.what_it_sees import look_at_all


@pytest.fixture(scope="module")
def sights(comparison):
    return {each.title: each for each in look_at_all(entrants_of(comparison))}


def pixels_of(strip):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(strip.address.partition(",")[2]))))


def test_every_network_has_its_first_layer_and_images_right_and_wrong(sights, comparison):
    assert set(sights) == {each.plan.title for each in comparison.trained_networks}
    for sight in sights.values():
        assert [strip.caption.split(":")[0] for strip in sight.strips] == [
            "First layer",
            "Classified correctly",
            "Misclassified",
        ]


def test_a_weight_that_speaks_for_a_class_is_warm_and_one_against_it_cool(sights, comparison):
    trained = next(each for each in comparison.trained_networks if each.plan.title == "softmax")
    weights = next(values for name, values in trained.model.parameters.items() if name.endswith("/weights"))
    first = np.asarray(weights)[:, 0].reshape(20, 20)
    picture = pixels_of(sights["softmax"].strips[0]).astype(int)
    zoom = picture.shape[0] // 20
    for place, warm in ((first.argmax(), True), (first.argmin(), False)):
        row, column = divmod(int(place), 20)
        red, _, blue, _ = picture[row * zoom, column * zoom]
        assert bool(red > blue) is warm


def test_the_misread_images_are_named_by_both_classes(sights, comparison):
    trained = next(each for each in comparison.trained_networks if each.plan.title == "softmax")
    test, answers = trained.split.test, np.asarray(trained.answers)
    own = trained.probabilities[np.arange(len(test)), test.labels]
    worst = min(np.flatnonzero(answers != test.labels), key=lambda row: own[row])
    names = trained.split.dataset.class_names
    assert f"{names[test.labels[worst]]} taken for {names[answers[worst]]}" in sights["softmax"].strips[2].caption
