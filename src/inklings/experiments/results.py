"""The result of a network: its row in a comparison's table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from inklings.arguments import checks_call
from inklings.data.parts import Split
from inklings.engines import Engine, get_engine
from inklings.errors import DataError, RunError
from inklings.evaluation.statistics import Interval, wilson_interval
from inklings.networks import Parameters
from inklings.notebook import as_paragraph, as_table, to_frame
from inklings.reprs import percent
from inklings.training.fit_result import FitResult
from inklings.training.plans import Plan, title_of

RANDOM_WEIGHTS = "random weights"


@dataclass(frozen=True)
class Result:
    """A network's accuracies, as fractions of the images.

    Attributes
    ----------
    network, variant : str
        ``mlp`` and ``dropout``.
    parameters : int
        Number of trainable parameters.
    train, validation, test : float
        With the weights that training returned.
    interval : (float, float)
        Wilson's 95 % interval of the test accuracy.
    best_epoch : int
        The epoch with the lowest validation loss.
    seconds : float
        Training time, evaluation included; of an opponent, the choice of its settings included.
    is_network : bool
        False for an opponent, which has neither parameters to count nor epochs.
    problem : str
        Why there are no accuracies, of an opponent that could not be fitted; they are NaN then. Else empty.

    Examples
    --------
    >>> import inklings
    >>> split = inklings.open_dataset("digits").split()
    >>> result = inklings.compare(["softmax"], split, quick=True).results[0]
    >>> result.interval.low < result.test < result.interval.high
    True
    """

    network: str
    variant: str
    parameters: int
    train: float
    validation: float
    test: float
    interval: Interval
    best_epoch: int
    seconds: float
    is_network: bool = True
    problem: str = ""

    @property
    def failed(self) -> bool:
        """Whether there are no accuracies."""
        return bool(self.problem)

    @property
    def title(self) -> str:
        """Name and variant: ``"mlp (dropout)"``."""
        return title_of(self.network, self.variant)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON; a failed opponent's figures are None, and a key says why."""
        plain = {**asdict(self), "interval": list(self.interval)}
        if self.failed:
            # None, since JSON has no NaN.
            return plain | dict.fromkeys(("train", "validation", "test", "interval", "seconds"))
        del plain["problem"]
        return plain

    @property
    def accuracies(self) -> dict[str, Any]:
        """The part that a stored run keeps."""
        # From the form for JSON, in which the interval is a list.
        return {name: self.to_dict()[name] for name in ("train", "validation", "test", "interval")}


class HasResults(Protocol):
    """A comparison, of one split or of several."""

    @property
    def results(self) -> tuple[Result, ...]:
        """A row for each contender."""


class ShownByResults:
    """Shows its results in a notebook, and gives them as a data frame."""

    def _repr_html_(self: HasResults) -> str:
        """Show it in a notebook: a row for each contender."""
        head = ("", "parameters", "training", "validation", "test", "95 % interval", "seconds")
        return as_paragraph(repr(self).strip("<>")) + as_table(head, [_cells(each) for each in self.results])

    @checks_call(RunError)
    def to_frame(self: HasResults) -> Any:  # noqa: ANN401 - of pandas or of polars
        """Return a row for each result: accuracies, and ``interval_low`` to ``interval_high`` of 95 %.

        Returns
        -------
        DataFrame
            Of pandas, or of polars where there is no pandas.

        Raises
        ------
        MissingDependencyError
            There is neither.
        """
        return frame_of(self.results)


def frame_of(results: Sequence[Result], **first: Sequence[Any]) -> Any:  # noqa: ANN401 - of pandas or of polars
    """Return a data frame with a row for each result; ``first`` are columns before those of the results."""
    return to_frame(
        {
            **first,
            "title": [each.title for each in results],
            **{name: [getattr(each, name) for each in results] for name in _COLUMNS},
            "interval_low": [each.interval[0] for each in results],
            "interval_high": [each.interval[1] for each in results],
        }
    )


