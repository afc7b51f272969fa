"""An opponent as a model keeps it: plain settings and arrays, from which NumPy alone computes its answers.

scikit-learn's own way to keep an estimator is a pickle, which runs whatever it holds when it is read. Here a file holds
numbers, which are checked before they are used; nothing of scikit-learn is needed to read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from inklings.data.lazy_images import Images
from inklings.errors import NetworkError
from inklings.opponents.arrays import Arrays, Floats, check_array
from inklings.opponents.decisions import Linear, Neighbours
from inklings.opponents.features import Histograms, Patches, Pixels, Rows
from inklings.opponents.support_vectors import SupportVectors
from inklings.opponents.temperature import (
    COLDEST,
    HARDLY_ANY,
    HARDLY_ANY_NEIGHBOUR,
    HOTTEST,
    soften,
    votes_as_logits,
)
from inklings.opponents.trees import Trees
from inklings.serialise import did_you_mean, from_plain, to_plain

Features = Pixels | Histograms | Patches
Decision = Linear | Neighbours | SupportVectors | Trees

FEATURES: dict[str, type[Features]] = {"pixels": Pixels, "histograms": Histograms, "patches": Patches}
DECISIONS: dict[str, type[Decision]] = {
    "linear": Linear,
    "neighbours": Neighbours,
    "support vectors": SupportVectors,
    "trees": Trees,
}
_SCALER = ("scaler/mean", "scaler/scale")
_MOST_NUMBERS = 1 << 26
"""Numbers that an image may have: a file that claims more is refused before memory is asked for."""

# Keeps the logarithm of a share of 0 finite.
_UNLIKELY = 1e-12


@dataclass(frozen=True)
class FrozenOpponent:
    """The form of a trained opponent; its numbers are a model's parameters.

    Parameters
    ----------
    input_shape : (int, int, int)
        Height, width and channels of the images.
    output_count : int
        Number of classes.
    known : tuple of int
        The classes that it saw, in increasing order: it never predicts another.
    features : Pixels, Histograms or Patches
    standardised : bool
        Whether features are brought to mean 0 and deviation 1 by the arrays ``scaler/mean`` and ``scaler/scale``.
    decision : Linear, Neighbours, SupportVectors or Trees
    temperature : float or None
        Divides the scores, of forests and neighbours the logarithms of their votes, before they become probabilities;
        None if what the decision gives are probabilities already.

    Raises
    ------
    NetworkError
        A setting is out of range.
    """

    input_shape: tuple[int, int, int]
    output_count: int
    known: tuple[int, ...]
    features: Features
    standardised: bool
    decision: Decision
    temperature: float | None

    def __post_init__(self) -> None:
        shape, known = self.input_shape, self.known
        if min(shape) < 1 or prod(shape) > _MOST_NUMBERS:
            raise NetworkError(f"is {shape}, expected height, width and channels", setting="input_shape", found=shape)
        rising = all(one < other for one, other in pairwise(known))
        if not known or not rising or known[0] < 0 or known[-1] >= self.output_count:
            expected = f"increasing numbers from 0 to {self.output_count - 1}"
            raise NetworkError(f"is {known}, expected {expected}", setting="known", found=known)
        # None counts as 0, below COLDEST, and so as not chosen.
        chosen = COLDEST <= (self.temperature or 0) <= HOTTEST
        untouched = self.temperature is None and self.decision.gives_probabilities
        if not (chosen or untouched):
            raise NetworkError(f"is {self.temperature}, expected {COLDEST:g} to {HOTTEST:g}", setting="temperature")

    @property
    def least_share(self) -> float:
        """What a class without a vote counts as, if the decision is by votes; the order of the classes stays."""
        return HARDLY_ANY_NEIGHBOUR if isinstance(self.decision, Neighbours) else HARDLY_ANY

    def check_parameters(self, parameters: Arrays) -> None:
        """Raise a NetworkError that names an array which is missing, unknown, of another shape or not finite."""
        columns = self.features.check(parameters, self.input_shape)
        if len(self.known) < 2 and not self.decision.gives_probabilities:
            raise NetworkError(f"is {self.known}, expected at least two to decide between", setting="known")
        for name in _SCALER if self.standardised else ():
            values = check_array(parameters, name, (columns,))
            # As float32, as it is used: a scale that is above 0 in float64 may round to 0.
            if name == _SCALER[1] and (values.astype(np.float32) <= 0).any():
                raise NetworkError(f"the parameters' '{name}' holds {values.min()}, expected numbers above 0")
        self.decision.check(parameters, columns, len(self.known))
        needed = (*self.features.names, *(_SCALER if self.standardised else ()), *self.decision.names)
        # What is not used is refused: a file that says more than it means is not understood.
        unknown = [name for name in parameters if name not in needed]
        if unknown:
            raise NetworkError(f"the parameters have '{unknown[0]}', which this opponent does not know")

    def predictor(self, parameters: Arrays) -> FrozenPredictor:
        """Return what computes with these arrays, which :meth:`check_parameters` has found right."""
        return FrozenPredictor(self, parameters)

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain values, for JSON; :func:`frozen_from_plain` is the inverse."""
        plain = {name: getattr(self, name) for name in ("output_count", "standardised", "temperature")}
        return {
            **plain,
            "input_shape": list(self.input_shape),
            "known": list(self.known),
            "features": {"kind": _kind(FEATURES, self.features), **to_plain(self.features)},
            "decision": {"kind": _kind(DECISIONS, self.decision), **to_plain(self.decision)},
        }


