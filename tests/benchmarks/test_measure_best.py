"""The table of ``best`` on other data: what its accuracies are of."""

import numpy as np
from measure_best import train_network

from inklings import from_arrays


def test_a_networks_test_accuracy_counts_classes_that_have_names():
    random = np.random.default_rng(0)
    labels = np.arange(120) % 2
    images = random.integers(0, 60, (120, 8, 8), np.uint8)
    images[labels == 1, :4] += 150
    data = from_arrays(images, labels, class_names=["below", "above"], invert=False)

    accuracies = train_network("mlp", data.split(seed=0), epochs=20)

    assert accuracies["validation"] > 0.9
    assert accuracies["test"] > 0.9
