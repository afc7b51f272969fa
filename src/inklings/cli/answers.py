"""A model's answers for many images: collected, and written as a table, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.tables import print_table
from inklings.errors import DataError
from inklings.reprs import percent
from inklings.storage import refuse_special, write_atomically, writing

if TYPE_CHECKING:
    from inklings.models import Prediction

NOT_FAMILIAR = "not like what it learnt"
"""Stands in place of a class, which is then no more than a guess."""

COLUMNS = ("label", "probability")
"""What stands in a file of answers, after the column that says which image it is."""

MEASURED = ("familiar", "novelty")
"""What follows where the model has a measure of novelty, and no columns were asked for."""


@dataclass
class AnswerList:
    """Predictions in the order of the images.

    Parameters
    ----------
    kind : {"picture", "id"}
        What names the images: the paths of pictures, or the rows of a file.
    rows : list of (str, Prediction)
        Each image's name and prediction.
    files : list of (str, int)
        Data files, and with which row of ``rows`` each begins.
    """

    kind: str = "picture"
    rows: list[tuple[str, Prediction]] = field(default_factory=list)
    files: list[tuple[str, int]] = field(default_factory=list)

    def add(self, name: str, answer: Prediction) -> None:
        """Append one."""
        self.rows.append((name, answer))

    def begin_file(self, file: str) -> None:
        """Take what is added from now on as that of a data file."""
        self.files.append((file, len(self.rows)))

    def tell_apart(self) -> None:
        """Put the file's name before each image's, where images of several files have the same."""
        names = [name for name, _ in self.rows]
        if len(self.files) < 2 or len(set(names)) == len(names):
            return
        ends = [*(start for _, start in self.files[1:]), len(names)]
        for (file, start), end in zip(self.files, ends, strict=True):
            self.rows[start:end] = [(f"{file}:{name}", answer) for name, answer in self.rows[start:end]]

    @property
    def novel(self) -> int:
        """How many images are not like what the network learnt."""
        return sum(answer.is_familiar is False for _, answer in self.rows)

    def print_table(self) -> None:
        """Print them below each other."""
        if self.rows:
            headings = [self.kind, "prediction", "probability", "runner-up"]
            print_table(headings, [_row(*each) for each in self.rows], words=2)

    def write(self, path: Path, columns: Sequence[str], class_names: Sequence[str]) -> None:
        """Write them to a file, CSV or JSON by its ending.

        Parameters
        ----------
        path : Path
        columns : sequence of str
            The headings of the CSV: of image and label, or of image, label and probability; none for the usual ones.
        class_names : sequence of str
            The classes whose probabilities have a column each; may be empty.
        """
        # Written at once and whole: a program that waits for the file never reads half of it.
        content = json.dumps(self.to_plain(), indent=1) + "\n"
        if path.suffix.lower() == ".csv":
            content = self._csv(columns, class_names)
        with writing(path):
            write_atomically(path, content)

    def _csv(self, asked: Sequence[str], class_names: Sequence[str]) -> str:
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        # Columns that were asked for are some program's, which counts them.
        measured = not asked and any(answer.novelty is not None for _, answer in self.rows)
        columns = list(asked) or [self.kind, *COLUMNS, *(MEASURED if measured else ())]
        table.writerow([*columns, *(f"probability_{name}" for name in class_names)])
        for name, answer in self.rows:
            # Two headings: contests want no probability.
            # Six digits are about what float32 knows.
            cells = [name, answer.class_name, f"{answer.probability:.6g}"][: len(columns)]
            if measured:
                cells += ["yes" if answer.is_familiar else "no", f"{answer.novelty:.6g}"]
            table.writerow([*cells, *(f"{answer.probabilities[each]:.6g}" for each in class_names)])
        return text.getvalue()

    def to_plain(self) -> list[dict[str, Any]]:
        """Return them as plain values, for JSON."""
        return [{self.kind: name, **answer.to_plain()} for name, answer in self.rows]


def check_answers_file(out: str | None, columns: str | None, *, probabilities: bool) -> list[str]:
    """Refuse a file of answers that could not be written, before anything is classified; return the columns."""
    names = [name.strip() for name in columns.split(",")] if columns else []
    if columns and (len(names) not in (2, 3) or not all(names)):
        expected = "two or three names, such as ImageId,Label"
        raise DataError(f"is '{columns}', expected {expected}", setting="columns", found=columns, expected=expected)
    for option, typed in (("--columns", columns), ("--probabilities", probabilities)):
        if typed and (out is None or Path(out).suffix.lower() == ".json"):
            raise click.UsageError(f"{option} is for a CSV file; add --out FILE.csv", click.get_current_context())
    if out is None:
        return names
    path = Path(out)
    # All of this before the model is loaded: a typing error should not cost what classifying thousands of pictures
    # takes.
    if path.suffix.lower() not in (".csv", ".json"):
        raise DataError(f"{path}: expected a file that ends in .csv or .json", f"name it {path.with_suffix('.csv')}")
    if path.is_dir() or not path.parent.is_dir():
        found = "is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise DataError(f"{path}: {found}, expected a file in a folder that exists", "name one such as answers.csv")
    refuse_special(path, DataError, "name one such as answers.csv")
    return names


def _row(path: str, answer: Prediction) -> list[str]:
    (_, first), *others = answer.probabilities.items()
    second = f"{others[0][0]} {percent(others[0][1])}" if others else ""
    name = answer.class_name
    if answer.is_familiar is False:
        name = f"{NOT_FAMILIAR} ({name}?)"
    elif answer.is_confident is False:
        name = f"unsure ({name}?)"
    return [path, name, percent(first), second]
