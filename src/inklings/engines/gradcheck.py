"""Are the gradients right? Engine against numbers, and engine against engine, for your own networks too.

::

    from inklings.engines.gradcheck import check_gradients
    print(check_gradients(network))          # the worst relative error of each parameter's gradient
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inklings.engines.base import Engine, Images, Labels, Weights
from inklings.engines.objective import ACTIVATION_OF_LOSS, Objective
from inklings.engines.select import get_engine
from inklings.networks import Network, Parameters, initial_parameters

# Added as it is: weights are some hundredths to 1. A central difference errs by the square of this (times a third
# derivative) and by what rounding leaves of the difference: with 5e-6 both come to some 1e-11 of a loss near 1.
STEP = 5e-6


@dataclass(frozen=True)
class Agreement:
    """How far two computations of the same objective and its gradients are apart.

    Attributes
    ----------
    loss : float
        The objective's relative difference.
    gradients : dict of str to float
        For each parameter the largest difference, relative to the largest absolute value of its gradient.
    """

    loss: float
    gradients: dict[str, float]

    @property
    def worst(self) -> float:
        """The largest of all."""
        return max(self.loss, *self.gradients.values())

    def __str__(self) -> str:
        lines = [f"{'loss':<24} {self.loss:.1e}", *(f"{name:<24} {each:.1e}" for name, each in self.gradients.items())]
        return "\n".join(lines)


def check_gradients(
    network: Network,
    objective: Objective | None = None,
    *,
    engine: Engine | None = None,
    images: Images | None = None,
    labels: Labels | None = None,
    weights: Weights | None = None,
    seed: int = 0,
    samples: int = 40,
) -> Agreement:
    """Compare an engine's gradients with central differences, ``(f(w + h) - f(w - h)) / 2h``.

    Parameters
    ----------
    network : Network
        Whose gradients.
    objective : Objective, optional
        The plain loss that suits the network's last activation if not given.
    engine : Engine, optional
        The NumPy engine in float64 if not given; float32 is too coarse for differences.
    images, labels : arrays, optional
        A small batch; 6 random images if not given.
    weights : array, (n,), optional
        The images'.
    seed : int
        Of the initial parameters, the random images and dropout's masks, which stay the same throughout.
    samples : int
        How many entries of each parameter are tried, at random where it has more.

    Returns
    -------
    Agreement
        Its ``loss`` is 0: there is only one.

    Examples
    --------
    >>> from inklings import Dense, Flatten, Network
    >>> network = Network((4, 4, 1), (Flatten(), Dense(5, "tanh"), Dense(3, "softmax")))
    >>> check_gradients(network).worst < 1e-6
    True
    """
    engine = engine or get_engine("numpy", dtype="float64")
    objective = objective or _plain_objective(network)
    images, labels = _batch(network, images, labels, seed)
    parameters = random_parameters(network, seed)
    random = np.random.default_rng(seed)

    def loss_at(name: str, place: int, shift: float) -> float:
        # A copy of the one array that moves; the others are shared.
        moved = {**parameters, name: parameters[name].copy()}
        moved[name].flat[place] += shift
        # The same seed and step each time, and so the same masks of dropout: the loss would jump with others.
        return engine.gradients(network, objective, moved, images, labels, weights=weights, seed=seed)[0]

    _, gradients = engine.gradients(network, objective, parameters, images, labels, weights=weights, seed=seed)
    errors = {}
    for name, gradient in gradients.items():
        places = random.permutation(gradient.size)[:samples]
        expected = np.array([(loss_at(name, p, STEP) - loss_at(name, p, -STEP)) / (2 * STEP) for p in places])
        # Against the array's largest gradient: of one near 0, a difference of losses near 1 has no digit left.
        errors[name] = _relative(gradient.ravel()[places], expected, np.abs(gradient).max())
    return Agreement(0.0, errors)


def compare_engines(
    network: Network,
    objective: Objective | None = None,
    *,
    first: Engine | None = None,
    second: Engine | None = None,
    images: Images | None = None,
    labels: Labels | None = None,
    weights: Weights | None = None,
    seed: int = 0,
) -> Agreement:
    """Compare two engines' objective and gradients on the same batch, with the same dropout.

    Parameters
    ----------
    network, objective, images, labels, weights, seed
        As in :func:`check_gradients`.
    first, second : Engine, optional
        The NumPy and the native engine, both in float64, if not given.

    Returns
    -------
    Agreement
        Relative to the first.

    Examples
    --------
    >>> from inklings import Dense, Flatten, Network, get_engine
    >>> network = Network((4, 4, 1), (Flatten(), Dense(5, "tanh"), Dense(3, "softmax")))
    >>> compare_engines(network, second=get_engine("numpy", dtype="float32")).worst < 1e-4
    True
    """
    # In float64, where sums in another order differ by some 1e-15: in float32, a
    # small wrong term could hide in rounding.
    first = first or get_engine("numpy", dtype="float64")
    second = second or get_engine("native", dtype="float64")
    objective = objective or _plain_objective(network)
    images, labels = _batch(network, images, labels, seed)
    parameters = random_parameters(network, seed)
    loss, gradients = first.gradients(network, objective, parameters, images, labels, weights=weights, seed=seed)
    other_loss, others = second.gradients(network, objective, parameters, images, labels, weights=weights, seed=seed)
    differences = {
        name: _relative(others[name], gradient, np.abs(gradient).max()) for name, gradient in gradients.items()
    }
    return Agreement(abs(other_loss - loss) / abs(loss), differences)


def random_parameters(network: Network, seed: int) -> Parameters:
    """Draw parameters that hide nothing: what starts at zero or one, as biases do, is moved a little too."""
    # initial_parameters draws from the seed itself: [seed, 1] is another stream, and [seed, 2] below a third.
    random = np.random.default_rng([seed, 1])
    drawn = initial_parameters(network, seed)
    # Upwards, since a BatchNorm's running variance has to stay above 0.
    return {name: value + 0.1 * np.abs(random.standard_normal(value.shape)) for name, value in drawn.items()}


def _relative(found: NDArray[np.float64], expected: NDArray[np.float64], scale: float) -> float:
    # A gradient that is zero throughout, as behind dead units, has no size to be compared with.
    return float(np.abs(found - expected).max() / scale) if scale > 0 else float(np.abs(found - expected).max())


def _plain_objective(network: Network) -> Objective:
    loss_of = {activation: loss for loss, activation in ACTIVATION_OF_LOSS.items()}
    objective = Objective(loss_of.get(network.output_activation, "crossentropy"))
    objective.check(network)
    return objective


def _batch(network: Network, images: Images | None, labels: Labels | None, seed: int) -> tuple[Images, Labels]:
    random = np.random.default_rng([seed, 2])
    if images is None:
        images = random.random((6, *network.input_shape)).astype(np.float32)
    if labels is None:
        labels = random.integers(0, network.output_count, len(images))
    return images, labels
