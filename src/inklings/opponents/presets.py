"""The opponents that come with Inklings, each with a small grid of settings.

``logistic`` is the linear baseline; ``knn``, ``forest``, ``extra-trees``, ``boosting`` and ``svm`` are what a data
scientist tries first; ``hog-svm`` and ``patches`` are the strongest quick ones, and beat most networks.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable

from inklings.arguments import checks_call
from inklings.errors import NetworkError
from inklings.opponents.opponent import Opponent

Shape = tuple[int, int, int]
STRONGEST = ("hog-svm", "patches")
"""The two with the highest accuracy on the bundled digits' validation images."""


def _logistic(shape: Shape, seed: int) -> Opponent:
    from sklearn.linear_model import LogisticRegression

    # A small C penalises strongly; scikit-learn's usual 100 iterations may end before it has converged on pixels.
    return Opponent("logistic", LogisticRegression(max_iter=1000), {"C": (0.01, 0.1, 1.0)})


def _knn(shape: Shape, seed: int) -> Opponent:
    from sklearn.neighbors import KNeighborsClassifier

    # Weighed by distance: of two classes with as many neighbours, the nearer ones decide.
    return Opponent("knn", KNeighborsClassifier(weights="distance"), {"n_neighbors": (1, 3, 5)})


def _forest(shape: Shape, seed: int) -> Opponent:
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(300, n_jobs=-1, random_state=seed)
    # The square root of the pixels is scikit-learn's default; a tenth of them looks at more per split.
    return Opponent("forest", forest, {"max_features": ("sqrt", 0.1)})


def _extra_trees(shape: Shape, seed: int) -> Opponent:
    from sklearn.ensemble import ExtraTreesClassifier

    trees = ExtraTreesClassifier(300, n_jobs=-1, random_state=seed)
    return Opponent("extra-trees", trees, {"max_features": ("sqrt", 0.1)})


def _boosting(shape: Shape, seed: int) -> Opponent:
    from sklearn.ensemble import HistGradientBoostingClassifier

    # Its own early stopping would hold back a part of the training images that networks learn from.
    boosting = HistGradientBoostingClassifier(max_iter=100, early_stopping=False, random_state=seed)
    return Opponent("boosting", boosting, {"learning_rate": (0.1, 0.2)})


def _svm(shape: Shape, seed: int) -> Opponent:
    from sklearn.svm import SVC

    # break_ties: the predicted class is then the one with the highest score, as probabilities have it.
    return Opponent("svm", SVC(break_ties=True), {"C": (1.0, 10.0), "gamma": ("scale", 0.03)})


def _hog_svm(shape: Shape, seed: int) -> Opponent:
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import SVC

    from inklings.opponents.transformers import GradientHistograms

    pipeline = make_pipeline(GradientHistograms(shape), SVC(break_ties=True))
    return Opponent("hog-svm", pipeline, {"gradienthistograms__cells": (4, 5), "svc__C": (3.0, 10.0)})


def _patches(shape: Shape, seed: int) -> Opponent:
    from sklearn.linear_model import RidgeClassifierCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from inklings.opponents.transformers import PatchFeatures

    # Ridge regression chooses its penalty by leave-one-out on the training images, at the cost of a single fit.
    ridge = RidgeClassifierCV(alphas=(10.0, 30.0, 100.0, 300.0))
    return Opponent("patches", make_pipeline(PatchFeatures(shape, random_state=seed), StandardScaler(), ridge))


DESCRIPTIONS: dict[str, str] = {
    "logistic": "logistic regression on the pixels, the linear baseline",
    "knn": "nearest neighbours: the most similar training images vote",
    "forest": "random forest of 300 trees",
    "extra-trees": "300 extremely randomised trees",
    "boosting": "gradient boosting of trees on histograms",
    "svm": "support vector machine with a radial kernel on the pixels",
    "hog-svm": "support vector machine on histograms of gradients",
    "patches": "ridge regression on similarity to typical patches found by k-means",
}
"""One line each, for people."""

COLOUR_BLIND = ("hog-svm",)
"""Those that see outlines alone: of several channels, the one with the steepest gradient at each pixel."""

_MAKERS: dict[str, Callable[[Shape, int], Opponent]] = {
    "logistic": _logistic,
    "knn": _knn,
    "forest": _forest,
    "extra-trees": _extra_trees,
    "boosting": _boosting,
    "svm": _svm,
    "hog-svm": _hog_svm,
    "patches": _patches,
}

OPPONENTS: tuple[str, ...] = tuple(_MAKERS)
"""Their names."""


def describe_limits(opponent: Opponent, channels: int) -> str:
    """Say what an opponent does not see in images of so many channels; empty if it sees everything."""
    if channels == 1 or opponent.name not in COLOUR_BLIND:
        return ""
    return f"{opponent.name} sees outlines and no colours; svm, forest and patches see colours"


@checks_call(NetworkError)
def named_opponent(name: str, image_shape: Shape, *, seed: int = 0) -> Opponent:
    """Return an opponent by its name.

    Parameters
    ----------
    name : str
        One of :data:`OPPONENTS`.
    image_shape : (int, int, int)
        Height, width and channels of the images.
    seed : int
        For those that draw random numbers.

    Raises
    ------
    NetworkError
        There is none of that name; names the nearest.

    Examples
    --------
    >>> from inklings.opponents import named_opponent
    >>> named_opponent("knn", (20, 20, 1)).name
    'knn'
    """
    if name not in _MAKERS:
        near = difflib.get_close_matches(name, OPPONENTS, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"expected one of: {', '.join(OPPONENTS)}"
        raise NetworkError(f"no opponent is called '{name}'", hint)
    return _MAKERS[name](image_shape, seed)
