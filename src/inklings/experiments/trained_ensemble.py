"""An ensemble after training: its members, and what they are worth together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.lazy_images import Images
from inklings.data.parts import Split
from inklings.errors import DataError
from inklings.evaluation.statistics import Interval, mean_interval, wilson_interval
from inklings.experiments.results import Result
from inklings.experiments.trained import Contender, TrainedNetwork
from inklings.models import Model
from inklings.models.ensemble import Ensemble, join_parameters, mean_of
from inklings.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False, repr=False)
class TrainedEnsemble(Contender):
    """Networks of one plan that were trained on one split, and what they are worth together.

    Attributes
    ----------
    members : tuple of TrainedNetwork
        In the order of their seeds.
    result : Result
        Of the mean of their class probabilities; ``parameters`` and ``seconds`` are sums over the members.
    split : Split
    facts : mapping
        ``command``, ``data_options`` and ``split_options``: how it was made, in plain values.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> trained = inklings.train_ensemble(plan, split, members=2)
    >>> difference, interval = trained.gain
    >>> len(trained.members), interval.low <= difference <= interval.high
    (2, True)
    """

    members: tuple[TrainedNetwork, ...]
    result: Result
    split: Split = field(repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def title(self) -> str:
        """The plan's title and the number of members: ``"mlp (plain, 5 networks)"``."""
        return self.result.title

    @property
    def bytes(self) -> int:
        """All members' parameters, in bytes."""
        return sum(member.bytes for member in self.members)

    @checks_call(DataError)
    def predict_proba(self, images: Images) -> NDArray[np.floating[Any]]:
        """Return the class probabilities of images, shape (n, classes)."""
        # Before temperature: each member's own probabilities, averaged.
        return mean_of([member.predict_proba(images) for member in self.members])

    @cached_property
    def probabilities(self) -> NDArray[np.floating[Any]]:
        """The class probabilities of each test image, shape (n, classes)."""
        # From what the members have predicted already; nothing is computed again.
        return mean_of([member.probabilities for member in self.members])

    @cached_property
    def gain(self) -> tuple[float, Interval]:
        """How much more accurate it is on the test images than a member is on average, with its 95 % interval.

        Paired: an image counts with 1 or 0 for the ensemble, minus the fraction of the members that get it right. The
        interval is for other test images and these networks; of a single image it is all that a difference can be.
        """
        # (images,): the fraction of the members that get it right.
        members = np.mean([member.correct for member in self.members], axis=0)
        differences: list[float] = (self.correct - members).tolist()
        # Of a single image nothing is known but that a gain lies between -1 and 1.
        return mean_interval(differences) if len(differences) > 1 else (differences[0], Interval(-1.0, 1.0))

    @cached_property
    def model(self) -> Model:
        """The ensemble as a model, neither calibrated nor with a measure of novelty."""
        first = self.members[0].model
        form = Ensemble(self.members[0].plan.network, len(self.members))
        parameters = join_parameters([member.fitted.parameters for member in self.members])
        return Model(form, parameters, first.class_names, first.training, first.preprocessing)


def join_members(members: tuple[TrainedNetwork, ...], facts: Mapping[str, Any]) -> TrainedEnsemble:
    """Return trained networks of one plan and one split as an ensemble, evaluated on each part."""
    split, plan = members[0].split, members[0].plan
    train, validation = (_accuracy(members, part) for part in (split.train, split.validation))
    variant = ", ".join(filter(None, (plan.variant, f"{len(members)} networks")))
    labels = split.dataset.labels[split.test_rows]
    # Counted, for the interval needs whole images; from probabilities that the members have computed already.
    right = int((mean_of([member.probabilities for member in members]).argmax(1) == labels).sum())
    result = Result(
        plan.name,
        variant,
        sum(member.result.parameters for member in members),
        train,
        validation,
        right / len(labels),
        wilson_interval(right, len(labels)),
        round(fmean(member.result.best_epoch for member in members)),
        round(sum(member.result.seconds for member in members), 3),
    )
    return TrainedEnsemble(members, result, split, facts)


def _accuracy(members: tuple[TrainedNetwork, ...], part: Dataset) -> float:
    probabilities = mean_of([member.predict_proba(part.images) for member in members])
    return float((probabilities.argmax(1) == part.labels).mean())
