"""How training goes on, while it does: a bar on a terminal and in a notebook, a line now and then elsewhere."""

from __future__ import annotations

import html
import sys
from time import perf_counter
from typing import Any

from inklings.arguments import checks_call
from inklings.errors import RecipeError
from inklings.networks import Network
from inklings.training.callbacks import Callback
from inklings.training.epoch_record import EpochRecord
from inklings.training.recipe import Recipe

_LINES = 10  # that a training prints where there is no terminal
_SECONDS_BETWEEN_LINES = 10.0  # at most: a log that stands still looks like a program that hangs
_SECONDS_BETWEEN_UPDATES = 0.1  # of a notebook, to which each one is a message that its file may keep
_WIDE = 130  # columns of a terminal that has room for losses beside the bar
_BAR = 30  # columns of the bar there


class Progress(Callback):
    """Show how training goes on: a bar in a notebook and on a terminal, a line now and then in a pipe or a file.

    It writes to standard error, except in a notebook, and leaves one line when training is over.

    Parameters
    ----------
    title : str
        What the training is called.

    Examples
    --------
    >>> from inklings import fit, open_dataset, preset
    >>> split, plan = open_dataset("digits").split(), preset("softmax", (20, 20, 1), 10)
    >>> fitted = fit(plan.network, plan.recipe.with_settings(steps=110), split, callbacks=[Progress("softmax")])
    """

    @checks_call(RecipeError)
    def __init__(self, title: str = "training") -> None:
        # Named so that `Callback.title`, which is what a training is stopped by, stays what it is.
        self._name = title
        self._shown: Callback = Callback()

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Choose how to show it, by where it is, and begin."""
        self._shown = _bar_for_here(self._name)
        self._shown.on_start(network, recipe, epochs)

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Show the epoch."""
        self._shown.on_epoch_end(record)

    def on_end(self) -> None:
        """Leave a line."""
        self._shown.on_end()


def _bar_for_here(title: str) -> Callback:
    if is_notebook():
        return NotebookBar(title)
    return Bar(title) if sys.stderr.isatty() else Lines(title)


def is_notebook() -> bool:
    """Whether the code runs in a notebook, which shows HTML; IPython's own terminal does not."""
    ipython = sys.modules.get("IPython")  # whoever runs in a notebook has it loaded
    shell = ipython.get_ipython() if ipython is not None else None
    # A kernel is what a notebook talks to; IPython on a terminal has a shell, and none.
    return shell is not None and hasattr(shell, "kernel")


def describe_record(record: EpochRecord) -> str:
    """Return an epoch's losses and accuracies as text."""
    loss = "" if record.loss is None else f"loss {record.loss:.4f}  "
    training = f"{loss}training {record.train_loss:.4f} {record.train_accuracy:.1%}"
    if not record.has_validation:
        return training
    return f"{training}  validation {record.validation_loss:.4f} {record.validation_accuracy:.1%}"


def _accuracy(record: EpochRecord) -> float:
    """Return the accuracy that counts: on the validation images, if there are any."""
    return record.validation_accuracy if record.has_validation else record.train_accuracy


class Lines(Callback):
    """A plain line every tenth of the epochs, and at least every ten seconds.

    Parameters
    ----------
    title : str
    passing : bool
        Whether it is one of many trainings, of which only those that take long print a line.
    """

    def __init__(self, title: str, *, passing: bool = False) -> None:
        self._title, self._passing = title, passing
        self._epochs = 1
        self._printed = -1.0

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Note how many epochs there will be."""
        self._epochs = epochs
        self._printed = perf_counter()

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Print a line, if one is due."""
        part = max(1, self._epochs // _LINES)
        # Judged when an epoch ends, the only moment at which there is something new to say.
        late = perf_counter() - self._printed >= _SECONDS_BETWEEN_LINES
        regular = not self._passing and (record.epoch in (1, self._epochs) or record.epoch % part == 0)
        if record.epoch and (regular or late):
            self._printed = perf_counter()
            begin = f"{self._title}: {record.unit} {record.epoch}/{self._epochs}  {record.seconds:.1f} s"
            print(f"{begin}  {describe_record(record)}", file=sys.stderr, flush=True)


class Bar(Callback):
    """A progress bar on a terminal that leaves a single line when training is over.

    Parameters
    ----------
    title, passing
        As of :class:`Lines`; of one of many trainings no line is left.
    """

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
        columns += [TimeRemainingColumn(compact=True), TextColumn("{task.fields[record]}")]
        self._bar = Progress(*columns, console=console, transient=True)
        self._task = self._bar.add_task(self._title, total=epochs, record="")
        self._bar.start()

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Advance the bar."""
        self._last = record
        words = describe_record(record) if self._wide else f"{_accuracy(record):.1%}"
        self._bar.update(self._task, completed=record.epoch, record=words)

    def on_end(self) -> None:
        """Leave a line in place of the bar."""
        if self._bar is None:  # another callback failed before this one was started
            return
        self._bar.stop()
        if self._last is not None and not self._passing:
            line = _summary(self._title, self._last)
            if len(line) > self._bar.console.width:
                line = _summary(self._title, self._last, briefly=True)
            self._bar.console.print(line, markup=False)


class NotebookBar(Callback):
    """A progress bar in a notebook: HTML that is replaced in its place, so that no widgets need to be installed.

    Parameters
    ----------
    title : str
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._epochs = 1
        self._last: EpochRecord | None = None
        self._place: Any = None
        self._updated = 0.0

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Show an empty bar."""
        import IPython.display

        display: Any = IPython.display.display  # has no types
        self._epochs, self._last = epochs, None
        self._place = display(_Shown(self._title, self._markup(0, "")), display_id=True)

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Advance the bar, if it was not just now."""
        self._last = record
        now = perf_counter()
        if now - self._updated >= _SECONDS_BETWEEN_UPDATES:
            self._updated = now
            told = describe_record(record)
            self._place.update(_Shown(f"{self._title}: {told}", self._markup(record.epoch, told)))

    def on_end(self) -> None:
        """Leave a line in place of the bar."""
        if self._place is not None and self._last is not None:
            line = _summary(self._title, self._last)
            self._place.update(_Shown(line, f"<p>{html.escape(line)}</p>"))

    def _markup(self, epoch: int, told: str) -> str:
        bar = f'<progress value="{epoch}" max="{self._epochs}" style="width: 16em; vertical-align: middle"></progress>'
        return f"<p>{html.escape(self._title)} {bar} {epoch:,}/{self._epochs:,} {html.escape(told)}</p>"


class _Shown:
    """The same as text, for what does not show HTML, and as HTML."""

    def __init__(self, text: str, markup: str) -> None:
        self._text, self._markup = text, markup

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return self._markup


def _summary(title: str, record: EpochRecord, *, briefly: bool = False) -> str:
    """Return what is left to say when training is over."""
    begin = f"{title}: {record.count()} in {record.seconds:.1f} s"
    if not briefly:
        return f"{begin}, {describe_record(record)}"
    return f"{begin}, {'validation' if record.has_validation else 'training'} {_accuracy(record):.1%}"
