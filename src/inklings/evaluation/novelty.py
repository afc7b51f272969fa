"""Choosing the measure of novelty of a trained network, from its own training and validation images alone.

Nothing from outside is needed: images of nothing that the network learnt are made up
(:mod:`inklings.evaluation.made_up_images`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.data import Dataset
from inklings.data.lazy_images import Images
from inklings.evaluation.made_up_images import make_up, redraw
from inklings.models.novelty import (
    Detector,
    Measured,
    Novelty,
    Subspaces,
    Weighing,
    pixel_vectors,
    rounded,
    terms,
    unit_vectors,
)
from inklings.models.preparation import Preparation

if TYPE_CHECKING:
    from inklings.models import Model

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]

ACCEPTED = 0.99
"""The fraction of the validation images whose novelty is at most the threshold."""

FEWEST = 100
"""Validation images below which there is no measure: the threshold would rest on a single one of them."""

PIXEL_AXES, FEATURE_AXES = 40, 10
MOST_NUMBERS = 2_000_000
"""Numbers that the axes of all classes may have together: 4 MB in the model's file."""

UNITS, EPOCHS = 128, 15
"""Of the detector: hidden units, and passes over its images."""

_TRAINING, _VALIDATION = 20_000, 2000
"""How many training and validation images are looked at."""

_MADE_UP, _MADE_UP_TO_LEARN = 200, 500
"""How many images of each kind are made up, to weigh the quantities by, and to train the detector with."""

_EVIDENCE = 1000
"""The weight of all that is familiar, and of all that is novel, against the regression's penalty."""

_STREAM = 0x0DD  # keeps these random numbers apart from those of weights, splits and shuffles


@dataclass(frozen=True)
class Coverage:
    """How many images a model accepts as like what it learnt.

    Attributes
    ----------
    images : int
    accepted : float
        The fraction accepted.
    accuracy : float or None
        The accuracy on those; None if there are none.
    refused_wrong : int
        How many of the others are predicted wrongly.
    """

    images: int
    accepted: float
    accuracy: float | None
    refused_wrong: int


def choose_novelty(model: Model, training: Dataset, validation: Dataset, *, seed: int = 0) -> Novelty | None:
    """Fit the measure of novelty of a trained network.

    The subspaces come from training images. The quantities are weighed by a logistic regression that tells validation
    images, which the network has not fitted itself to, from made-up ones; the threshold accepts
    :data:`ACCEPTED` of the validation images.

    Parameters
    ----------
    model : Model
        With its preprocessing.
    training, validation : Dataset
        The parts it was trained on, and chosen by.
    seed : int
        Decides what is made up.

    Returns
    -------
    Novelty or None
        None if there are fewer than :data:`FEWEST` validation images, or the network's outputs are not finite.
    """
    if len(validation) < FEWEST:
        return None
    random = np.random.default_rng([seed, _STREAM])
    learnt, familiar = _some(training, _TRAINING, random), _some(validation, _VALIDATION, random)
    measured = Measured(*_subspaces(model, learnt), train_detector(model.preparation, learnt, random))

    def measure(images: Images) -> Floats:
        return measured.quantities(images, *model.features_and_logits(images))

    seen = measure(familiar.images)
    right = model.features_and_logits(familiar.images)[1].argmax(1) == familiar.labels
    if right.sum() < FEWEST // 2:  # a network that only guesses
        right[:] = True
    made_up = make_up(familiar.images, familiar.labels, model.preparation, _MADE_UP, random)
    novel = [measure(images) for images in made_up.values()]
    # What the network gets wrong counts as one more kind: of what must be refused, let it be these.
    novel += [seen[~right]] if not right.all() else []
    redrawn = measure(redraw(familiar.images[right], model.preparation))
    if not all(np.isfinite(each).all() for each in (seen, redrawn, *novel)):
        return None
    weighed = _weigh([seen[right], redrawn], novel)
    scores = weighed.score(seen)
    threshold = choose_score(scores, ACCEPTED)
    return Novelty(measured, weighed, threshold, float((scores <= threshold).mean()))


def _subspaces(model: Model, learnt: Dataset) -> tuple[Subspaces, Subspaces | None]:
    classes = len(model.class_names)
    pixels = fit_subspaces(pixel_vectors(learnt.images), learnt.labels, classes, PIXEL_AXES)
    features = model.features_and_logits(learnt.images)[0]
    if features is None or features.shape[1] * classes > MOST_NUMBERS:
        return pixels, None
    return pixels, fit_subspaces(unit_vectors(features), learnt.labels, classes, FEATURE_AXES)


