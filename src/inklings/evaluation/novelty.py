"""Choosing the measure of novelty of a trained network, from its own training and validation images alone.

Nothing from outside is needed: images of nothing that the network learnt are made up
(:mod:`inklings.evaluation.made_up_images`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.lazy_images import Images
from inklings.evaluation.detectors import train_detectors
from inklings.evaluation.made_up_images import DRAWN, STROKES, make_up, redraw
from inklings.models.novelty import Novelty, Weighing, terms
from inklings.models.novelty_quantities import Measured, Subspaces, appearance_vectors, rounded, unit_vectors

if TYPE_CHECKING:
    from inklings.models import Model

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]

ACCEPTED = 0.99
"""The fraction of new familiar images that the threshold accepts, on average over validation images by chance."""

REFUSED, CONFIDENCE = 0.015, 0.95
"""The largest share of new familiar images that the threshold may refuse, and how sure that must be."""

FEWEST = 100
"""Validation images below which there is no measure: the threshold would rest on a single one of them."""

# The most that a class's subspace spans; its distance is what is left outside.
APPEARANCE_AXES, FEATURE_AXES = 40, 10
MOST_NUMBERS = 2_000_000
"""Numbers that the axes of all classes may have together: 4 MB in the model's file."""

_TRAINING, _VALIDATION = 20_000, 2000
"""How many training and validation images are looked at."""

_MADE_UP = 200
"""How many images of each kind are made up to weigh the quantities by."""

_EVIDENCE = 1000
"""The weight of all that is familiar, and of all that is novel, against the regression's penalty."""

_FOLDS = 5
"""Parts of the validation images; each is scored by weights that were fitted to the others."""

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


def choose_novelty(model: Model, training: Dataset, validation: Dataset) -> Novelty | None:
    """Fit the measure of novelty of a trained network.

    The subspaces come from training images. The quantities are weighed by a logistic regression that tells validation
    images, which the network has not fitted itself to, from made-up ones; the threshold follows from
    :func:`choose_score`.

    Parameters
    ----------
    model : Model
        With its preprocessing.
    training, validation : Dataset
        The parts it was trained on, and chosen by.

    Returns
    -------
    Novelty or None
        None if there are fewer than :data:`FEWEST` validation images, or the network's outputs are not finite.
    """
    from threadpoolctl import threadpool_limits

    if len(validation) < FEWEST:
        return None
    # Products of a few hundred rows: threads of BLAS wait longer for each other than one takes, and on a busy machine
    # thirty times as long.
    with threadpool_limits(1, "blas"):
        return _choose(model, training, validation)


def _choose(model: Model, training: Dataset, validation: Dataset) -> Novelty | None:
    # The same for all models: what is made up varies with the training images.
    random = np.random.default_rng([0, _STREAM])
    learnt, familiar = _some(training, _TRAINING, random), _some(validation, _VALIDATION, random)
    appearance, features = _subspaces(model, learnt)
    measured = Measured(appearance, features, *train_detectors(model, learnt, random, joint=features is not None))

    def measure(images: Images) -> Floats:
        return measured.quantities(images, *model.features_and_logits(images))

    right = model.features_and_logits(familiar.images)[1].argmax(1) == familiar.labels  # (n,)
    if right.sum() < FEWEST // 2:  # a network that only guesses
        # Being right says nothing then, and half of the images would be too few to learn what is familiar.
        right[:] = True
    made_up = make_up(familiar.images, familiar.labels, model.preparation, _MADE_UP, random)
    seen = _Seen(
        measure(familiar.images),
        measure(redraw(familiar.images, model.preparation)),
        right,
        {kind: measure(images) for kind, images in made_up.items()},
    )
    if not all(np.isfinite(each).all() for each in (seen.as_found, seen.redrawn, *seen.made_up.values())):
        return None
    # (n,): which fifth each validation image belongs to, by chance.
    folds = random.permutation(len(familiar)) % _FOLDS
    # All of them, for the weights that are kept; the threshold is from weights that leave out a fold each.
    weighed = _weigh(seen, folds >= 0)
    threshold = choose_score(_cross_fitted(seen, folds), ACCEPTED, REFUSED)
    return Novelty(measured, weighed, threshold, float((weighed.score(seen.as_found) <= threshold).mean()))


@dataclass(frozen=True, eq=False)
class _Seen:
    """The quantities of the images that the weights are fitted to.

    Parameters
    ----------
    as_found, redrawn : arrays, shape (n, quantities)
        Of the validation images.
    right : array of bool, shape (n,)
        Which of these the network gets right.
    made_up : dict of str to array
        By kind.
    """

    as_found: Floats
    redrawn: Floats
    right: NDArray[np.bool_]
    made_up: dict[str, Floats]


