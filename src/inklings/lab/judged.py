"""What a network of the lab makes of the test images, judged by those alone that it has never seen."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.data.dataset import Dataset
from inklings.evaluation.metrics import confusion_matrix
from inklings.evaluation.statistics import wilson_interval
from inklings.experiments.unseen import find_test_rows
from inklings.models import Model

_ALL_SEEN = "it has learnt from these images, or its training was chosen by them"


def judge(model: Model, data: Dataset, rows: NDArray[np.int64]) -> dict[str, Any]:
    """Return a model's answers to the lab's test images, and how many of those that are new to it are correct.

    A network that was trained on another split has learnt from some of the lab's test images: these are left out.

    Parameters
    ----------
    model : Model
    data : Dataset
        All images of the lab.
    rows : array of int
        Its test images, in the order in which they are served.

    Returns
    -------
    dict
        Plain values: ``answers`` and ``probabilities`` of all, ``labels`` with None for those left out; ``accuracy``,
        ``interval`` and ``confusion`` of the others, ``left_out``, and a ``note`` where they may not be new to it, and
        then no interval, since it would promise something of images that are.
    """
    own, note = find_test_rows(model.training, data)
    new = np.ones(len(rows), bool) if own is None else np.isin(rows, own)
    if not new.any():
        new[:], note = True, _ALL_SEEN
    test = data.take(rows)
    probabilities, labels, count = model.predict_proba(test), test.labels, int(new.sum())
    answers = probabilities.argmax(1)
    right = int((answers == labels)[new].sum())
    return {
        "accuracy": right / count,
        "interval": None if note else list(wilson_interval(right, count)),
        "confusion": confusion_matrix(labels[new], answers[new], len(test.class_names)).tolist(),
        "left_out": len(rows) - count,
        "note": note,
        "answers": answers.tolist(),
        "labels": [label if is_new else None for label, is_new in zip(labels.tolist(), new, strict=True)],
        # Rounded down: what is not quite 1 is not shown as certain.
        "probabilities": [floor(1e4 * each) / 1e4 for each in probabilities.max(1).tolist()],
    }