def train_detector(preparation: Preparation, learnt: Dataset, random: np.random.Generator) -> Detector:
    """Train a small network to tell training images, as they are and redrawn, from made-up ones."""
    from inklings.networks import Dense, Flatten, Network
    from inklings.networks.network import parameters_of
    from inklings.training import Recipe, fit

    made_up = make_up(learnt.images, learnt.labels, preparation, _MADE_UP_TO_LEARN, random)
    familiar = [learnt.images, redraw(learnt.images, preparation)]
    parts = [pixel_vectors(np.concatenate(each)) for each in (familiar, list(made_up.values()))]
    vectors = np.concatenate(parts).astype(np.float32)[:, np.newaxis, :, np.newaxis]
    labels = np.repeat([0, 1], [len(each) for each in parts])
    both = Dataset(vectors, labels, ("familiar", "made up"), source="novelty").split(test=None, validation=None)
    network = Network((1, vectors.shape[2], 1), (Flatten(), Dense(UNITS, "relu"), Dense(2, "softmax")))
    recipe = Recipe("adam", 1e-3, batch_size=100, epochs=EPOCHS)
    fitted = fit(network, recipe, both)
    hidden, last = (parameters_of(name, fitted.parameters) for name in network.names[1:])
    output = last["weights"][:, 1] - last["weights"][:, 0]
    return Detector(*(rounded(np.asarray(each)) for each in (hidden["weights"], hidden["biases"], output)))


def _weigh(familiar: Sequence[Floats], novel: Sequence[Floats]) -> Weighing:
    """Fit the weights: what is familiar counts as much as what is novel, and of that each kind as much as another."""
    from sklearn.linear_model import LogisticRegression

    centre, scale = np.concatenate(familiar).mean(0), np.maximum(np.concatenate(familiar).std(0), 1e-9)
    values = np.concatenate([*familiar, *novel])
    sizes = [len(kind) for kind in (*familiar, *novel)]
    labels = np.repeat([0] * len(familiar) + [1] * len(novel), sizes)
    shares = [1 / len(familiar)] * len(familiar) + [1 / len(novel)] * len(novel)
    counts = np.repeat(np.array(shares) / sizes, sizes) * _EVIDENCE
    fitted = LogisticRegression(C=10, max_iter=5000).fit(terms(values, centre, scale), labels, sample_weight=counts)
    return Weighing(centre, scale, fitted.coef_[0].astype(np.float64), float(fitted.intercept_[0]))


def choose_score(scores: Floats, accepted: float) -> float:
    """Return the score that at least a fraction of these do not exceed, and of new ones like them on average.

    The k-th smallest of n, k = ceil((n + 1) * accepted): a new score from the same distribution exceeds it with a
    probability of at most 1 - accepted (V. Vovk, A. Gammerman and G. Shafer, Algorithmic learning in a random world,
    2005, proposition 2.3).
    """
    place = min(len(scores), ceil((len(scores) + 1) * accepted))
    return float(np.sort(scores)[place - 1])


def fit_subspaces(vectors: Floats, labels: Integers, classes: int, most: int) -> Subspaces:
    """Compute each class's mean and first principal axes.

    Parameters
    ----------
    vectors : array, shape (n, dimensions)
    labels : array of int64, shape (n,)
    classes : int
        A class without images gets the mean of all, and no axes.
    most : int
        Axes of a class: fewer where :data:`MOST_NUMBERS` asks for it, and at most half as many as it has images.
    """
    from sklearn.decomposition import PCA

    dimensions = vectors.shape[1]
    most = max(1, min(most, MOST_NUMBERS // (classes * dimensions), dimensions // 2))
    means = np.tile(vectors.mean(0), (classes, 1)).astype(np.float32)
    axes = np.zeros((classes, most, dimensions), np.float32)
    for number in range(classes):
        own = vectors[labels == number]
        count = min(most, len(own) // 2)
        if count:
            fitted = PCA(count, svd_solver="randomized", random_state=0).fit(own)
            means[number], axes[number, :count] = fitted.mean_, fitted.components_
        elif len(own):
            means[number] = own.mean(0)
    return Subspaces(rounded(means), rounded(axes))


def coverage(familiar: NDArray[np.bool_], correct: NDArray[np.bool_]) -> Coverage:
    """Count what is accepted as like what a model learnt, and how accurate the model is there.

    Parameters
    ----------
    familiar, correct : arrays of bool, shape (n,)
        Whether each image is accepted, and predicted correctly.
    """
    right = float(correct[familiar].mean()) if familiar.any() else None
    return Coverage(len(familiar), float(familiar.mean()), right, int((~familiar & ~correct).sum()))


def _some(dataset: Dataset, most: int, random: np.random.Generator) -> Dataset:
    if len(dataset) <= most:
        return dataset
    return dataset.take(np.sort(random.choice(len(dataset), most, replace=False)))