def _subspaces(model: Model, learnt: Dataset) -> tuple[Subspaces, Subspaces | None]:
    classes = len(model.class_names)
    appearance = fit_subspaces(appearance_vectors(learnt.images), learnt.labels, classes, APPEARANCE_AXES)
    features = model.features_and_logits(learnt.images)[0]
    if features is None or features.shape[1] * classes > MOST_NUMBERS:
        return appearance, None
    return appearance, fit_subspaces(unit_vectors(features), learnt.labels, classes, FEATURE_AXES)


def _weigh(seen: _Seen, used: NDArray[np.bool_]) -> Weighing:
    """Fit the weights to some of the validation images, and all that is made up.

    What is familiar counts as much as what is novel; of that each kind as much as another, and :data:`STROKES` times as
    much if it is drawn. What the network gets wrong is one more kind: of what must be refused, let it be these.
    """
    from sklearn.linear_model import LogisticRegression

    wrong = seen.as_found[used & ~seen.right]
    familiar = [each[used & seen.right] for each in (seen.as_found, seen.redrawn)]
    novel = [*seen.made_up.values()] + ([wrong] if len(wrong) else [])
    weights = [STROKES if kind in DRAWN else 1 for kind in seen.made_up] + [1] * (len(wrong) > 0)
    # A quantity that is the same for all images has no spread to divide by.
    centre, scale = np.concatenate(familiar).mean(0), np.maximum(np.concatenate(familiar).std(0), 1e-9)
    values, sizes = np.concatenate([*familiar, *novel]), [len(kind) for kind in (*familiar, *novel)]
    labels = np.repeat([0] * len(familiar) + [1] * len(novel), sizes)
    # Familiar images have 1 in all, shared by both ways they come in; novel ones 1 in all, shared by kind.
    shares = np.array([1 / len(familiar)] * len(familiar) + [each / sum(weights) for each in weights])
    # Each image has an equal part of its kind's share, however many images its kind has.
    counts = np.repeat(shares / sizes, sizes) * _EVIDENCE
    # Against a total weight of 2 * _EVIDENCE, a penalty this weak only keeps weights of separable data finite.
    fitted = LogisticRegression(C=10, solver="newton-cholesky").fit(
        terms(values, centre, scale), labels, sample_weight=counts
    )
    return Weighing(centre, scale, fitted.coef_[0].astype(np.float64), float(fitted.intercept_[0]))


def _cross_fitted(seen: _Seen, folds: Integers) -> Floats:
    """Return the scores of the validation images, each by weights that it had no part in, as a new image's."""
    scores = np.empty(len(folds))
    for fold in range(_FOLDS):
        scores[folds == fold] = _weigh(seen, folds != fold).score(seen.as_found[folds == fold])
    return scores


def choose_score(scores: Floats, accepted: float, refused: float | None = None) -> float:
    """Return the score that few new ones like these exceed.

    The k-th smallest of n, k >= (n + 1) * accepted: a new score from the same distribution exceeds it with a
    probability of at most 1 - accepted, on average over such samples (V. Vovk, A. Gammerman and G. Shafer, Algorithmic
    learning in a random world, 2005, proposition 2.3).

    Parameters
    ----------
    scores : array, shape (n,)
    accepted : float
    refused : float, optional
        Of new scores no larger share exceeds it, with :data:`CONFIDENCE`: that share is distributed as
        Beta(n + 1 - k, k) (S. S. Wilks, Determination of sample sizes for setting tolerance limits, 1941). Where there
        are too few scores for it, the largest is returned.
    """
    from scipy.stats import beta

    count = len(scores)
    # All k from the least that accepts enough on average; the tolerance limit may want a later one.
    places = np.arange(min(count, ceil((count + 1) * accepted)), count + 1)
    if refused is not None:
        places = places[beta.cdf(refused, count + 1 - places, places) >= CONFIDENCE]
    # The k-th smallest stands at k - 1.
    return float(np.sort(scores)[places[0] - 1 if len(places) else count - 1])


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
    # Half of the dimensions at most: a subspace that spans nearly all leaves no distance to measure.
    most = max(1, min(most, MOST_NUMBERS // (classes * dimensions), dimensions // 2))
    means = np.tile(vectors.mean(0), (classes, 1)).astype(np.float32)
    axes = np.zeros((classes, most, dimensions), np.float32)
    for number in range(classes):
        own = vectors[labels == number]
        count = min(most, len(own) // 2)
        if count:
            # Randomised, as only the first of some hundred axes are wanted;
            # seeded, so that a model is made twice alike.
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
    # In the data set's order, as lazy images lie in their file.
    return dataset.take(np.sort(random.choice(len(dataset), most, replace=False)))
