"""What is seen of a network while it learns: its answers to some images, its first layer, what is wrong in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from inklings.data.dataset import Dataset
from inklings.engines import Engine
from inklings.evaluation.diagnosis import Diagnosis, Facts, Kind, diagnose
from inklings.lab.first_layer import first_layer_pictures
from inklings.networks import Parameters
from inklings.training.epoch_record import EpochRecord
from inklings.training.fit_result import StopReason
from inklings.training.plans import Plan

_ONLY_AT_THE_END = (Kind.NOT_CONVERGED, Kind.UNDER_FITTING, Kind.RATE_TOO_LOW, Kind.HEALTHY, Kind.TOO_LITTLE_DATA)
"""What is true of nearly every training that is not over yet."""


@dataclass(frozen=True)
class Look:
    """What was seen at one moment.

    Attributes
    ----------
    answers : list of int
        The predicted class of each watched image.
    filters : dict or None
        See :func:`inklings.lab.first_layer.first_layer_pictures`.
    """

    answers: list[int] = field(default_factory=list)
    filters: dict[str, Any] | None = None


def look(plan: Plan, engine: Engine, parameters: Parameters, watched: Dataset) -> Look:
    """Look at a network as it is now."""
    outputs = engine.predict(plan.network, parameters, np.asarray(watched.images))
    return Look(outputs.argmax(1).tolist(), first_layer_pictures(plan.network, parameters))


def describe(history: Sequence[EpochRecord], plan: Plan, ending: StopReason | None) -> list[str]:
    """Return what is wrong with a training, a sentence each, without the command that would mend it."""
    found = diagnose(history, Facts.of_plan(plan, ending=ending))
    return [_sentence(each) for each in found if ending is not None or each.kind not in _ONLY_AT_THE_END]


def _sentence(each: Diagnosis) -> str:
    return f"{each.kind}: {each.evidence}; {each.suggestion}"
