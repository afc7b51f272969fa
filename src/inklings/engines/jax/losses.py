"""An :class:`inklings.engines.Objective` in JAX."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from inklings.engines.objective import Objective


def losses(objective: Objective, logits: Array, labels: Array) -> Array:
    """Return each image's loss, shape (n,): see :class:`inklings.engines.Objective`."""
    classes, smoothing = logits.shape[-1], objective.label_smoothing
    targets = jax.nn.one_hot(labels, classes, dtype=logits.dtype)  # (n, classes)
    if objective.loss == "crossentropy":
        targets = targets * (1 - smoothing) + smoothing / classes
        # log_softmax takes the largest logit off first, so that no exponential overflows.
        return -(targets * jax.nn.log_softmax(logits)).sum(-1)
    targets = targets * (1 - smoothing) + smoothing / 2
    # softplus(z) - q z: both terms of the formula in one, from the logits, so that neither logarithm meets a 0.
    return (jax.nn.softplus(logits) - targets * logits).sum(-1)


def penalty(objective: Objective, parameters: dict[str, Array]) -> Array | float:
    """Return ``l1 sum |w| + l2 sum w^2``."""
    total: Array | float = 0.0
    for name in objective.penalised:
        weights = parameters[name]
        # Left out of the program where they are 0, which are most.
        if objective.l1:
            total = total + objective.l1 * jnp.abs(weights).sum()
        if objective.l2:
            total = total + objective.l2 * (weights * weights).sum()
    return total


def image_weights(objective: Objective, labels: Array, own: Array | None, images: int, dtype: Any) -> Array:  # noqa: ANN401 - a NumPy dtype
    """Return how much each image's loss counts in a batch of ``images``, shape (n,); ``own`` are their weights."""
    # `images` may be more than there are labels here: an image's share in a mean
    # is that of the whole batch, not of a part.
    share = 1 / images if objective.reduction == "mean" else 1.0
    weights = jnp.full(labels.shape, share, dtype)
    if objective.class_weights is not None:
        weights = weights * jnp.asarray(objective.class_weights, dtype)[labels]
    return weights if own is None else weights * own.astype(dtype)