class FrozenPredictor:
    """Computes with a form and its arrays.

    Parameters
    ----------
    form : FrozenOpponent
    arrays : mapping of str to array
    """

    def __init__(self, form: FrozenOpponent, arrays: Arrays) -> None:
        self._form, self._arrays = form, arrays
        self._score = form.decision.scorer(arrays, len(form.known))

    def predict_proba(self, images: Images) -> Floats:
        """Return class probabilities, shape (n, classes); a NetworkError if a score is NaN or infinite."""
        scores, temperature = self._scores(self._describe(images)), self._form.temperature
        # Classes that it never saw have the probability 0.
        return self._spread(scores if temperature is None else soften(scores, temperature))

    def features_and_logits(self, images: Images) -> tuple[Floats | None, Floats]:
        """Return the features that it decides by, None for the pixels, and scores that grow with the probabilities."""
        features = self._describe(images)
        scores, temperature = self._scores(features), self._form.temperature
        # Votes have no scores besides themselves.
        logits = np.log(np.maximum(scores, _UNLIKELY)) if temperature is None else scores / temperature
        # What it never saw is as unlikely as the least likely that it did see: finite, and never the largest.
        lowest = logits.min(1, keepdims=True)
        return None if isinstance(self._form.features, Pixels) else features, self._spread(logits, lowest)

    def _scores(self, features: Rows) -> Floats:
        # Overflows show as infinity below, and are refused in a sentence.
        with np.errstate(all="ignore"):
            scores = self._score(features)
        if self._form.decision.gives_probabilities and self._form.temperature is not None:
            scores = votes_as_logits(scores, self._form.least_share)
        if not np.isfinite(scores).all():
            bad = int((~np.isfinite(scores)).any(1).sum())
            raise NetworkError(
                f"the scores are NaN or infinite for {bad:,} of {len(scores):,} images: its numbers are too large",
                "train the opponent anew",
            )
        return scores

    def _describe(self, images: Images) -> Rows:
        rows = self._form.features.describe(self._arrays, np.asarray(images, np.float32))
        if not self._form.standardised:
            return rows
        mean, scale = (self._arrays[name].astype(np.float32) for name in _SCALER)
        return (rows - mean) / scale

    def _spread(self, columns: Floats, otherwise: Floats | float = 0.0) -> Floats:
        """Put each column in its class's place: classes that it never saw lie between those it knows."""
        if len(self._form.known) == self._form.output_count:
            return columns
        spread = np.empty((len(columns), self._form.output_count), columns.dtype)
        # Known classes increase, so one row of places puts all columns at once.
        spread[:] = otherwise
        spread[:, self._form.known] = columns
        return spread


def frozen_from_plain(values: Mapping[str, Any]) -> FrozenOpponent:
    """Read what :meth:`FrozenOpponent.to_plain` gave; a NetworkError says what is wrong with it."""
    read = {**values}
    for name, kinds in (("features", FEATURES), ("decision", DECISIONS)):
        read[name] = _step(name, read.get(name), kinds)
    return from_plain(FrozenOpponent, read, "the opponent", NetworkError)


def _step(name: str, value: object, kinds: Mapping[str, type[Any]]) -> Any:  # noqa: ANN401 - one of these kinds
    if not isinstance(value, Mapping) or not isinstance(value.get("kind"), str):
        raise NetworkError(f"the opponent's '{name}' is {value!r:.80}, expected a table with a 'kind'")
    kind = value["kind"]
    if kind not in kinds:
        raise NetworkError(f"the opponent's '{name}' is an unknown '{kind}'", did_you_mean(kind, kinds))
    settings = {key: each for key, each in value.items() if key != "kind"}
    return from_plain(kinds[kind], settings, f"the opponent's {name}", NetworkError)


def _kind(kinds: Mapping[str, type[Any]], step: object) -> str:
    return next(name for name, kind in kinds.items() if type(step) is kind)
