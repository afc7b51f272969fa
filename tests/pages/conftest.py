"""Real digits, to photograph, and a classifier that reads them."""

import numpy as np
import pytest
from sklearn.svm import SVC

from inklings.data import open_dataset
from inklings.data.resizing import resize


@pytest.fixture(scope="session")
def digits28():
    return open_dataset("digits28")


@pytest.fixture(scope="session")
def small(digits28):
    """All digits as rows of 20 x 20 pixels."""
    return resize(digits28.images, (20, 20)).reshape(len(digits28), -1)


@pytest.fixture(scope="session")
def machine(digits28, small):
    """A support vector machine that never saw the test images of the split of seed 0."""
    split = digits28.split(seed=0)
    known = np.concatenate([split.train_rows, split.validation_rows])
    return SVC(C=5).fit(small[known], digits28.labels[known])
