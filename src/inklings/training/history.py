"""The history of a training: its epochs in order."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from typing import TYPE_CHECKING, Any, Self

from inklings.arguments import checks_call
from inklings.errors import InklingsError, RunError
from inklings.notebook import as_figure, as_paragraph, to_frame
from inklings.serialise import check_stored, did_you_mean
from inklings.training.epoch_record import EpochRecord, best_record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["EpochRecord", "History", "best_record", "continue_history"]


class History(tuple[EpochRecord, ...]):
    """All epochs of a training, in order: a tuple of :class:`EpochRecord` that can draw itself.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> history = inklings.fit(plan.network, plan.recipe.with_settings(epochs=3), split).history
    >>> [record.epoch for record in history]
    [0, 1, 2, 3]
    """

    __slots__ = ()

    def __new__(cls, records: Iterable[EpochRecord] = ()) -> Self:
        """Make it of the records of epochs; a RunError for anything else."""
        if not isinstance(records, Iterable):
            raise RunError(f"a history is of type {type(records).__name__}, expected the records of epochs")
        return super().__new__(cls, records)

    if not TYPE_CHECKING:

        def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 - a checker sees tuple's own
            # As in Keras, where a history is a dict of lists.
            if isinstance(place, str):
                names = [field.name for field in fields(EpochRecord)]
                hint = f"write [record.{place} for record in history] or history.to_frame()['{place}']"
                problem = f"a history is a list of epochs' records, not a dict with '{place}'"
                raise RunError(problem, hint if place in names else did_you_mean(place, names))
            return super().__getitem__(place)

    def __repr__(self) -> str:
        # Of hundreds of epochs, a tuple's own would fill a screen; list(history) has all of it.
        return f"<History: {self.describe()}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook: its curves."""
        if not self:
            return as_paragraph(repr(self))
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9, 3))
        for axes, measure in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
            self.plot(axes, measure=measure)
        return as_figure(figure, "curves of loss and accuracy")

    def describe(self) -> str:
        """Return the number of epochs, or iterations, and the accuracies after the last one in a line."""
        if not self:
            return "no epochs"
        last = self[-1]
        told = f"{last.count()}; training accuracy {last.train_accuracy:.1%}"
        return told + (f", validation accuracy {last.validation_accuracy:.1%}" if last.has_validation else "")

    @classmethod
    def from_plain(cls, rows: Sequence[Any], error: type[InklingsError]) -> History:
        """Read rows as :meth:`EpochRecord.to_dict` gave them; the error names the row and what is wrong with it."""
        return cls(_record(row, f"row {number}", error) for number, row in enumerate(rows, start=1))

    @checks_call(RunError)
    def plot(self, ax: Axes | None = None, *, x: str = "epochs", measure: str = "loss") -> Axes:
        """Draw training (solid) and validation images (dashed); see :func:`inklings.plot_curves`, which takes several.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure if not given.
        x : {"epochs", "steps", "seconds", "images"}
            What to draw against; ``"images"`` are those seen since training began.
        measure : {"loss", "accuracy"}

        Returns
        -------
        Axes
            To change or save: ``history.plot().figure.savefig("curves.png")``.

        Raises
        ------
        RunError
            There is no such axis or measure, or the history lacks it.
        """
        from inklings.training.plot import plot_curves

        return plot_curves(self, ax, x=x, measure=measure)

    @checks_call(RunError)
    def to_frame(self) -> Any:  # noqa: ANN401 - of pandas or of polars
        """Return a row for each epoch, as a data frame of pandas, or of polars where there is no pandas.

        Raises
        ------
        MissingDependencyError
            There is neither.
        """
        rows = [record.to_dict() for record in self]
        return to_frame({name: [row[name] for row in rows] for name in rows[0]} if rows else {})


def _record(row: Any, where: str, error: type[InklingsError]) -> EpochRecord:  # noqa: ANN401 - whatever was stored
    if not isinstance(row, Mapping):
        raise error(f"{where} is {row!r:.60}, expected the figures of an epoch")
    hints = typing.get_type_hints(EpochRecord)
    for key in row:
        if key not in hints:
            raise error(f"{where} has the unknown figure '{key:.40}'", did_you_mean(key, hints))
    for field in fields(EpochRecord):
        if field.name in row:
            check_stored(hints[field.name], row[field.name], f"{where}.{field.name}", error)
        elif field.default is MISSING:
            raise error(f"{where} has no '{field.name}'", expected=field.name)
    return EpochRecord(**row)


def continue_history(before: Sequence[EpochRecord], after: Sequence[EpochRecord]) -> History:
    """Append the history of a training to that of the one it continued; its epoch 0 is the last record before it."""
    if not before:
        return History(after)
    last = before[-1]
    moved = (
        replace(
            record,
            epoch=last.epoch + record.epoch,
            step=last.step + record.step,
            seconds=last.seconds + record.seconds,
            images=None if last.images is None or record.images is None else last.images + record.images,
        )
        # after[0] is the last record of `before` once more, before the first step of the continued training.
        for record in after[1:]
    )
    return History((*before, *moved))
