"""One network trained several times at once: with other seeds, learning rates and splits of the same images.

::

    from dataclasses import replace
    from inklings import Dense, Flatten, Network, Recipe, fit_together, open_dataset

    split = open_dataset("digits").split()
    network = Network((20, 20, 1), (Flatten(), Dense(25, "relu"), Dense(10, "softmax")))
    recipes = [Recipe("sgd", rate, epochs=20) for rate in (0.01, 0.03, 0.1, 0.3)]
    for fitted in fit_together(network, recipes, split):
        print(fitted.recipe.learning_rate, fitted.history[-1].validation_accuracy)

Each comes out as :func:`inklings.fit` trains it alone, up to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np
from numpy.typing import NDArray

from inklings.data import Split
from inklings.engines import multi_session
from inklings.engines.randomness import batch_order
from inklings.errors import RecipeError
from inklings.networks import Network, initial_parameters
from inklings.training.callbacks import Callback
from inklings.training.checkpoints import CheckpointFile
from inklings.training.fit import fitted
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.interruption import Interruption
from inklings.training.optimisers import build_optimiser
from inklings.training.recipe import Recipe
from inklings.training.recorder import Recorder
from inklings.training.training_job import TrainingJob

_OPERATIONS_OF_A_SMALL_STEP = 1e7
_SECONDS_SAVED_A_STEP, _SECONDS_TO_COMPILE = 3e-5, 0.7
_OWN = {"seed": 0, "learning_rate": 1.0}
"""What may differ from one training to the next."""


def fit_together(
    network: Network,
    recipes: Sequence[Recipe],
    splits: Split | Sequence[Split],
    *,
    callbacks: Sequence[Sequence[Callback]] = (),
    catch_signals: bool = True,
) -> tuple[FitResult, ...]:
    """Train a network several times side by side.

    Parameters
    ----------
    network : Network
        Without convolutions, which are slower side by side than one after the other.
    recipes : sequence of Recipe
        One a training; they differ in ``seed`` and ``learning_rate`` alone. No full-batch optimiser, no augmentation.
    splits : Split or sequence of Split
        One for all, or one each, of the same data set, with as many training images.
    callbacks : sequence of sequence of Callback
        Those of each training, if any.
    catch_signals : bool
        As in :func:`inklings.fit`.

    Returns
    -------
    tuple of FitResult
        In the order of the recipes, each as :func:`inklings.fit` gives it to about 1e-5. A row's ``seconds`` are the
        training's share of what all took.

    Raises
    ------
    NetworkError, RecipeError
        Something does not suit, or they cannot be trained side by side.
    """
    each = [splits] * len(recipes) if isinstance(splits, Split) else list(splits)
    if not recipes or len(each) != len(recipes) or len(callbacks) not in (0, len(recipes)):
        raise RecipeError(
            f"{len(recipes)} recipes, {len(each)} splits and {len(callbacks)} lists of callbacks, "
            "expected as many of each, at least one"
        )
    jobs = [TrainingJob.begin(network, *own, "auto") for own in zip(recipes, each, strict=True)]
    if reason := why_not_together(jobs):
        raise RecipeError(f"these trainings cannot go side by side: {reason}", "train them one after the other")
    watching = callbacks or [()] * len(jobs)
    with Interruption(enabled=catch_signals) as interruption, ExitStack() as begun:
        file = CheckpointFile(None)
        logs = [
            Recorder(job, own, interruption, file, None, len(jobs)) for job, own in zip(jobs, watching, strict=True)
        ]
        for job, own in zip(jobs, watching, strict=True):
            for callback in own:
                begun.callback(callback.on_end)
                callback.on_start(network, job.recipe, job.epochs)
        with np.errstate(all="ignore"):
            endings = _Trainings(logs).run()
    return tuple(fitted(log, ending, file) for log, ending in zip(logs, endings, strict=True))


def is_quicker_together(jobs: Sequence[TrainingJob]) -> bool:
    """Say whether trainings can go side by side, and gain by it more than compiling takes longer.

    Measured on two cores: with up to 100 hidden units on 20 x 20 pixels and batches of 50, a third of the time is saved
    or more; with 400 next to nothing; with 800, where a single step's products fill the cores, side by side takes a
    third longer.
    """
    job = jobs[0]
    operations = job.network.operations * job.batch_size
    if len(jobs) < 2 or operations > _OPERATIONS_OF_A_SMALL_STEP or why_not_together(jobs):
        return False
    if job.engine.name != "jax":
        return job.engine.name == "native"  # there each network has a core to itself; NumPy gains nothing
    return len(jobs) * job.steps * _SECONDS_SAVED_A_STEP > _SECONDS_TO_COMPILE


def why_not_together(jobs: Sequence[TrainingJob]) -> str:
    """Say what keeps trainings from going side by side; empty if nothing does."""
    first = jobs[0]
    data = first.split.dataset
    if first.network.is_convolutional:
        return "the network has convolutions"
    if first.recipe.is_full_batch:
        return f"{first.recipe.optimiser} takes all images at once"
    if first.recipe.augmentation:
        return "the recipe changes images in every epoch"
    if not isinstance(data.images, np.ndarray):
        return "the images are too many to stand in memory"
    for job in jobs[1:]:
        if job.split.dataset is not data or len(job.split.train_rows) != len(first.split.train_rows):
            return "they learn from other images, or from more"
        if job.recipe.with_settings(**_OWN) != first.recipe.with_settings(**_OWN):
            return "the recipes differ in more than seed and learning rate"
        if job.network != first.network or job.objective != first.objective:
            return "they differ in network or objective"
    return ""


class _Trainings:
    """Trainings under way side by side; one that is over is computed on with the others, and no longer looked at."""

    def __init__(self, logs: Sequence[Recorder]) -> None:
        self.logs, self.jobs = logs, [log.job for log in logs]
        self.endings: list[StopReason | None] = [None] * len(logs)
        self.job, seeds = self.jobs[0], [job.recipe.seed for job in self.jobs]
        network, engine = self.job.network, self.job.engine
        starts = [initial_parameters(network, seed) for seed in seeds]
        optimiser = build_optimiser(self.job.recipe)
        self.session = multi_session(engine, network, self.job.objective, optimiser, starts, seeds)
        self.parts = _parts(self.jobs)

    def run(self) -> list[StopReason]:
        """Train until the last is over."""
        self.record(0, None, [None] * len(self.logs))
        step = 0
        for epoch in range(1, self.job.epochs + 1):
            if not self.going:
                break
            step = self.run_epoch(epoch, step)
        return [ending or StopReason.FINISHED for ending in self.endings]

    def run_epoch(self, epoch: int, step: int) -> int:
        """Train all for an epoch from a step on, and say at which step they are."""
        job, data = self.job, self.job.split.dataset
        order = np.stack([_order(each, epoch) for each in self.jobs], 1)[: job.steps - step]
        factors = job.recipe.schedule.factors(step, len(order), job.steps)
        rates = factors[:, np.newaxis] * [each.recipe.learning_rate for each in self.jobs]
        losses = self.session.train(data.images, data.labels, order, rates, step, self.should_stop, data.weights)
        for number, log in self.going:
            own = losses[:, number]
            if not np.isfinite(own).all():
                self.endings[number] = log.diverge(epoch, float(own[~np.isfinite(own)][0]))
        if len(losses) < len(order):
            self.interrupt(self.going, len(losses))
        else:
            self.record(step + len(losses), losses, rates[-1].tolist())
            if epoch < job.epochs:
                self.interrupt([(number, log) for number, log in self.going if log.should_stop()], 0)
        return step + len(losses)

    @property
    def going(self) -> list[tuple[int, Recorder]]:
        """Those that are not over, with their numbers."""
        return [(number, log) for number, log in enumerate(self.logs) if self.endings[number] is None]

    def should_stop(self) -> bool:
        """Say whether all that are not over were asked to stop."""
        return all(log.should_stop() for _, log in self.going)

    def interrupt(self, those: Sequence[tuple[int, Recorder]], steps: int) -> None:
        """End trainings that were asked to stop."""
        members = self.session.members if those else []
        for number, log in those:
            self.endings[number] = log.interrupt(members[number], steps)

    def record(self, step: int, losses: NDArray[np.float64] | None, rates: Sequence[float | None]) -> None:
        """Measure what came of an epoch, and take it down for each training that is not over."""
        data, members = self.job.split.dataset, self.session.members
        measured = self.session.evaluate_parts(data.images, data.labels, self.parts)
        for number, log in self.going:
            loss = None if losses is None else log.job.per_image(float(losses[:, number].mean()))
            self.endings[number] = log.append_epoch(members[number], step, measured[number], loss, rates[number])


def _order(job: TrainingJob, epoch: int) -> NDArray[np.int64]:
    """Give the rows of the data set that make a training's batches in an epoch."""
    rows = job.split.train_rows
    return rows[batch_order(job.recipe.seed, epoch, len(rows), job.batch_size)]


def _parts(jobs: Sequence[TrainingJob]) -> NDArray[np.bool_]:
    """Mark each training's training and validation images, shape (trainings, 2, images)."""
    parts = np.zeros((len(jobs), 2, len(jobs[0].split.dataset)), bool)
    for own, job in zip(parts, jobs, strict=True):
        own[0, job.split.train_rows] = True
        own[1, job.split.validation_rows] = True
    return parts
