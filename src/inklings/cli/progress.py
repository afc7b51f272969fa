"""What is shown while a network is trained: a progress bar on a terminal, a line now and then elsewhere, or nothing."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import TYPE_CHECKING

import click

from inklings.callbacks.progress import Bar, Lines
from inklings.networks import Network
from inklings.training.callbacks import Callback
from inklings.training.epoch_record import EpochRecord
from inklings.training.plans import Plan
from inklings.training.recipe import Recipe
from inklings.training.training_job import TrainingJob

if TYPE_CHECKING:
    from inklings.costs.cost import Cost

_SECONDS_BETWEEN_LINES = 10.0
_SECONDS_BETWEEN_COUNTS = 0.2
_SECONDS_TO_COMPLAIN = 5.0  # a shorter run is not worth a remark about its speed


def watch(
    plan: Plan, images: tuple[int, int] | None, engine: str, *, quiet: bool, passing: bool = False
) -> list[Callback]:
    """Return the callbacks that show a training's cost and progress on standard error.

    Without the numbers of training and validation images, progress alone is shown. Of one of many trainings,
    ``passing``, nothing is left once it is over: a bar goes, and only a training that takes long prints a line.
    """
    if quiet:
        return []
    # Standard error, not output: a table that is piped into a file should not take the bar along.
    progress = Bar(plan.title, passing=passing) if sys.stderr.isatty() else Lines(plan.title, passing=passing)
    return [progress] if images is None else [Forecast(plan, images, engine), progress]


def forecast_cost(plan: Plan, job: TrainingJob) -> Cost:
    """Return what a training would cost."""
    from inklings.costs import forecast

    return forecast(plan.network, plan.recipe, job.images, engine=job.engine.name)


def describe_cost(plan: Plan, images: tuple[int, int], engine: str) -> list[tuple[str, str]]:
    """Return what a training would cost, as headings and texts."""
    from inklings.costs import forecast
    from inklings.costs.cost import describe_operations, describe_seconds
    from inklings.training.memory import describe_bytes

    cost = forecast(plan.network, plan.recipe, images, engine=engine)
    return [
        ("network", f"{plan.title}, {cost.parameters:,} parameters"),
        ("images", f"{images[0]:,} training, {images[1]:,} validation"),
        ("steps", f"{cost.steps:,} in {cost.epochs:,} epochs, at most"),
        (
            "operations",
            f"{describe_operations(cost.operations_per_image)} to classify an image, "
            f"{describe_operations(cost.operations)} to train",
        ),
        ("time", f"about {describe_seconds(cost.seconds)}, if nothing else is running"),
        ("memory", f"about {describe_bytes(cost.memory)}"),
    ]


class Forecast(Callback):
    """A line before training with its cost, and another one that says why if training takes twice as long."""

    def __init__(self, plan: Plan, images: tuple[int, int], engine: str) -> None:
        from inklings.costs import forecast

        self._title, self._engine = plan.title, engine
        self._cost = forecast(plan.network, plan.recipe, images, engine=engine)
        self._explained = False

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Print the cost."""
        click.echo(f"{self._title}: {self._cost}", err=True)

    def on_epoch_end(self, row: EpochRecord) -> None:
        """Check whether training is far behind the forecast."""
        # Epoch 0 is the network before training, of which there is nothing to tell.
        if not self._explained and row.epoch and row.seconds > _SECONDS_TO_COMPLAIN:
            from inklings.doctor import explain_slowness

            expected = self._cost.seconds_until(row.epoch)
            if line := explain_slowness(row.seconds, expected, engine=self._engine):
                self._explained = True
                click.echo(f"{self._title}: {line}", err=True)


class Counter:
    """How many of many things are done, on standard error: in place on a terminal, a line now and then elsewhere.

    Parameters
    ----------
    what : str
        What is counted.
    quiet : bool
        Whether to print nothing.
    """

    def __init__(self, what: str, *, quiet: bool) -> None:
        self._what, self._quiet = what, quiet
        self._printed = perf_counter()

    def __call__(self, done: int, total: int) -> None:
        """Show the numbers, if it is time to."""
        terminal = sys.stderr.isatty()
        late = perf_counter() - self._printed >= (_SECONDS_BETWEEN_COUNTS if terminal else _SECONDS_BETWEEN_LINES)
        if self._quiet or not late:
            return
        self._printed = perf_counter()
        line = f"{done:,} of {total:,} {self._what}"
        # A line that is written over leaves nothing behind when all is done.
        click.echo(f"\r{line if done < total else ' ' * len(line)}\r" if terminal else line, err=True, nl=not terminal)
