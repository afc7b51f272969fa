"""Inklings, by its public names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from turns import Contest, Task, serve

import inklings
from inklings import (
    Augmentation,
    Dataset,
    Dense,
    FitResult,
    Flatten,
    Initializer,
    Network,
    Plan,
    Split,
    fit,
    fit_many,
    get_engine,
    preset,
    run_search,
)
from inklings.models import Model
from inklings.networks import Parameters, initial_parameters
from inklings.training.epoch_record import EpochRecord
from inklings.training.optimisers import build_optimiser


def plan_of(name: str, task: Task, **settings: Any) -> Plan:  # noqa: ANN401
    return preset(name, task.train_images.shape[1:], 10, **settings)


def split_of(task: Task) -> Split:
    """Give the training images, and the test images as both of the other parts."""
    images = np.concatenate([task.train_images, task.test_images])
    dataset = Dataset(images, np.concatenate([task.train_labels, task.test_labels]), tuple("0123456789"))
    train, test = np.split(np.arange(len(images)), [len(task.train_images)])
    return Split(dataset, train, test, test, task.seed)


class Trainer:
    """A plan under way, step by step."""

    def __init__(self, task: Task, plan: Plan) -> None:
        self.task, self.plan, self.engine = task, plan, get_engine()
        objective = plan.recipe.objective(plan.network, task.train_labels)
        optimiser = build_optimiser(plan.recipe)
        start = initial_parameters(plan.network, task.seed)
        self.session = self.engine.session(plan.network, objective, optimiser, start, seed=task.seed)
        self.batches, self.done = task.batches(), 0
        self.augmentation = Augmentation(**task.options.get("augmentation", {}))
        self.random = np.random.default_rng(task.seed)

    def train(self) -> None:
        """Take the steps of a turn."""
        steps = self.task.steps
        order = np.array([next(self.batches) for _ in range(steps)])
        images, labels = self.task.train_images, self.task.train_labels
        # Drawn for all images, as for an epoch of training.
        warps = self.augmentation.draw(images.shape, self.random)
        self.session.train(images, labels, order, self._rates(steps), self.done, should_stop=lambda: False, warps=warps)
        self.done += steps

    def _rates(self, steps: int) -> NDArray[np.float64]:
        if "learning_rate" in self.task.options:
            return np.array([self.task.rate(self.done + step) for step in range(steps)])
        return np.full(steps, self.plan.recipe.learning_rate)

    def accuracy(self) -> float:
        """Read the test images."""
        return self.session.evaluate(self.task.test_images, self.task.test_labels).accuracy

    @property
    def parameters(self) -> Parameters:
        return self.session.parameters


def train_mlp(task: Task) -> Contest:
    dropout = task.options.get("dropout", True)
    trainer = Trainer(task, plan_of("mlp", task, dropout=dropout, hidden_units=task.hidden_units))
    return Contest(trainer.train, trainer.accuracy)


def train_cnn2(task: Task) -> Contest:
    trainer = Trainer(task, plan_of("cnn2", task))
    return Contest(trainer.train, trainer.accuracy)


def train_best(task: Task) -> Contest:
    trainer = Trainer(task, plan_of("best", task))
    return Contest(trainer.train, trainer.accuracy)


def quick_plan(task: Task) -> Plan:
    """Give the network that a task names, with settings that need few steps."""
    if task.network == "mlp":
        return plan_of("mlp", task, dropout=True, hidden_units=task.hidden_units)
    return plan_of("best", task) if task.network == "best" else quick_cnn2(task)


def quick_cnn2(task: Task) -> Plan:
    """Give experiment 5's network with a learning rate that needs fewer steps."""
    plan = plan_of("cnn2", task)
    recipe = plan.recipe.with_settings(learning_rate=1e-3, reduction="mean", steps=None)
    return Plan(plan.name, "", plan.network, recipe)


def predict(task: Task) -> Contest:
    """Read as many images as a turn says, with a network that was trained a little."""
    trainer = Trainer(task, quick_plan(task))
    trainer.train()
    model = Model(trainer.plan.network, trainer.parameters, [str(digit) for digit in range(10)])
    images = task.train_images[: task.count]
    return Contest(lambda: [model.predict_proba(images) for _ in range(task.repeats)], trainer.accuracy)


def reach(task: Task) -> Contest:
    """Train until the accuracy that is asked for is reached on the test images."""
    trainer = Trainer(task, quick_plan(task))

    def run() -> None:
        for _ in range(task.most):
            trainer.train()
            if trainer.accuracy() >= task.accuracy:
                return

    return Contest(run, trainer.accuracy)


def bfgs(task: Task) -> Contest:
    """Train the naive network by ``fit``, which reads the training and test images after every iteration too."""
    split = split_of(task)
    start = Initializer("uniform", 0.12)
    layers = Flatten(), Dense(task.hidden_units, "sigmoid", start, start), Dense(10, "sigmoid", start, start)
    network = Network(split.dataset.image_shape, layers)
    recipe = plan_of("naive", task).recipe.with_settings(epochs=task.iterations, seed=task.seed)
    at: dict[str, FitResult] = {}

    def run() -> None:
        at["fitted"] = fit(network, recipe, split)

    def compared() -> EpochRecord:
        """The iteration at which others are compared."""
        return at["fitted"].history[task.compared]

    return Contest(run, lambda: compared().validation_accuracy, lambda: {"cost": compared().loss or 0.0})


def many(task: Task) -> Contest:
    """Train several small networks with other seeds and learning rates side by side, or one; whole, as a user does."""
    plan = plan_of("mlp", task, hidden_units=task.hidden_units)
    split = split_of(task)
    count = 1 if task.setting == "one alone" else task.count
    settings = [{"learning_rate": 0.002 * (number + 1), "seed": number} for number in range(count)]
    recipes = [plan.recipe.with_settings(epochs=task.epochs, **own) for own in settings]
    at: dict[str, Sequence[FitResult]] = {}

    def run() -> None:
        alone = count == 1
        at["fitted"] = [fit(plan.network, recipes[0], split)] if alone else fit_many(plan.network, recipes, split)

    return Contest(run, lambda: at["fitted"][0].history[-1].validation_accuracy)


def search(task: Task) -> Contest:
    """Try learning rates, each trial on one thread and as many at once as there are cores; workers start anew."""
    rates = {"low": task.low, "high": task.high, "log": True}
    fixed = {name: task.options[name] for name in ("hidden_units", "momentum", "batch_size", "epochs")}
    space = {"network": "mlp", "optimiser": "nesterov", "dropout": False, "learning_rate": rates, **fixed}
    at = {"best": 0.0}

    def run() -> None:
        with TemporaryDirectory() as folder:
            out = Path(folder) / "study"
            # The data by their name: its split is the one that the others' images are of (images.py).
            options = {"trials": task.count, "sampler": "random", "workers": task.threads, "choose": 0}
            study = run_search(space, "digits", out=out, seed=task.seed, **options)
            at["best"] = max(trial.figure("accuracy") for trial in study.trials)

    return Contest(run, lambda: at["best"])


if __name__ == "__main__":
    works = {"mlp": train_mlp, "cnn2": train_cnn2, "best": train_best, "predict": predict, "reach": reach}
    works |= {"naive": bfgs, "many": many, "search": search}
    serve(works, lambda: f"Inklings {inklings.__version__}")
