"""What ``inklings predict`` does with each of its subjects: pictures, and files of other data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.answers import AnswerList
from inklings.cli.option_names import describe_error, options_of
from inklings.cli.options import print_notes, read_options
from inklings.cli.progress import Counter
from inklings.cli.subjects import Subjects, check_picture_options
from inklings.cli.tables import visible
from inklings.errors import DataError, InklingsError
from inklings.storage import refuse_special

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inklings.models import Model
    from inklings.pages.normalise import Normalised

_TOLD = 20  # of the files that are refused; the rest are counted


@dataclass(frozen=True, eq=False)
class Classification:
    """One model put to pictures and files, whose answers are collected.

    Parameters
    ----------
    model : Model
    reading : mapping
        The options of reading data, as they were typed.
    as_found, whole, first_id
        As :func:`inklings.models.data_file.predict_file` takes them.
    keep_lines : bool
        Whether to look for no lines of the paper in pictures.
    answers : AnswerList
        Where the predictions go.
    watch : Counter
        Shows the progress.
    """

    model: Model
    reading: Mapping[str, Any]
    as_found: bool
    whole: bool | None
    keep_lines: bool
    first_id: int | None
    answers: AnswerList
    watch: Counter

    def classify_pictures(self, found: Subjects, stages: str | None) -> int:
        """Classify pictures, draw the stages of each if a folder for them is named, and return how many were refused.

        Raises
        ------
        click.UsageError
            Options were typed that change nothing about pictures, and there is no other data that they change.
        """
        from inklings.models.picture_framing import KEEPS, choose_way, describe_lines
        from inklings.models.picture_polarity import choose_picture_polarity
        from inklings.models.predict_pictures import predict_pictures

        way = replace(choose_way(self.model.preparation, self.whole), keep_lines=self.keep_lines)
        # With data files among them, these options may be meant for those.
        if not found.files:
            check_picture_options(way, self._given())
        polarity = {"invert": self.reading["invert"], "as_found": self.as_found}
        chosen, notes = choose_picture_polarity(way, found.pictures, **polarity)
        print_notes(notes)
        refused, lines = 0, dict.fromkeys(found.pictures, 0)
        how: dict[str, Any] = {"processes": True, "on_progress": self.watch, "on_lines": lines.__setitem__}
        for path, answer in predict_pictures(self.model, found.pictures, chosen, **how):
            if isinstance(answer, InklingsError):
                # All are counted, for the exit code; the first are shown.
                refused += 1
                if refused <= _TOLD:
                    click.echo(f"inklings: {visible(found.as_given(answer))}", err=True)
                continue
            self.answers.add(found.as_given(path), answer)
            if stages:
                _draw(Path(stages), path, chosen.prepare(chosen.open(path)))
        if any(lines.values()):
            first = next(path for path, count in lines.items() if count)
            print_notes([f"{describe_lines(list(lines.values()), Path(found.as_given(first)))} ({KEEPS})"])
        return refused

    def _given(self) -> dict[str, Any]:
        """Return the options that may be typed without effect on pictures."""
        own = {"as_found": self.as_found, "first_id": self.first_id, "keep_lines": self.keep_lines}
        return {**self.reading, **own}

    def classify_file(self, file: Path) -> int:
        """Classify the images of a data file; return 1 if it was refused."""
        from inklings.data.notes import decisions
        from inklings.models.data_file import predict_file
        from inklings.models.prediction import as_predictions

        how: dict[str, Any] = {"as_found": self.as_found, "whole": self.whole, "first_id": self.first_id}
        how["keep_lines"] = self.keep_lines
        options = read_options(dict(self.reading))
        try:
            found = predict_file(self.model, file, options, **how, processes=True, on_progress=self.watch)
        except InklingsError as error:
            # The other files are classified all the same; the exit code says that one was not.
            known = options_of(click.get_current_context().command)
            click.echo(f"inklings: {visible(describe_error(error, known))}", err=True)
            return 1
        print_notes(decisions(found.notes))
        predictions = as_predictions(self.model, found.probabilities, found.novelty)
        self.answers.begin_file(str(file))
        for name, answer in zip(found.names, predictions, strict=True):
            self.answers.add(name, answer)
        return 0


def _draw(folder: Path, path: Path, normalised: Normalised) -> None:
    # Pictures of several folders may have the same name, so each drawing takes the next free one.
    name, number = f"{path.stem}-stages", 1
    while (folder / f"{name}.png").exists():
        number += 1
        name = f"{path.stem}-stages-{number}"
    save_picture(normalised.draw_stages(), folder / f"{name}.png")


def save_picture(picture: Any, path: Path) -> None:  # noqa: ANN401 - Pillow's, which is not imported here
    """Save a picture under a path that was typed, in a folder that is made if it is missing.

    Raises
    ------
    DataError
        It cannot be written there.
    """
    if not path.is_char_device():  # /dev/null takes a picture
        refuse_special(path, DataError, "name a PNG file in a folder of yours")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
    except (OSError, ValueError) as problem:
        raise DataError(
            f"{path}: cannot be written ({problem})", "name a PNG file in a folder you may write to"
        ) from None
