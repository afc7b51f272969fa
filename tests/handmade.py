"""Models built by hand, whose right answers can be read off."""

import numpy as np

from inklings import Dense, Flatten, Model, Network
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
