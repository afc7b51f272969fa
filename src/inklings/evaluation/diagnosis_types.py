"""The inputs of a diagnosis, and the diagnosis itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from inklings.evaluation.suggested_commands import Options, options_of
from inklings.networks import Network
from inklings.training.fit_result import StopReason
from inklings.training.plans import Plan
from inklings.training.recipe import Recipe


class Kind(StrEnum):
    """What can be wrong with a training, the worst first."""

    DIVERGED = "diverged"
    RATE_TOO_HIGH = "learning rate too high"
    RATE_TOO_LOW = "learning rate too low"
    CLASS_NOT_LEARNT = "a class is not learnt"
    UNDER_FITTING = "under-fitting"
    OVER_FITTING = "over-fitting"
    NOT_CONVERGED = "not yet converged"
    TOO_LITTLE_DATA = "too little data"
    HEALTHY = "no problem found"


class Severity(StrEnum):
    """How much it matters, the most serious first."""

    SERIOUS = "serious"
    """The trained network is useless as it is."""
    WARNING = "warning"
    """Fixing it would make the network more accurate."""
    HINT = "hint"
    """Fixing it might."""
    FINE = "fine"


@dataclass(frozen=True)
class Diagnosis:
    """One problem, or that there is none.

    Attributes
    ----------
    kind : Kind
    severity : Severity
    evidence : str
        What was observed, with numbers, without a full stop.
    suggestion : str
        One thing to try, without a full stop.
    command : str
        The suggestion as a command line.
    """

    kind: Kind
    severity: Severity
    evidence: str
    suggestion: str
    command: str

    @property
    def sentence(self) -> str:
        """The whole diagnosis in one line."""
        return f"{self.kind}: {self.evidence}; {self.suggestion}: {self.command}"


@dataclass(frozen=True)
class Facts:
    """What is known about a training besides its history; the more, the better the advice. See also :meth:`of_plan`.

    Parameters
    ----------
    name : str
        The network's name, as ``inklings train`` takes it.
    options : mapping of str to value
        Other options of ``inklings train``, without the leading dashes; True for a flag. The suggested command
        repeats them.
    recipe, network, ending
        As in :class:`inklings.training.fit_result.FitResult`.
    class_accuracies : mapping of str to float
        Validation accuracy of each class, by its name.
    class_sizes : mapping of str to int
        How many training images each class has.
    learning_curve : sequence of (int, float)
        Numbers of training images, and the validation accuracy reached with each.
    """

    name: str
    options: Options = field(default_factory=dict)
    recipe: Recipe | None = None
    network: Network | None = None
    ending: StopReason | None = None
    class_accuracies: Mapping[str, float] = field(default_factory=dict)
    class_sizes: Mapping[str, int] = field(default_factory=dict)
    learning_curve: Sequence[tuple[int, float]] = ()

    @classmethod
    def of_plan(cls, plan: Plan, *, data: str = "", **known: Any) -> Facts:  # noqa: ANN401 - the other facts
        """Take name, options, recipe and network from a plan.

        Parameters
        ----------
        plan : Plan
        data : str
            The name or path of the data; left out of commands if not given.
        **known
            Other facts.
        """
        options = ({"data": data} if data else {}) | options_of(plan)
        return cls(plan.name, options, plan.recipe, plan.network, **known)

    @property
    def is_full_batch(self) -> bool:
        """Whether the optimiser finds its step lengths by a line search."""
        return self.recipe is not None and self.recipe.is_full_batch

    @property
    def keeps_best(self) -> bool:
        """Whether the weights of the best epoch are kept rather than the last."""
        stops = self.recipe is not None and self.recipe.early_stopping is not None
        return stops or self.ending is StopReason.EARLY
