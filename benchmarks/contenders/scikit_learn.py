"""scikit-learn's MLPClassifier. It has no dropout, so that it does less work than the others: the masks are saved."""

from __future__ import annotations

import warnings

import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits
from turns import Contest, Task, serve


def train_mlp(task: Task) -> Contest:
    """Take an epoch with every call of ``partial_fit``."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    threadpool_limits(1 if "one-thread" in task.setting else task.threads)
    images, test = (part.reshape(len(part), -1) for part in (task.train_images, task.test_images))
    whole = len(images) // task.batch_size * task.batch_size
    images, labels = images[:whole], task.train_labels[:whole]
    network = MLPClassifier(
        (task.hidden_units,),
        solver="sgd",
        alpha=0,
        batch_size=task.batch_size,
        learning_rate_init=0.01,
        momentum=0.9,
        nesterovs_momentum=True,
        random_state=task.seed,
    )
    epochs = max(1, task.steps * task.batch_size // whole)

    def run() -> None:
        for _ in range(epochs):
            network.partial_fit(images, labels, classes=range(10))

    return Contest(run, lambda: float(network.score(test, task.test_labels)))


if __name__ == "__main__":
    serve({"mlp": train_mlp}, lambda: f"scikit-learn {sklearn.__version__}")
