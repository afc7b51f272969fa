"""Pictures in data files made into a network's images as single pictures are: the ink found and framed, or taken whole.

What the model was trained on decides. A model of framed characters needs characters framed; pictures that are so once
they are resized whole, as those of a data set are, stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from inklings.data.lazy_images import Images
from inklings.data.notes import Decision
from inklings.data.readers.file_errors import silenced
from inklings.data.readers.framed_pictures import Content
from inklings.errors import DataError, InklingsError
from inklings.models.picture_workers import picture_workers
from inklings.models.preparation import CHARACTER, WHOLE, Preparation, is_framed

_TOGETHER = 1000

KEEPS = "keep_lines=True keeps them"
"""The way out of what :func:`describe_lines` says, where there is one."""


def choose_way(preparation: Preparation, whole: bool | None) -> Preparation:
    """Return the preprocessing with pictures resized whole or their ink found, if the user says which.

    Raises
    ------
    DataError
        The ink is to be found for a network of colours.
    """
    if whole is None:
        return preparation
    # Ink is found in one channel, as what is darker or lighter than its surroundings.
    if not whole and preparation.channels != 1:
        raise DataError("is False, but the network takes colours, whose pictures are resized whole", setting="whole")
    return replace(preparation, kind=WHOLE if whole else CHARACTER)


class PictureFramer:
    """Finds the ink in each picture of a data set and frames it, unless it is as in training once resized whole.

    It decides once: all files of a data set are treated alike.

    Parameters
    ----------
    preparation : Preparation
        That of characters; whether it inverts tells in which pictures ink is dark.
    always : bool
        Whether the user asked for it, whatever the pictures are.
    processes : bool
        Whether many pictures are prepared in processes: see
        :func:`inklings.models.predict_pictures.predict_pictures`.
    """

    def __init__(self, preparation: Preparation, *, always: bool = False, processes: bool = False) -> None:
        self._preparation, self._processes = preparation, processes
        self._lines: list[int] = []
        self._needed: bool | None = True if always else None

    def is_needed(self, images: Images) -> bool:
        """Whether pictures are to be framed, given some or all of them resized whole, shape (n, height, width, 1)."""
        if self._needed is None:
            # Pictures of more than 8 bits hold larger numbers; a resizing filter overshoots 0 and 1 a little.
            highest = float(images.max())
            ink = np.clip(images / (highest if highest > 1.5 else 1.0), 0, 1)
            self._needed = not is_framed(1 - ink if self._preparation.invert else ink)
        return self._needed

    def describe(self, *, resized: bool) -> str:
        """Return what was done with pictures in one line; empty where nothing was."""
        if self._needed:
            # Without their number: files of one data set say the same, and are joined.
            said = "the ink of each picture was found and framed as in training (whole=True resizes pictures whole)"
            lines = f"; {describe_lines(self._lines)} ({KEEPS})" if any(self._lines) else ""
            return Decision(f"{said}{lines}")
        if not resized:
            return ""
        said = "pictures were resized whole, since their ink is framed as in training (whole=False finds it in each)"
        return Decision(said)

    def prepare(self, pictures: Sequence[Content]) -> Iterator[Images | DataError]:
        """Yield the network's image for each picture, shape (height, width, 1), or what is wrong with it."""
        work = partial(_prepare, self._preparation)
        # Each thread silences warnings while it decodes, and may put back what another had silenced.
        with picture_workers(len(pictures) if self._processes else 0) as workers, silenced():
            for start in range(0, len(pictures), _TOGETHER):
                for result in workers.map(work, pictures[start : start + _TOGETHER], chunksize=16):
                    if isinstance(result, DataError):
                        yield result
                        continue
                    self._lines.append(result[1])
                    yield result[0]


def framer_for(
    preparation: Preparation, whole: bool | None, *, invert: bool | None = None, processes: bool = False
) -> PictureFramer | None:
    """Return what frames pictures for a model; None if it takes them whole.

    Parameters
    ----------
    preparation : Preparation
    whole : bool, optional
        What the user says.
    invert : bool, optional
        What the user says of pictures that are resized whole.
    processes : bool
        See :class:`PictureFramer`.
    """
    chosen = choose_way(preparation, whole)
    if chosen.kind != CHARACTER:
        return None
    chosen = chosen if invert is None else replace(chosen, invert=invert)
    return PictureFramer(chosen, always=whole is False, processes=processes)


def describe_lines(lines: Sequence[int], first: Path | None = None) -> str:
    """Return what was taken off pictures as lines of the paper: to others these may be bars drawn with a ruler.

    Parameters
    ----------
    lines : sequence of int
        How many each picture had.
    first : Path, optional
        One that had some.
    """
    total, ruled = sum(lines), sum(map(bool, lines))
    said = (
        f"{total:,} line{'' if total == 1 else 's'} taken for the paper's {'was' if total == 1 else 'were'} taken off"
    )
    if len(lines) == 1:
        return said
    return f"{said} {ruled:,} of {len(lines):,} pictures{f', such as {first}' if first else ''}"


def _prepare(preparation: Preparation, picture: Content) -> tuple[Images, int] | DataError:
    try:
        normalised = preparation.prepare(preparation.open(*picture))
        return normalised.image, normalised.lines
    except InklingsError as problem:
        return problem if isinstance(problem, DataError) else problem.into(DataError)
