"""What is shown while a study is under way: a table that is drawn anew on a terminal, lines elsewhere, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from inklings.costs.cost import describe_seconds
from inklings.reprs import percent
from inklings.search.progress import Progress
from inklings.search.study import describe_settings
from inklings.search.trial import State, Trial

if TYPE_CHECKING:
    from rich.table import Table

_SECONDS_BETWEEN_LINES = 10.0
_WORKERS_SHOWN, _TRIALS_SHOWN = 8, 6
"""Workers that are listed, and trials of each; of a cluster's hundreds, the rest is counted."""
FIGURES: Mapping[str, Callable[[float], str]] = {"loss": "{:.4f}".format, "accuracy": percent}


class StudyProgress:
    """Shows a study; use it as a context, and call it with each :class:`~inklings.search.progress.Progress`.

    Parameters
    ----------
    measure : {"loss", "accuracy"}
    quiet : bool
        Whether to show nothing.
    """

    def __init__(self, measure: str, *, quiet: bool) -> None:
        self._figure, self._measure = FIGURES[measure], measure
        self._quiet, self._live = quiet, None
        self._failed: Trial | None = None
        self._printed, self._best = perf_counter(), -1

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            self._live = self._begin_live()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def _begin_live(self) -> Any:  # noqa: ANN401 - rich's, which is imported where there is a terminal
        from rich.console import Console
        from rich.live import Live

        # It leaves nothing behind: what came of the study is printed afterwards.
        live = Live(console=Console(stderr=True, highlight=False), transient=True, refresh_per_second=4)
        live.start()
        return live

    def __call__(self, progress: Progress) -> None:
        """Show how far the study is."""
        if self._live is not None:
            self._live.update(self._table(progress))
        elif not self._quiet:
            self._print(progress)

    def _print(self, progress: Progress) -> None:
        """Print each new best, and a line now and then."""
        best = progress.best
        is_new = best is not None and best.configuration != self._best
        if not is_new and perf_counter() - self._printed < _SECONDS_BETWEEN_LINES:
            return
        self._printed, self._best = perf_counter(), -1 if best is None else best.configuration
        click.echo(f"{_counts(progress)}{_left(progress)}{self._describe_best(progress)}", err=True)

    def _describe_best(self, progress: Progress) -> str:
        if progress.best is None or progress.best_figure is None:
            return ""
        figure = self._figure(progress.best_figure)
        return f"; best: validation {self._measure} {figure} with {describe_settings(progress.best.settings)}"

    def _table(self, progress: Progress) -> Table:
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim")
        table.add_column(overflow="fold")
        table.add_row("trials", _counts(progress))
        if progress.best is not None and progress.best_figure is not None:
            figure = self._figure(progress.best_figure)
            settings = describe_settings(progress.best.settings)
            table.add_row("best so far", f"validation {self._measure} {figure}, {settings}")
        table.add_row("running", _at_work(progress.running))
        failed = (trial for trial in reversed(progress.latest) if trial.state is State.FAILED)
        # Kept until another one fails: the latest events are gone with the next drawing.
        self._failed = next(failed, self._failed)
        if self._failed is not None:
            table.add_row("last failed", describe_failure(self._failed))
        if progress.seconds_left is not None:
            table.add_row("left", f"about {describe_seconds(progress.seconds_left)}")
        return table


def _at_work(running: Mapping[int, str]) -> str:
    """Return a line for each worker, with what it is at."""
    of_worker: dict[str, list[int]] = {}
    for number, worker in sorted(running.items()):
        of_worker.setdefault(worker, []).append(number)
    lines = []
    for worker, numbers in sorted(of_worker.items())[:_WORKERS_SHOWN]:
        more = f" and {len(numbers) - _TRIALS_SHOWN:,} more" if len(numbers) > _TRIALS_SHOWN else ""
        lines.append(f"{', '.join(map(str, numbers[:_TRIALS_SHOWN]))}{more} on {worker}")
    if len(of_worker) > _WORKERS_SHOWN:
        lines.append(f"others on {len(of_worker) - _WORKERS_SHOWN:,} more workers")
    return "\n".join(lines) or "none"


def describe_failure(trial: Trial) -> str:
    """Return in a line which trial failed and why."""
    return f"trial {trial.number} ({describe_settings(trial.settings)}): {trial.reason}"


def _counts(progress: Progress) -> str:
    total = "" if progress.wanted is None else f" of {progress.wanted:,}"
    parts = [f"{progress.ended:,}{total} ended"]
    parts += [
        f"{count:,} {name}" for name, count in (("pruned", progress.pruned), ("failed", progress.failed)) if count
    ]
    return ", ".join([*parts, f"{len(progress.running):,} running"])


def _left(progress: Progress) -> str:
    return "" if progress.seconds_left is None else f", about {describe_seconds(progress.seconds_left)} left"
