import numpy as np
import pytest

from inklings import Model, from_arrays


@pytest.fixture(scope="session")
def opponent_model():
    """A model of logistic regression, which has no layers; its classes differ by the first two rows."""
    from sklearn.linear_model import LogisticRegression

    from inklings.opponents import Opponent
    from inklings.opponents.freeze import freeze
    from inklings.opponents.opponent import fit_opponent

    random, labels = np.random.default_rng(0), np.arange(60) % 2
    images = random.random((60, 4, 4, 1)).astype(np.float32)
    images[labels == 1, :2] += 1
    split = from_arrays(images / 2, labels).split()
    fitted = fit_opponent(Opponent("logistic", LogisticRegression()), split)
    form, arrays = freeze(fitted, split.validation.images, split.dataset.image_shape)
    return Model(form, arrays, ("low", "high"), {"name": "logistic"})
