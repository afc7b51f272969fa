"""Saving what was trained as a model, for the commands that do so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from inklings.data import Split
from inklings.errors import RunError
from inklings.experiments import Run
from inklings.experiments.to_model import SURE_AT, to_model
from inklings.models import load
from inklings.models.preparation import KINDS
from inklings.storage import refuse_special


def packing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of how a model is packed."""
    options = (
        click.option(
            "--sure-at",
            type=click.FloatRange(0.5, 1, max_open=True),
            default=SURE_AT,
            show_default=True,
            metavar="ACCURACY",
            help="How accurate the answers shall be that the saved model is sure of.",
        ),
        click.option(
            "--pictures",
            type=click.Choice(KINDS),
            help="Whether the saved model looks for ink in a picture, or reads it whole.  [default: as the data are]",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def save_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--save`` and how it is done."""
    save = click.option("--save", metavar="FILE", help="Save the trained network as a model, such as digits.inkling.")
    return save(packing_options(command))


@dataclass(frozen=True)
class Packing:
    """Where a model goes, and how it is packed."""

    file: str | None
    sure_at: float
    pictures: str | None

    def check(self) -> None:
        """Refuse a place that cannot be written, before anything is trained."""
        if self.file is None:
            return
        path = Path(self.file)
        if path.is_dir() or not path.parent.is_dir():
            found = "is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            raise RunError(f"{path}: {found}, expected a file in a folder that exists", "name one such as my.inkling")
        refuse_special(path, RunError, "name one such as my.inkling")

    def save(self, run: Run, split: Split) -> list[tuple[str, str]]:
        """Save the model if that is asked for, and give what there is to tell of it."""
        if self.file is None:
            return []
        to_model(run, split, sure_at=self.sure_at, pictures=self.pictures).save(self.file)
        sure = load(self.file).training["sure"]
        told = (
            f"at probabilities from {sure['threshold']:.1%} on: {sure['coverage']:.1%} of the validation images, "
            f"{sure['accuracy']:.1%} of them right"
            if sure
            else f"not known: too few validation images, or read too badly, to promise {self.sure_at:.1%}"
        )
        return [("model", str(self.file)), ("sure", told)]
