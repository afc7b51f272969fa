"""Models built by hand, whose right answers can be read off."""

import numpy as np

from inklings import Dense, Flatten, Model, Network, from_arrays
from inklings.models.ensemble import Ensemble, join_parameters


def as_arrays(parameters):
    return {name: np.asarray(value, np.float32) for name, value in parameters.items()}


def model_of(network, parameters):
    """A model with classes a, b, c..."""
    return Model(network, as_arrays(parameters), [chr(97 + number) for number in range(network.output_count)])


def linear_network(shape, classes):
    return Network(shape, (Flatten(), Dense(classes, "softmax")))


def linear_model(weights, biases=None):
    """Each logit is the sum of pixels times weights, which have shape (height, width, channels, classes)."""
    *shape, classes = np.shape(weights)
    network = linear_network(tuple(shape), classes)
    values = {
        "dense_1/weights": np.reshape(weights, (-1, classes)),
        "dense_1/biases": np.zeros(classes) if biases is None else biases,
    }
    return model_of(network, values)


def ensemble_of(*models):
    """An ensemble of models of one network."""
    form = Ensemble(models[0].network, len(models))
    return Model(form, join_parameters([each.parameters for each in models]), models[0].class_names)


def make_opponent_model():
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
