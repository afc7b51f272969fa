"""Saving a trained network or opponent as a model, for the commands that do so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.command import SectionOption
from inklings.cli.options import file_option
from inklings.errors import RunError
from inklings.experiments.completed import SURE_AT
from inklings.models.preparation import KINDS
from inklings.reprs import percent
from inklings.storage import refuse_special

if TYPE_CHECKING:
    from inklings.data import Split
    from inklings.experiments import Run
    from inklings.models import Model

OLD_NAMES = {"--sure-at": "--target-accuracy"}
"""What these options were called in the previous version."""

_SECTION = "Model"
_option = partial(click.option, cls=SectionOption, section=_SECTION)


def packing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of how a model is packed."""
    options = (
        _option(
            "--target-accuracy",
            type=click.FloatRange(0.5, 1, max_open=True),
            default=SURE_AT,
            show_default=True,
            metavar="ACCURACY",
            help="Target accuracy of the saved model's confident predictions.",
        ),
        _option(
            "--pictures",
            type=click.Choice(KINDS),
            help="How the saved model prepares pictures: cut out the character, or take the whole picture.  "
            "[default: as the training images were]",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def save_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--save`` and how it is done."""
    line = "Save what was trained as a model, such as digits.inkling."
    save = file_option("--save", "FILE", line, cls=SectionOption, section=_SECTION)
    return save(packing_options(command))


@dataclass(frozen=True)
class Packing:
    """Where a model goes, and how it is packed."""

    file: str | None
    target_accuracy: float
    pictures: str | None

    def check(self) -> None:
        """Refuse a path that cannot be written to, before anything is trained."""
        if self.file is None:
            return
        from inklings.models.file import check_ending

        path = Path(self.file)
        if path.is_dir() or not path.parent.is_dir():
            found = "is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            raise RunError(f"{path}: {found}, expected a file in a folder that exists", "name one such as my.inkling")
        refuse_special(path, RunError, "name one such as my.inkling")
        check_ending(path)

    def save(self, run: Run, split: Split) -> list[tuple[str, str]]:
        """Save the model if that is asked for, and return the lines to print about it."""
        if self.file is None:
            return []
        from inklings.experiments.to_model import to_model

        return self.write(to_model(run, split, sure_at=self.target_accuracy, pictures=self.pictures))

    def save_weights(self, run: Run) -> list[tuple[str, str]]:
        """Save a model of what the run itself holds, and return the lines to print about it."""
        from inklings.experiments.to_model import to_model

        assert self.file is not None
        to_model(run, complete=False, pictures=self.pictures).save(self.file)
        left_out = "calibration, what is confident, what is novel: these are found by its images"
        return [("model", self.file), ("left out", left_out)]

    def to_plain(self) -> dict[str, Any]:
        """Return the file that was saved and what it holds of its own quality, for JSON; nothing if none was."""
        if self.file is None:
            return {}
        from inklings.models import load

        saved = load(self.file)
        novelty = None if saved.novelty is None else {"accepted": saved.novelty.accepted}
        about = {name: saved.training.get(name) for name in ("calibration", "sure")}
        return {"model": self.file, **about, "novelty": novelty}

    def write(self, model: Model) -> list[tuple[str, str]]:
        """Write a model to the file, and return the lines to print about it."""
        if self.file is None:
            return []
        from inklings.models import load

        model.save(self.file)
        # Read back: what is told is what the file holds, and one that cannot be read is noticed now.
        saved = load(self.file)
        confident = saved.training["sure"]
        line = (
            f"from a probability of {percent(confident['threshold'])}: {percent(confident['coverage'])} of the "
            f"validation images, {percent(confident['accuracy'])} of them correct"
            if confident
            else f"unknown: too few validation images, or too many errors, to promise {self.target_accuracy:.1%}"
        )
        lines = [("model", str(self.file)), *_calibration(saved), ("confident", line)]
        return [*lines, ("familiar", _familiar(saved))]


def _familiar(model: Model) -> str:
    """Say what the measure of novelty accepts, or that there is none, since nothing is marked then."""
    from inklings.evaluation.novelty import FEWEST

    if model.novelty is None:
        return f"unknown: fewer than {FEWEST} validation images, or outputs that are not finite; nothing will be marked"
    return f"{percent(model.novelty.accepted)} of the validation images are like what it learnt"


def _calibration(model: Model) -> list[tuple[str, str]]:
    """Say which temperature was chosen, or why none was; nothing of an opponent."""
    found = model.training.get("calibration")
    if found is None:
        return []
    if "reason" in found:
        return [("calibration", f"probabilities are left as they are: {found['reason']}")]
    error = found["expected_calibration_error"]
    validation = f"ECE of the {found['images']:,} validation images {percent(error['before'])} before"
    return [("calibration", f"temperature {found['temperature']:.2f}; {validation}, {percent(error['after'])} with it")]
