"""Backpropagation in NumPy: forward through the layers, the loss, and back again, layer by layer.

Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", Nature 323 (1986) 533-536.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.engines.numpy.layers import LAYERS, Array, Arrays, LayerContext
from inklings.engines.objective import Objective
from inklings.engines.randomness import DropoutKey
from inklings.networks import Network, parameters_of

_BYTES_AT_ONCE = 1 << 27  # of layers' outputs and gradients, for one part of a whole data set


def batch_gradients(
    network: Network,
    objective: Objective,
    parameters: Arrays,
    images: NDArray[Any],
    labels: NDArray[np.int64],
    keys: NDArray[np.uint32],
    step: int,
    own: NDArray[np.float64] | None = None,
) -> tuple[float, Arrays, Arrays]:
    """Return the objective of a batch, its gradients, and what BatchNorms' running averages become.

    ``own`` are the images' weights. A batch as large as a data set is added up in parts, unless its masks or
    statistics need it whole.
    """
    # The penalty is not the images' but the batch's: counted once, before their parts are added.
    loss, gradients = penalty(objective, parameters)
    averages: Arrays = {}
    dropout_keys = [DropoutKey(key, np.array([step], np.uint32)) for key in keys]
    dtype = next(iter(parameters.values())).dtype
    # Of the whole batch, so that in a mean each part's images count 1 / (all images), not 1 / (the part's).
    weights_of_all = image_weights(objective, labels, own).astype(dtype)
    # Always cut alike, and added up in this order: the same bits every time.
    for part, answers, weights in in_parts(part_size(network, len(images)), images, labels, weights_of_all):
        outputs, contexts = forward(network.without_last_activation, parameters, part.astype(dtype), dropout_keys)
        each, dz = losses(objective, outputs[-1], answers)
        loss += float(weights @ each)
        # (n, 1) * (n, classes): the objective is linear in each image's weight, and so is its gradient.
        _, own_gradients = _backward(network, contexts, weights[:, None] * dz)
        for name, gradient in own_gradients.items():
            gradients[name] = gradients[name] + gradient if name in gradients else gradient
        for name, context in zip(network.names, contexts, strict=True):
            # Of one part alone: a network with BatchNorms is never cut.
            averages |= {f"{name}/{kind}": value for kind, value in context.running.items()}
    return loss, {name: gradients[name] for name in network.trainable_shapes}, averages


def forward(
    network: Network, parameters: Arrays, images: Array, dropout_keys: list[DropoutKey] | None = None
) -> tuple[list[Array], list[LayerContext]]:
    """Return each layer's output and context; ``dropout_keys``, one per layer, make it a step of training."""
    outputs, contexts, x = [], [], images
    for number, (name, layer) in enumerate(zip(network.names, network.layers, strict=True)):
        context = LayerContext(parameters_of(name, parameters), dropout_keys[number] if dropout_keys else None)
        layer_forward, _ = LAYERS[type(layer)]
        x = layer_forward(layer, x, context)
        outputs.append(x)
        contexts.append(context)
    return outputs, contexts


def logits(network: Network, parameters: Arrays, images: Array) -> Array:
    """Return the logits, which go into the last activation, as at evaluation."""
    return forward(network.without_last_activation, parameters, images)[0][-1]


def input_gradients(network: Network, parameters: Arrays, images: Array, dz: Array) -> tuple[Array, Array]:
    """Return the logits of images, and the gradient of ``(dz * logits).sum()`` by each of their pixels.

    As at evaluation: without dropout, and with running averages, which are constants, so that no image's gradient
    depends on the others.

    Parameters
    ----------
    network : Network
    parameters : dict of str to array
    images : array, shape (n, height, width, channels)
        Of the parameters' dtype.
    dz : array, shape (n, classes)
        How much each logit counts; 1 for one class and 0 for the others gives the gradient of that class's logit.

    Returns
    -------
    logits : array, shape (n, classes)
    gradients : array, shape (n, height, width, channels)
    """
    outputs, contexts = forward(network.without_last_activation, parameters, images)
    for context in contexts:
        context.by_input_only = True
    return outputs[-1], _backward(network, contexts, dz)[0]


def _backward(network: Network, contexts: list[LayerContext], dz: Array) -> tuple[Array, Arrays]:
    """Take the gradient by the logits back through the layers; return that by the images, and by each parameter."""
    layers = network.without_last_activation.layers
    dy = dz
    gradients: Arrays = {}
    # Without its last activation a network has as many layers as before: a linear one stands in its place.
    for name, layer, context in reversed(list(zip(network.names, layers, contexts, strict=True))):
        _, layer_backward = LAYERS[type(layer)]
        dy, own = layer_backward(layer, dy, context)
        gradients |= {f"{name}/{kind}": gradient for kind, gradient in own.items()}
    return dy, gradients


def losses(objective: Objective, z: Array, labels: NDArray[np.int64]) -> tuple[Array, Array]:
    """Return each image's loss, shape (n,), and its gradient by the logits z, shape (n, classes).

    From the logits both are exact where a probability would round to 0 or 1, and the gradient is a difference:
    of probabilities and targets.
    """
    classes, smoothing = z.shape[1], objective.label_smoothing
    targets = np.eye(classes, dtype=z.dtype)[labels]  # (n, classes)
    if objective.loss == "crossentropy":
        targets = targets * (1 - smoothing) + smoothing / classes
        # log softmax = z - log sum exp z; with the maximum taken off, no exponential overflows and one of them is 1.
        shifted = z - z.max(1, keepdims=True)
        log_probabilities = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
        return -(targets * log_probabilities).sum(1), np.exp(log_probabilities) - targets
    targets = targets * (1 - smoothing) + smoothing / 2
    # log(1 + e^z) by logaddexp, which does not overflow. The loss is that of `Objective` with its two terms merged.
    # sigmoid(z) = 1 / (1 + e^-z), as the exponential of its logarithm.
    probabilities = np.exp(-np.logaddexp(0, -z))
    return (np.logaddexp(0, z) - targets * z).sum(1), probabilities - targets


def image_weights(
    objective: Objective, labels: NDArray[np.int64], own: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Return how much each image's loss counts in a batch, shape (n,); ``own`` are their weights."""
    # Over the images, whatever their weights: twice the weights are twice the objective, in a mean as in a sum.
    weights = np.full(len(labels), 1 / len(labels) if objective.reduction == "mean" else 1.0)
    if objective.class_weights is not None:
        weights = weights * np.asarray(objective.class_weights)[labels]
    return weights if own is None else weights * own


def penalty(objective: Objective, parameters: Arrays) -> tuple[float, Arrays]:
    """Return ``l1 sum |w| + l2 sum w^2`` and its gradients."""
    weights = {name: parameters[name] for name in objective.penalised}
    total = sum(objective.l1 * np.abs(w).sum() + objective.l2 * (w * w).sum() for w in weights.values())
    # np.sign(0) is 0: of the slopes that |w| has there, the one that leaves a weight at zero alone.
    return float(total), {name: objective.l1 * np.sign(w) + 2 * objective.l2 * w for name, w in weights.items()}


def in_parts(size: int, *arrays: NDArray[Any]) -> Iterator[tuple[NDArray[Any], ...]]:
    """Cut arrays of one length into parts of at most ``size``, side by side."""
    for start in range(0, len(arrays[0]), size):
        yield tuple(array[start : start + size] for array in arrays)


def part_size(network: Network, images: int) -> int:
    """Return how many images' gradients are computed together."""
    if network.needs_whole_batch:
        return images
    return min(images, max(1, _BYTES_AT_ONCE // network.memory_per_image))
