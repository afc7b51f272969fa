"""Whether label 10 stands for the digit 0, as in files from MATLAB, which counts from 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from inklings.data.labels import Encoded
from inklings.data.lazy_images import Images
from inklings.data.notes import Decision, Numbering
from inklings.data.orientation import LEAST_AGREEMENT, agreement, classify_digits
from inklings.data.split import Indices

_ONE_TO_TEN = {str(number) for number in range(1, 11)}


def are_one_to_ten(class_names: Sequence[str]) -> bool:
    """Whether the classes are the numbers 1 to 10."""
    return set(class_names) == _ONE_TO_TEN


def rename_ten(encoded: Encoded, sample: Images, rows: Indices) -> Encoded:
    """Name the class 10 by the digit 0, if the other classes are 1 to 9 and the images are those digits.

    Labels alone do not show it: the tenth of ten products is not a zero.

    Parameters
    ----------
    encoded : Encoded
        The labels of all images, of the classes 1 to 10.
    sample : array of float32, shape (n, height, width, channels)
        Some of the images, ink 1.
    rows : array of int64, shape (n,)
        Which ones they are.

    Returns
    -------
    Encoded
        With classes 0 to 9 in their order, or as it was; a note says which.
    """
    if sample.shape[3] != 1 or sample.shape[1] != sample.shape[2]:
        return encoded
    # 10 becomes 0, the others stay.
    digits = np.array([int(name) % 10 for name in encoded.class_names])
    true = digits[encoded.labels[rows]]  # (n,): what each of the sample would be, if 10 were 0
    kappas = [kappa for kappa, _ in agreement(sample, true)]
    # Flat rows may lie on their side; which way is decided after this, since it needs the labels.
    view = sample.swapaxes(1, 2) if kappas[1] > kappas[0] else sample
    tens = classify_digits(view)[true == 0]
    # Most of those labelled 10 must look like a 0, more than like any other digit.
    # Two conditions: the images are digits at all, and class 10 is the 0 among them.
    if max(kappas) < LEAST_AGREEMENT or not len(tens) or np.bincount(tens, minlength=10).argmax() != 0:
        note = "label 10 is a class of its own, since the images do not show that it stands for the digit 0"
        return replace(encoded, notes=(*encoded.notes, note))
    labels = digits[encoded.labels].astype(np.int64)
    notes = [note for note in encoded.notes if not isinstance(note, Numbering)]
    note = Decision(
        "label 10 stands for the digit 0: the other labels are 1 to 9, and the images look like these digits"
    )
    return Encoded(labels, tuple("0123456789"), (*notes, note))
