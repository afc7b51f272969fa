"""SciPy's BFGS on the naive network: two sigmoid layers, gradient by hand in NumPy, float64, as its users write it."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.optimize import minimize
from turns import Contest, Task, serve

Vector = NDArray[np.float64]


class Naive:
    """The cost of 400-25-10 with sigmoids and its gradient, of one vector."""

    def __init__(self, images: Vector, labels: NDArray[np.int64], hidden: int) -> None:
        self.images = images.reshape(len(images), -1).astype(np.float64)
        self.targets = np.eye(10)[labels]
        self.shapes = [(self.images.shape[1], hidden), (hidden,), (hidden, 10), (10,)]

    def layers(self, vector: Vector) -> list[Vector]:
        ends = np.cumsum([np.prod(shape) for shape in self.shapes])[:-1]
        return [part.reshape(shape) for part, shape in zip(np.split(vector, ends), self.shapes, strict=True)]

    def outputs(self, vector: Vector, images: Vector) -> tuple[Vector, Vector]:
        w1, b1, w2, b2 = self.layers(vector)
        hidden = 1 / (1 + np.exp(-(images @ w1 + b1)))
        return hidden, hidden @ w2 + b2

    def cost(self, vector: Vector) -> tuple[float, Vector]:
        """Sum binary cross-entropy over the outputs, average it over the images."""
        hidden, logits = self.outputs(vector, self.images)
        count = len(self.images)
        # log(1 + exp(z)) - t z, without overflow
        cost = float((np.logaddexp(0, logits) - self.targets * logits).sum() / count)
        error = (1 / (1 + np.exp(-logits)) - self.targets) / count
        back = error @ self.layers(vector)[2].T * hidden * (1 - hidden)
        gradients = [self.images.T @ back, back.sum(0), hidden.T @ error, error.sum(0)]
        return cost, np.concatenate([gradient.ravel() for gradient in gradients])


def bfgs(task: Task) -> Contest:
    naive = Naive(task.train_images, task.train_labels, task.hidden_units)
    at = {"x": task.start}

    def run() -> None:
        if task.warm_up_only and at["x"] is task.start:
            naive.cost(task.start)  # an iteration takes half a minute: the warm-up is one evaluation
            at["x"] = task.start.copy()
            return
        found = minimize(naive.cost, task.start, jac=True, method="BFGS", options={"maxiter": task.iterations})
        at["x"], at["cost"] = found.x, found.fun

    def accuracy() -> float:
        _, logits = naive.outputs(at["x"], task.test_images.reshape(len(task.test_images), -1).astype(np.float64))
        return float((logits.argmax(1) == task.test_labels).mean())

    return Contest(run, accuracy, lambda: {"cost": at["cost"]})


if __name__ == "__main__":
    serve({"naive": bfgs}, lambda: f"SciPy {scipy.__version__}")
