"""The history of a training as a table that grows while it trains."""

from __future__ import annotations

import csv
from dataclasses import fields
from math import isnan
from pathlib import Path
from typing import TextIO

from inklings.arguments import as_path, checks_call
from inklings.callbacks.history_logger import HistoryLogger
from inklings.errors import RunError
from inklings.networks import Network
from inklings.training.epoch_record import EpochRecord
from inklings.training.recipe import Recipe


class CSVLogger(HistoryLogger):
    """Write a row for each epoch into a CSV file, which can be read while training goes on.

    Should the disk fill up meanwhile, the rows are written once there is room.

    Parameters
    ----------
    path : str or Path
        The file; its columns are the fields of :class:`inklings.training.EpochRecord`, its first row is the untrained
        network. A missing value, such as a validation loss without validation images, is left empty.
    append : bool
        Whether rows are added to a file that exists, as for a training that is resumed; otherwise it is overwritten.

    Attributes
    ----------
    problem : RunError or None
        Why a row could not be written, if one could not. The log warns once, and training goes on.

    Raises
    ------
    RunError
        The file cannot be written, before training starts.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from inklings import fit, open_dataset, preset
    >>> path = Path(tempfile.mkdtemp()) / "history.csv"
    >>> split, plan = open_dataset("digits").split(), preset("softmax", (20, 20, 1), 10)
    >>> fitted = fit(plan.network, plan.recipe.with_settings(steps=110), split, callbacks=[CSVLogger(path)])
    >>> len(path.read_text().splitlines()) == 1 + len(fitted.history)
    True
    """

    @checks_call(RunError)
    def __init__(self, path: str | Path, *, append: bool = False) -> None:
        self.path: Path = as_path(path, "CSVLogger's path", RunError)
        super().__init__(self.path, OSError)
        self.append = append
        self._file: TextIO | None = None

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Open the file, and write the head of the table."""
        with self.beginning("name a file in a folder that exists"):
            # A second training in the same file adds rows under the first one's headings.
            headed = self.append and self.path.exists() and self.path.stat().st_size > 0
            self._file = self.path.open("a" if self.append else "w", newline="", encoding="utf-8")
            if not headed:
                self._write([field.name for field in fields(EpochRecord)])

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Write the epoch's row."""
        values = record.to_dict().values()
        with self.going_on():
            self._write(["" if isinstance(value, float) and isnan(value) else value for value in values])

    def on_end(self) -> None:
        """Close the file."""
        if self._file is not None:
            with self.going_on():
                self._file.close()
            self._file = None

    def _write(self, row: list[object]) -> None:
        assert self._file is not None
        csv.writer(self._file, lineterminator="\n").writerow(row)
        # So that whoever looks sees whole rows. What cannot be written stays in the buffer, for the next time.
        self._file.flush()
