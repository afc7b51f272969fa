"""A Split to train an estimator on: without test images, and with validation images if there are enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.errors import DataError
from inklings.estimators.check_inputs import Pixels

Labels = NDArray[np.int64]
Weights = NDArray[np.float64]


def make_split(
    images: Pixels,
    labels: Labels,
    class_names: Sequence[str],
    weights: Weights | None,
    *,
    relative: bool,
    validation: tuple[Pixels, Labels] | None,
    fraction: float | int | None,
    seed: int,
) -> Split:
    """Set validation images aside, or use those that are given.

    Parameters
    ----------
    images, labels, class_names, weights
        The training images.
    relative : bool
        Whether weights are divided by their mean over the training images, so that a mean of weighted losses equals
        that of repeated images.
    validation : (images, labels), optional
        Validation images, if the user passed them.
    fraction : float or int, optional
        Otherwise, how many images to set aside, stratified by class. A fraction of less than half an image sets none
        aside.
    seed : int

    Raises
    ------
    DataError
        The fraction is impossible, or no training image has a weight.
    """
    count = len(images)
    if validation is not None:
        images, labels = np.concatenate([images, validation[0]]), np.concatenate([labels, validation[1]])
        # One data set with both, of which the split knows the rows: so they share shape and class names.
        dataset = Dataset(images, labels, class_names, "X")
        everything, none = np.arange(len(images)), np.arange(0)
        split = Split(dataset, everything[:count], everything[count:], none, seed)
        # Ones for the validation images, whose losses count alike whatever training images weigh.
        weights = None if weights is None else np.concatenate([weights, np.ones(len(images) - count)])
    else:
        if isinstance(fraction, float) and fraction >= 1:
            raise DataError(
                f"validation_fraction is {fraction}, expected a number below 1, or a whole number of images"
            )
        # scikit-learn's checks fit on a handful of images, of which a tenth is none.
        if isinstance(fraction, Real) and 0 < fraction < 1 and round(fraction * count) == 0:
            fraction = None
        try:
            split = Dataset(images, labels, class_names, "X").split(test=None, validation=fraction, seed=seed)
        except DataError as error:
            error.setting = {"validation": "validation_fraction"}.get(error.setting or "", error.setting)
            raise
    return split if weights is None else _weigh(split, weights, relative)


def _weigh(split: Split, weights: Weights, relative: bool) -> Split:
    mean = weights[split.train_rows].mean()
    if mean == 0:
        raise DataError("X: all images that remain for training have weight 0", "set fewer images aside")
    # Relative to their mean over the images that are trained on: the learning rate then means what it does without
    # weights.
    return replace(split, dataset=replace(split.dataset, weights=weights / mean if relative else weights))
