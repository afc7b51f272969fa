"""Watch a training, keep its best network, and stop it by a rule of your own.

python examples/watch_training.py
"""

import numpy as np

import inklings
from inklings.callbacks import BestCheckpoint, CSVLogger, Progress


class LargeWeights(inklings.Callback):
    """Stop once the first layer's weights have grown by a tenth."""

    first = size = 0.0

    def on_parameters(self, record, parameters):
        """Measure the weights after each epoch; epoch 0 is the network before training."""
        self.size = float(np.linalg.norm(parameters["dense_1/weights"]))
        if record.epoch == 0:
            self.first = self.size

    def should_stop(self):
        """Say so while the epoch goes on, often: nothing is computed here."""
        return self.size > 1.1 * self.first


split = inklings.open_dataset("digits").split()
plan = inklings.preset("mlp", split.dataset.image_shape, split.dataset.class_count, hidden_units=50)
best = BestCheckpoint("best.inkling", split)
watching = [Progress("mlp"), CSVLogger("history.csv"), best, LargeWeights()]
fitted = inklings.fit(plan.network, plan.recipe.with_settings(epochs=60), split, callbacks=watching)
print(fitted.message or fitted.stop_reason)
print(f"best.inkling is of epoch {best.epoch}: {inklings.load(best.path).training['validation_accuracy']:.1%}")
