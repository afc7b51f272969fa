"""Whether a batch of images lies on its side, by what a trained network was taught: said, and never acted on.

No statistic of pixels shows it, and a network is nearly as sure of transposed images as of others: of upright printed
digits, which it had never seen, one of handwritten ones was surer the wrong way in two cases of three. The measure of
novelty tells them apart: it looks at edges, and learnt from turned images among others. Nine in ten transposed digits
score as more novel than upright.

The rule, measured on kinds of images in docs/decisions/0019-novelty.md: by far most images of a batch are less novel
with rows and columns swapped, more than chance could do, and are then accepted as familiar. Of fewer than
:data:`FEWEST` images, also of one, it must be less novel by far, too.
"""

from __future__ import annotations

import warnings
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inklings.data import typical
from inklings.data.checks import Labels
from inklings.data.lazy_images import Images, spread_rows, take_rows
from inklings.errors import DataWarning

if TYPE_CHECKING:
    from inklings.models.model import Model

FEWEST = 20
"""Of fewer images, four standard errors are more than all of them: how much less novel they are must count, too."""

EVIDENCE = 12.0
"""By how much the log-odds of one image being novel must fall when it is swapped, and those of n images together by
this times sqrt(n). Of 2,500 upright digits none fell by more than 7.2."""

SAMPLE = 100
"""At most this many, spread over all, are looked at."""

STANDARD_ERRORS = 4
"""Where rows and columns make no difference, half of n images are less novel swapped, give or take sqrt(n) / 2 as the
standard error: this many more than half, chance leaves to one batch in 30,000."""

MOST = 0.85
"""The share of the images that must be less novel with rows and columns swapped, however many there are."""

FAMILIAR = 0.9
"""The share that must be accepted once they are swapped; images of nothing that was learnt are like it neither way."""

SIDEWAYS = "transposed"
"""What images are with rows and columns swapped; flips have names of their own, :data:`inklings.data.typical.FLIPS`."""

_TURNED = {
    SIDEWAYS: "images.swapaxes(1, 2)",
    "upside down": "images[:, ::-1]",
    "mirrored": "images[:, :, ::-1]",
    "turned by 180 degrees": "images[:, ::-1, ::-1]",
}
"""What turns them."""

KINDS = 3
"""Classes that must be predicted among them: copies of one odd image are no evidence."""


class TransposedWatch:
    """Warns of images that look transposed, until enough were found the right way up.

    The measure takes ten times as long as the network: looking at thirty images of each thousand doubled the time that
    `mlp` takes for them. So those who predict again and again pay once.
    """

    def __init__(self) -> None:
        self._upright = 0

    def warn(self, model: Model, pixels: Images) -> None:
        """Look at images as the network is to see them; those who asked the model are warned."""
        looks = self._upright < FEWEST and can_tell(model)
        evidence = find_transposed(model, pixels) if looks else None
        # What takes no time is looked at always.
        lying = SIDEWAYS if evidence else find_by_mean(model, pixels)
        if looks and lying != SIDEWAYS:
            self._upright += len(pixels)
        if lying is None:
            return
        taken = "was taken as it is" if len(pixels) == 1 else "were taken as they are"
        said = f"{evidence or describe_lying(lying)}, and {taken} ({_TURNED[lying]} turns arrays of whole images)"
        # 4: past this, Model._read and the method that the user called.
        warnings.warn(f"images: {said}", DataWarning, stacklevel=5)


def find_transposed(model: Model, images: Images) -> str | None:
    """Return what shows that images look transposed; None if nothing does, or the model has no measure of novelty.

    Parameters
    ----------
    model : Model
    images : array of float32 or ImageStack, shape (n, height, width, channels)
        As the network is to see them.
    """
    if model.novelty is None or not can_tell(model):
        return None
    # (m, height, width, channels)
    given = take_rows(images, spread_rows(len(images), SAMPLE))[:]
    swapped = np.ascontiguousarray(given.swapaxes(1, 2))
    before, after = (model.score_novelty(view, prepared=True) for view in (given, swapped))
    predicted = model.predict_proba(swapped, prepared=True).argmax(1)
    if not are_transposed(before, after, model.novelty.threshold, predicted, len(model.class_names)):
        return None
    better = int((after < before).sum())
    if len(given) == 1:
        return "the image looks much more like what the network learnt with rows and columns swapped"
    return f"{better} of {len(given)} look more like what the network learnt with rows and columns swapped"


def find_by_mean(model: Model, images: Images) -> str | None:
    """Return how the mean of several images shows that they lie, :data:`SIDEWAYS` or a flip's name, if it does."""
    known = None if model.interpretation is None else model.interpretation.typical
    if known is None or len(images) < typical.FEWEST:
        return None
    some = take_rows(images, spread_rows(len(images), typical.LOOKED_AT))[:]
    mean = typical.coarse_mean(some)
    sideways = typical.how_much_transposed(known, mean) > typical.TRANSPOSED
    ways = (SIDEWAYS if sideways else None, typical.find_flip(known, mean, float(some.std())))
    for lying in filter(None, ways):
        upright = some.swapaxes(1, 2) if lying == SIDEWAYS else np.flip(some, typical.FLIPS[lying])
        predicted = model.predict_proba(np.ascontiguousarray(upright), prepared=True).argmax(1)
        if typical.are_spread(predicted, len(model.class_names)):
            return lying
    return None


def describe_lying(lying: str) -> str:
    """Return the evidence for what :func:`find_by_mean` found, in words."""
    if lying == SIDEWAYS:
        return "on average they look more like what the network learnt from with rows and columns swapped"
    return f"on average they look {lying}, compared with what the network learnt from"


def are_transposed(
    before: NDArray[np.float64], after: NDArray[np.float64], threshold: float, predicted: Labels, classes: int
) -> bool:
    """Return whether scores of novelty convince that images are transposed.

    Parameters
    ----------
    before, after : array of float64, shape (n,)
        The novelty of images as they are, and with rows and columns swapped.
    threshold : float
        The largest novelty of what is familiar.
    predicted : array of int64, shape (n,)
        The classes of the swapped images.
    classes : int
        How many classes the network tells apart.
    """
    count, better = len(before), int((after < before).sum())
    familiar = float((after <= threshold).mean()) >= FAMILIAR
    if count < FEWEST:
        # Copies of one image are as much evidence as one; equal to three digits, since batches are summed differently.
        falls = np.unique(np.round(before - after, 3))
        return familiar and better >= MOST * count and float(falls.sum()) >= EVIDENCE * sqrt(len(falls))
    chance = count / 2 + STANDARD_ERRORS * sqrt(count) / 2
    # A network of two classes can predict no third.
    several = len(np.unique(predicted)) >= min(KINDS, classes)
    return better >= max(MOST * count, chance) and familiar and several


def can_tell(model: Model) -> bool:
    """Whether images could show it: of a height that is their width, to a model that measures novelty."""
    height, width, _ = model.input_shape
    return model.novelty is not None and height == width
