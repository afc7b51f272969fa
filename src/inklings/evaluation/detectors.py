"""Detectors: small networks trained to tell what a network learnt from what is made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.evaluation.made_up_images import DRAWN, make_up, redraw, turn
from inklings.models.novelty_quantities import Detector, appearance_vectors, joint_vectors, rounded

if TYPE_CHECKING:
    from inklings.models import Model

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]

# Decision 19 has what smaller and larger detectors, and more and fewer made-up images, gained and cost.
UNITS, EPOCHS, JOINT_EPOCHS = 128, 10, 8
"""Of the detectors: hidden units, and passes over their images, of appearance alone and with features."""

RATE, BATCH = 1e-3, 100
"""Adam's learning rate, and images a step."""

_MADE_UP = 400
"""How many images of each kind are made up to train with."""


def train_detectors(model: Model, learnt: Dataset, random: np.random.Generator, *, joint: bool) -> list[Detector]:
    """Train small networks to tell training images, as they are and redrawn, from made-up ones.

    Returns
    -------
    list of Detector
        One of the appearance, and if ``joint`` one of the appearance and the last hidden layer's outputs.
    """
    made_up = make_up(learnt.images, learnt.labels, model.preparation, _MADE_UP, random)
    # A sign of no known script is another one when it is turned.
    turned = [turn(made_up[kind], random) for kind in DRAWN]
    images = np.concatenate([learnt.images, redraw(learnt.images, model.preparation), *made_up.values(), *turned])
    # Training images and the same redrawn stand first.
    # (2 * learnt + made up,): 0 for what is familiar, 1 for what is made up.
    is_made_up = (np.arange(len(images)) >= 2 * len(learnt)).astype(np.int64)
    appearance = appearance_vectors(images)
    detectors = [_train_detector(appearance, is_made_up, EPOCHS)]
    features = model.features_and_logits(images)[0] if joint else None
    if features is not None:
        both = joint_vectors(appearance, features)
        # Features of length 1 are small beside it, and would be learnt late.
        scale = np.ones(both.shape[1], np.float32)
        # As widely spread as the appearance; 1e-9 for features that are the same for all images.
        scale[appearance.shape[1] :] = appearance.std() / max(float(both[:, appearance.shape[1] :].std()), 1e-9)
        detectors.append(_train_detector(both, is_made_up, JOINT_EPOCHS, scale))
    return detectors


def _train_detector(vectors: Floats, is_made_up: Integers, epochs: int, scale: Floats | None = None) -> Detector:
    """Train a detector on vectors, shape (n, dimensions), each dimension multiplied by its scale."""
    from inklings.engines.objective import Objective
    from inklings.engines.randomness import batch_order
    from inklings.engines.select import get_engine
    from inklings.networks import Dense, Flatten, Network
    from inklings.networks.parameters import initial_parameters, parameters_of
    from inklings.training import Recipe
    from inklings.training.optimisers import build_optimiser

    # As images of one row, (n, 1, dimensions, 1).
    scaled = (vectors if scale is None else vectors * scale).astype(np.float32)[:, np.newaxis, :, np.newaxis]
    # Two outputs and a softmax: then the engines' loss for networks serves as it is.
    network = Network((1, scaled.shape[2], 1), (Flatten(), Dense(UNITS, "relu"), Dense(2, "softmax")))
    recipe = Recipe("adam", RATE, batch_size=BATCH)
    start, optimiser = initial_parameters(network, 0), build_optimiser(recipe)
    # Nothing is asked after an epoch, so a session of the engine's is enough: what records a training evaluates too.
    session = get_engine().session(network, Objective(), optimiser, start, seed=0)
    # Epochs from 1, as in any training, so that the shuffles are those of one.
    order = np.concatenate([batch_order(0, epoch, len(scaled), BATCH) for epoch in range(1, epochs + 1)])
    session.train(scaled, is_made_up, order, np.full(len(order), RATE), 0, lambda: False)
    hidden, last = (parameters_of(name, session.parameters) for name in network.names[1:])
    # The scale goes into the first layer, so that the detector takes vectors as they come.
    weights = np.asarray(hidden["weights"]) * (1 if scale is None else scale[:, np.newaxis])
    # Of two logits only the difference decides, so one weight per unit is enough. The biases' difference is left out:
    # it shifts all scores alike, and the weighing has an intercept.
    output = last["weights"][:, 1] - last["weights"][:, 0]
    return Detector(*(rounded(np.asarray(each)) for each in (weights, hidden["biases"], output)))
