"""Predictions for pictures of one character, or of one whole thing, each: for one picture, or for many."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inklings.arguments import caller_stacklevel, checks_call
from inklings.data.lazy_images import Images
from inklings.errors import DataWarning, InklingsError
from inklings.models.model import Model
from inklings.models.picture_framing import KEEPS, describe_lines
from inklings.models.picture_polarity import contradict_picture
from inklings.models.picture_workers import picture_workers
from inklings.models.prediction import Prediction, predict_all
from inklings.pages.normalise import Normalised

if TYPE_CHECKING:
    from inklings.models.preparation import Preparation

TOGETHER = 1000
"""Pictures that are classified at a time."""


@checks_call(InklingsError)
def read_picture(
    model: Model, content: Path | str | bytes, *, keep_lines: bool = False
) -> tuple[Prediction, Normalised]:
    """Classify a picture; of several characters, the one with the most ink.

    Parameters
    ----------
    model : Model
    content : Path, str or bytes
        See :func:`inklings.pages.page_image.open_page`.
    keep_lines : bool
        Whether to look for no lines of the paper.

    Returns
    -------
    answer : Prediction
    normalised : Normalised
        The network's input, and the steps from the picture to it.

    Raises
    ------
    DataError
        Not a picture, or nothing written in it.

    Warns
    -----
    DataWarning
        A whole picture has a light border where the training images had dark ones, or the reverse; or lines were taken
        for the paper's, and taken off.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> from PIL import Image
    >>> import inklings
    >>> from inklings.models import read_picture
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> model = inklings.Model.from_fit(inklings.fit(plan.network, plan.recipe, split), split)
    >>> paper, picture = np.full((200, 300), 230, np.uint8), io.BytesIO()
    >>> paper[60:160, 80:92] = paper[60:160, 200:212] = 40  # two strokes of a pen
    >>> Image.fromarray(paper).save(picture, "PNG")
    >>> page = picture.getvalue()  # or a path
    >>> answer, normalised = read_picture(model, page)
    >>> normalised.image.shape
    (20, 20, 1)
    """
    preparation = replace(model.preparation, keep_lines=keep_lines)
    normalised = preparation.prepare(preparation.open(content))
    lines = [f"{describe_lines([normalised.lines])} ({KEEPS})"] if normalised.lines else []
    for note in (*lines, *contradict_picture(preparation, normalised.image)):
        warnings.warn(f"picture: {note}", DataWarning, stacklevel=caller_stacklevel())
    return predict_all(model, normalised.image[np.newaxis])[0], normalised


def predict_pictures(
    model: Model,
    paths: Sequence[Path],
    preparation: Preparation | None = None,
    *,
    processes: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
    on_lines: Callable[[Path, int], None] | None = None,
) -> Iterator[tuple[Path, Prediction | InklingsError]]:
    """Classify many pictures, prepared several at a time.

    Parameters
    ----------
    model : Model
    paths : sequence of Path
    preparation : Preparation, optional
        In place of the model's own, as :func:`inklings.models.picture_polarity.choose_picture_polarity` returns it.
    processes : bool
        Whether many pictures are prepared in processes, on all cores, not in threads. A script that asks for it must
        guard what it runs by ``if __name__ == "__main__"``, since each process imports it.
    on_progress : callable, optional
        Called with how many pictures are done, and how many there are.
    on_lines : callable, optional
        Called with each picture from which lines of the paper were taken off, and how many these were.

    Yields
    ------
    path : Path
        In the order given.
    answer : Prediction or InklingsError
        Or what is wrong with this picture.
    """
    prepare = partial(_prepare, preparation or model.preparation)
    with picture_workers(len(paths) if processes else 0) as workers:
        for start in range(0, len(paths), TOGETHER):
            some = paths[start : start + TOGETHER]
            # Each thread silences warnings while it decodes, and may put back what another had silenced.
            with warnings.catch_warnings():
                # In chunks for processes, to each of which a chunk is one message; threads take no notice.
                prepared = list(workers.map(prepare, some, chunksize=16))
            # Pictures that failed are left out here, and put back in their places below.
            images = [result[0] for result in prepared if not isinstance(result, InklingsError)]
            answers = iter(predict_all(model, np.stack(images)) if images else ())
            for path, result in zip(some, prepared, strict=True):
                if on_lines and not isinstance(result, InklingsError) and result[1]:
                    on_lines(path, result[1])
                yield path, result if isinstance(result, InklingsError) else next(answers)
            if on_progress:
                on_progress(start + len(some), len(paths))


def _prepare(preparation: Preparation, path: Path) -> tuple[Images, int] | InklingsError:
    """Return the network's image of a picture, and how many lines of the paper were taken off it."""
    try:
        normalised = preparation.prepare(preparation.open(path))
        return normalised.image, normalised.lines
    except InklingsError as problem:
        return problem