_COLUMNS = ("network", "variant", "is_network", "parameters", "train", "validation", "test", "best_epoch", "seconds")


def _cells(result: Result) -> tuple[str, ...]:
    parameters = f"{result.parameters:,}" if result.is_network else ""
    if result.failed:
        return result.title, parameters, "", "", result.problem, "", ""
    figures = (percent(each) for each in (result.train, result.validation, result.test))
    low, high = result.interval
    return result.title, parameters, *figures, f"{low:.1%} to {high:.1%}", f"{result.seconds:.1f}"


def check_measurable(split: Split) -> None:
    """Refuse a split by which nothing can be measured, before anything is trained on it.

    Raises
    ------
    DataError
        It has no validation or no test images.
    """
    for part, rows in (("validation", split.validation_rows), ("test", split.test_rows)):
        if not len(rows):
            hint = "divide the images anew: split.dataset.split()"
            raise DataError(f"the split has no {part} images, expected some to measure by", hint)


@checks_call(RunError)
def measure(
    plan: Plan,
    parameters: Parameters,
    split: Split,
    engine: str | Engine = "auto",
    *,
    best_epoch: int = 0,
    seconds: float = 0.0,
) -> Result:
    """Evaluate a network on each part of a split; the test images are used here and nowhere else.

    The engine is one, or the name of one.

    Raises
    ------
    DataError
        There are no validation or no test images.

    Examples
    --------
    >>> import inklings
    >>> from inklings.experiments import measure
    >>> from inklings.networks import initial_parameters
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("naive", (20, 20, 1), 10)
    >>> untrained = measure(plan, initial_parameters(plan.network, 0), split)
    >>> untrained.test < 0.2  # guessing would be 0.1
    True
    """
    check_measurable(split)
    engine = engine if hasattr(engine, "evaluate") else get_engine(engine)
    objective = plan.recipe.objective(plan.network, split.train.labels)
    train, validation, test = (
        engine.evaluate(plan.network, objective, parameters, part.images, part.labels).accuracy
        for part in (split.train, split.validation, split.test)
    )
    # The interval needs the count, which a mean as a float only nearly gives back.
    images = len(split.test)
    return Result(
        plan.name,
        plan.variant,
        plan.network.parameter_count,
        train,
        validation,
        test,
        wilson_interval(round(test * images), images),
        best_epoch,
        seconds,
    )


@checks_call(RunError)
def measure_fitted(plan: Plan, fitted: FitResult, split: Split, engine: str | Engine = "auto") -> Result:
    """Evaluate a trained network, by an engine or the name of one.

    Examples
    --------
    >>> import inklings
    >>> from inklings.experiments import measure_fitted
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> fitted = inklings.fit(plan.network, plan.recipe, split)
    >>> measure_fitted(plan, fitted, split).test > 0.85
    True
    """
    return measure(
        plan, fitted.parameters, split, engine, best_epoch=fitted.best_epoch, seconds=round(fitted.seconds, 3)
    )


SPARE = ("seconds", "best epoch", "parameters", "training", "validation")
"""Of these, what a narrow window may leave out, the first one first."""

HEADINGS = ("network", "parameters", "training", "validation", "test (95 % interval)", "best epoch", "seconds")


def table_rows(results: Sequence[Result]) -> list[tuple[str, ...]]:
    """Format results for people, one cell per heading of ``HEADINGS``."""
    return [
        (result.title, *(["-"] * (len(HEADINGS) - 1)))
        if result.failed
        else (
            result.title,
            f"{result.parameters:,}" if result.is_network else "-",
            percent(result.train),
            percent(result.validation),
            f"{percent(result.test)} ({result.interval.low:.1%} to {result.interval.high:.1%})",
            # Of random weights nothing was trained: neither epoch nor time.
            str(result.best_epoch) if result.is_network and result.variant != RANDOM_WEIGHTS else "-",
            "-" if result.variant == RANDOM_WEIGHTS else f"{result.seconds:.1f}",
        )
        for result in results
    ]
