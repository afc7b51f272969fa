"""Several trainings of one network that classify together: the mean of their class probabilities.

Source: B. Lakshminarayanan, A. Pritzel and C. Blundell, Simple and scalable predictive uncertainty estimation using
deep ensembles, NIPS 2017. A temperature is applied to the mean, not to each member, whose errors partly cancel in it:
R. Rahaman and A. Thiery, Uncertainty quantification and deep ensembles, NeurIPS 2021.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.lazy_images import Images
from inklings.errors import NetworkError
from inklings.models.network_predictor import NetworkPredictor
from inklings.networks import Network, Parameters, network_from_plain, network_to_plain
from inklings.opponents.temperature import COLDEST, HOTTEST, temper

Floats = NDArray[np.floating[Any]]

MOST = 1000
"""Members that a file may claim to hold."""

_KEYS = ("network", "members", "temperature")


@dataclass(frozen=True)
class Ensemble:
    """The form of an ensemble; its members' numbers are a model's parameters, ``"member_1/dense_1/weights"``.

    Parameters
    ----------
    network : Network
        What each member is.
    members : int
        How many there are, at least 2.
    temperature : float
        Divides the logarithms of the mean probabilities, which then go through a softmax; 1 changes nothing.

    Raises
    ------
    NetworkError
        A setting is out of range.
    """

    network: Network
    members: int
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if isinstance(self.members, bool) or not isinstance(self.members, int) or not 2 <= self.members <= MOST:
            raise NetworkError(f"is {self.members!r}, expected a whole number from 2 to {MOST}", setting="members")
        if not COLDEST <= self.temperature <= HOTTEST:
            raise NetworkError(f"is {self.temperature}, expected {COLDEST:g} to {HOTTEST:g}", setting="temperature")
        object.__setattr__(self, "temperature", float(self.temperature))

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the images."""
        return self.network.input_shape

    @property
    def output_count(self) -> int:
        """Number of classes."""
        return self.network.output_count

    def check_parameters(self, parameters: Parameters) -> None:
        """Raise a NetworkError that names a parameter which is missing, unknown, of another shape or not finite."""
        for number, own in enumerate(part_parameters(self.members, parameters), start=1):
            try:
                self.network.check_parameters(own)
            except NetworkError as error:
                raise error.within(f"member {number} of {self.members}") from None

    def predictor(self, parameters: Parameters) -> EnsemblePredictor:
        """Return what computes with these parameters."""
        return EnsemblePredictor(self, parameters)

    def to_plain(self) -> dict[str, Any]:
        """Return its form as plain values, for JSON."""
        return {
            "network": network_to_plain(self.network),
            "members": self.members,
            "temperature": self.temperature,
        }


class EnsemblePredictor:
    """Computes with an ensemble and its parameters.

    Parameters
    ----------
    ensemble : Ensemble
    parameters : dict of str to array
    """

    def __init__(self, ensemble: Ensemble, parameters: Parameters) -> None:
        self.ensemble = ensemble
        self._parameters = parameters

    def predict_proba(self, images: Images) -> Floats:
        """Return class probabilities, shape (n, classes); a NetworkError if an output is NaN or infinite."""
        # Of probabilities, not of logits: networks differ in the scale of their logits (decision 25).
        mean = mean_of([member.predict_proba(images) for member in self._members])
        temperature = self.ensemble.temperature
        return mean if temperature == 1 else temper(mean, temperature).astype(mean.dtype)

    def features_and_logits(self, images: Images) -> tuple[Floats | None, Floats]:
        """Return the first member's last hidden layer, None for a network without one, and the mean of all logits.

        Other members' features say much the same of an image, and would multiply what a measure of novelty keeps.
        """
        (features, first), *others = (member.features_and_logits(images) for member in self._members)
        # Logits may be averaged here: novelty asks for their largest, not for a probability.
        return features, mean_of([first, *(logits for _, logits in others)])

    @cached_property
    def _members(self) -> list[NetworkPredictor]:
        parted = part_parameters(self.ensemble.members, self._parameters)
        return [NetworkPredictor(self.ensemble.network, own) for own in parted]


def mean_of(arrays: Sequence[Floats]) -> Floats:
    """Return the mean of arrays of one shape, summed in float64 and rounded once."""
    # Members can be many: float32 would round at every addition.
    total: NDArray[np.float64] = np.sum(arrays, axis=0, dtype=np.float64)
    return (total / len(arrays)).astype(arrays[0].dtype)


def member_prefix(number: int) -> str:
    """Return what the names of a member's parameters begin with; members are counted from 1."""
    # With the slash: member_1 is not the beginning of member_10/.
    return f"member_{number}/"


def part_parameters(members: int, parameters: Parameters) -> list[Parameters]:
    """Return each member's parameters by the names that its network knows.

    Raises
    ------
    NetworkError
        A parameter is none of these members'.
    """
    parted: dict[str, Parameters] = {member_prefix(number): {} for number in range(1, members + 1)}
    # Each name is looked at once: to go through all of them for every member took seconds for a thousand members.
    for name, values in parameters.items():
        member, slash, own = name.partition("/")
        if member + slash not in parted:
            raise NetworkError(f"the parameters have '{name}', which this ensemble does not know")
        parted[member + slash][own] = values
    return list(parted.values())


def join_parameters(members: Sequence[Parameters]) -> Parameters:
    """Return the parameters of all members by the names that an ensemble knows."""
    return {
        member_prefix(number) + name: values
        for number, own in enumerate(members, start=1)
        for name, values in own.items()
    }


def ensemble_from_plain(values: Mapping[str, Any]) -> Ensemble:
    """Read what :meth:`Ensemble.to_plain` gave; a NetworkError says what is wrong with it."""
    unknown = [name for name in values if name not in _KEYS]
    if unknown:
        raise NetworkError(f"the ensemble has '{unknown[0]}', expected {', '.join(_KEYS)}")
    network, members, temperature = (values.get(name) for name in _KEYS)
    if not isinstance(network, Mapping):
        raise NetworkError(f"is {network!r:.60}, expected an object", setting="network")
    if isinstance(temperature, bool) or not isinstance(temperature, int | float):
        raise NetworkError(f"is {temperature!r:.60}, expected a number", setting="temperature")
    # Whatever it is, Ensemble says what it must be; a whole number may be too large to become a float before that.
    return Ensemble(network_from_plain(network), members, temperature)  # type: ignore[arg-type]
