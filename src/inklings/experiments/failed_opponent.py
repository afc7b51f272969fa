"""An opponent of a comparison that could not be fitted: a row without figures, and why."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from inklings.data.parts import Split
from inklings.errors import InklingsError, RecipeError
from inklings.evaluation.statistics import Interval
from inklings.experiments.results import Result
from inklings.experiments.trained_opponent import TrainedOpponent, train_opponent
from inklings.opponents import Opponent


@dataclass(frozen=True, eq=False)
class FailedOpponent:
    """An opponent that a comparison leaves out, since it could not be fitted or did not answer.

    Attributes
    ----------
    opponent : Opponent
    split : Split
    error : InklingsError
        Why, in one line.
    """

    opponent: Opponent
    split: Split
    error: InklingsError

    @property
    def title(self) -> str:
        """Its name."""
        return self.opponent.title

    @property
    def problem(self) -> str:
        """What went wrong, in a line."""
        return f"{self.error}; it is left out"

    @property
    def result(self) -> Result:
        """Its row in a table, without accuracies."""
        # NaN, not 0: a mean or a plot over rows then shows that something is missing.
        none = Interval(nan, nan)
        return Result(self.title, "", 0, nan, nan, nan, none, 0, nan, is_network=False, problem=self.problem)


def try_opponent(opponent: Opponent, split: Split) -> TrainedOpponent | FailedOpponent:
    """Fit and evaluate an opponent as :func:`train_opponent` does; say why if that fails.

    The others of a comparison, which may have trained for hours, are not lost for it.
    """
    try:
        return train_opponent(opponent, split)
    except InklingsError as error:
        return FailedOpponent(opponent, split, error)
    except MemoryError:  # of our own arrays; an estimator's is an InklingsError already
        return FailedOpponent(opponent, split, RecipeError(f"{opponent.name} cannot be fitted: not enough memory"))
