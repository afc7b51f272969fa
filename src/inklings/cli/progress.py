"""What is shown while a network is trained: a progress bar on a terminal, a line now and then elsewhere, or nothing."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

import click

from inklings.networks import Network
from inklings.training.callbacks import Callback
from inklings.training.epoch_record import EpochRecord
from inklings.training.plans import Plan
from inklings.training.recipe import Recipe

_LINES = 10  # that a training prints where there is no terminal
_SECONDS_BETWEEN_LINES = 10.0  # at most: a log that stands still looks like a program that hangs
_SECONDS_BETWEEN_COUNTS = 0.2
_SECONDS_TO_COMPLAIN = 5.0  # a shorter run is not worth a remark about its speed
_WIDE = 130  # columns of a terminal that has room for losses beside the bar
_BAR = 30  # columns of the bar there


def watch(
    plan: Plan, images: tuple[int, int] | None, engine: str, *, quiet: bool, passing: bool = False
) -> list[Callback]:
    """Return the callbacks that show a training's cost and progress on standard error.

    Without the numbers of training and validation images, progress alone is shown. Of one of many trainings,
    ``passing``, nothing is left once it is over: a bar goes, and only a training that takes long prints a line.
    """
    if quiet:
        return []
    progress = Bar(plan.title, passing=passing) if sys.stderr.isatty() else Lines(plan.title, passing=passing)
    return [progress] if images is None else [Forecast(plan, images, engine), progress]


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


def describe_row(row: EpochRecord) -> str:
    """Return a row of a history as text."""
    loss = "" if row.loss is None else f"loss {row.loss:.4f}  "
    return (
        f"{loss}training {row.train_loss:.4f} {row.train_accuracy:.1%}  "
        f"validation {row.validation_loss:.4f} {row.validation_accuracy:.1%}"
    )


class Lines(Callback):
    """A plain line every tenth of the epochs, and at least every ten seconds."""

    def __init__(self, title: str, *, passing: bool = False) -> None:
        self._title, self._passing = title, passing
        self._epochs = 1
        self._printed = -1.0

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Note how many epochs there will be."""
        self._epochs = epochs
        self._printed = perf_counter()

    def on_epoch_end(self, row: EpochRecord) -> None:
        """Print a line, if one is due."""
        part = max(1, self._epochs // _LINES)
        late = perf_counter() - self._printed >= _SECONDS_BETWEEN_LINES
        regular = not self._passing and (row.epoch in (1, self._epochs) or row.epoch % part == 0)
        if row.epoch and (regular or late):
            self._printed = perf_counter()
            line = f"{self._title}: epoch {row.epoch}/{self._epochs}  {row.seconds:.1f} s  {describe_row(row)}"
            click.echo(line, err=True)


class Bar(Callback):
    """A progress bar that leaves a single line when training is over."""

    def __init__(self, title: str, *, passing: bool = False) -> None:
        self._title, self._passing = title, passing
        self._last: EpochRecord | None = None
        self._wide = False
        self._bar: Any = None
        self._task: Any = None

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Show an empty bar."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True, highlight=False)
        self._wide = console.width >= _WIDE
        columns = [TextColumn("{task.description}"), BarColumn(_BAR if self._wide else None), MofNCompleteColumn()]
        columns += [TimeRemainingColumn(compact=True), TextColumn("{task.fields[row]}")]
        self._bar = Progress(*columns, console=console, transient=True)
        self._task = self._bar.add_task(self._title, total=epochs, row="")
        self._bar.start()

    def on_epoch_end(self, row: EpochRecord) -> None:
        """Advance the bar."""
        self._last = row
        words = describe_row(row) if self._wide else f"{row.validation_accuracy:.1%}"
        self._bar.update(self._task, completed=row.epoch, row=words)

    def on_end(self) -> None:
        """Leave a line in place of the bar."""
        self._bar.stop()
        if self._last is not None and not self._passing:
            begin = f"{self._title}: {self._last.epoch} epochs in {self._last.seconds:.1f} s"
            line = f"{begin}, {describe_row(self._last)}"
            if len(line) > self._bar.console.width:
                line = f"{begin}, validation {self._last.validation_accuracy:.1%}"
            self._bar.console.print(line, markup=False)


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
