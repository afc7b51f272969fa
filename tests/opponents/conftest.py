"""Opponents of every kind, fitted on few small images with few trees and patches."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import inklings
from inklings.data import Dataset
from inklings.opponents import OPPONENTS, fit_opponent, named_opponent
from inklings.opponents.freeze import freeze

SMALLER = {
    "forest": {"n_estimators": 15},
    "extra-trees": {"n_estimators": 15},
    "boosting": {"max_iter": 6},
    "patches": {"patchfeatures__patches": 20},
}


def ten_classes():
    digits = inklings.open_dataset("digits")
    return Dataset(digits.images[:450, ::2, 1:19:2], digits.labels[:450], digits.class_names)


def two_classes():
    digits = inklings.open_dataset("digits")
    rows = np.flatnonzero(digits.labels < 2)[:240]
    return Dataset(digits.images[rows, 3:15, 2:20], digits.labels[rows], ("no", "yes"))


def colours_and_a_class_that_training_lacks():
    random = np.random.default_rng(0)
    labels = np.arange(240) % 4
    images = random.random((240, 5, 7, 3), np.float32).repeat(2, 1).repeat(2, 2)[:, :9] * 0.6
    images[np.arange(240), 2:7, 2 + 3 * labels, labels % 3] += 0.4
    lacking = np.flatnonzero(labels == 1)
    others = np.flatnonzero(labels != 1)
    return Dataset(
        images,
        labels,
        ("ant", "bee", "cat", "dog"),
        given_test=np.concatenate([lacking, others[:60]]),
        given_validation=others[60:100],
    )


DATA = {"ten": ten_classes, "two": two_classes, "colours": colours_and_a_class_that_training_lacks}


@cache
def make_split(data):
    return DATA[data]().split(seed=0)


@cache
def fit_small(name, data="ten"):
    """Return a fitted opponent, its form and its arrays; tests of other rooms need the same."""
    split = make_split(data)
    opponent = replace(named_opponent(name, split.dataset.image_shape), grid={})
    opponent.estimator.set_params(**SMALLER.get(name, {}))
    fitted = fit_opponent(opponent, split)
    return fitted, *freeze(fitted, split.validation.images, split.dataset.image_shape)


@pytest.fixture(scope="session")
def splits():
    return {data: make_split(data) for data in DATA}


@pytest.fixture(scope="session")
def fit_named():
    return fit_small


@pytest.fixture(params=OPPONENTS)
def name(request):
    return request.param
