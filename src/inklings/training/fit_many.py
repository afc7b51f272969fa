"""One network trained several times at once: with other seeds, learning rates and splits of the same images.

::

    from inklings import Dense, Flatten, Network, Recipe, fit_many, open_dataset

    split = open_dataset("digits").split()
    network = Network((20, 20, 1), (Flatten(), Dense(25, "relu"), Dense(10, "softmax")))
    recipes = [Recipe("sgd", rate, epochs=20) for rate in (0.01, 0.03, 0.1, 0.3)]
    for result in fit_many(network, recipes, split):
        print(result.recipe.learning_rate, result.history[-1].validation_accuracy)

Each result equals that of :func:`inklings.fit`, up to rounding.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.parts import Split
from inklings.engines import multi_session
from inklings.engines.randomness import batch_order
from inklings.engines.select import NATIVE
from inklings.errors import RecipeError
from inklings.networks import Network
from inklings.training.callbacks import AnyCallback, as_callbacks
from inklings.training.checkpoint_file import CheckpointFile
from inklings.training.fit import collect_result
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.interruption import Interruption
from inklings.training.optimisers import build_optimiser
from inklings.training.recipe import IN_A_RECIPE, Recipe
from inklings.training.recorder import Recorder
from inklings.training.training_job import TrainingJob

# Measured on two cores; see is_quicker_side_by_side.
_OPERATIONS_OF_A_SMALL_STEP = 1e7
_SECONDS_SAVED_A_STEP, _SECONDS_TO_COMPILE = 3e-5, 0.7
_OWN = {"seed": 0, "order_seed": None, "learning_rate": 1.0}
"""The settings that may differ from one training to the next."""


@checks_call(
    RecipeError, meant=IN_A_RECIPE, splits=(Split, list, tuple), recipes=(list, tuple), callbacks=(list, tuple)
)
def fit_many(
    network: Network,
    recipes: Sequence[Recipe],
    splits: Split | Sequence[Split],
    *,
    callbacks: Sequence[Sequence[AnyCallback]] = (),
    catch_signals: bool = True,
) -> tuple[FitResult, ...]:
    """Train a network several times side by side.

    Parameters
    ----------
    network : Network
        Without convolutions, which are slower side by side than one after the other.
    recipes : sequence of Recipe
        One per training; they may differ in ``seed``, ``order_seed`` and ``learning_rate`` only. No full-batch
        optimiser, no augmentation.
    splits : Split or sequence of Split
        One for all, or one per training, of the same data set and with equally many training images.
    callbacks : sequence of sequence of Callback or callable
        Those of each training, if any.
    catch_signals : bool
        As in :func:`inklings.fit`.

    Returns
    -------
    tuple of FitResult
        In the order of the recipes, each equal to that of :func:`inklings.fit` to about 1e-5. A record's ``seconds``
        are the training's share of the time that all of them took.

    Raises
    ------
    NetworkError, RecipeError
        Network, recipe and split do not suit each other, or they cannot be trained side by side.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> recipes = [plan.recipe.with_settings(seed=seed) for seed in range(3)]
    >>> len(inklings.fit_many(plan.network, recipes, split))
    3
    """
    # One split for all is repeated, not copied: jobs share its arrays.
    each = [splits] * len(recipes) if isinstance(splits, Split) else list(splits)
    if not recipes or len(each) != len(recipes) or len(callbacks) not in (0, len(recipes)):
        raise RecipeError(
            f"{len(recipes)} recipes, {len(each)} splits and {len(callbacks)} lists of callbacks, "
            "expected the same number of each, at least one"
        )
    jobs = [TrainingJob.begin(network, *own, "auto") for own in zip(recipes, each, strict=True)]
    return fit_jobs(jobs, callbacks=callbacks, catch_signals=catch_signals)


def fit_together(*arguments: Any, **options: Any) -> tuple[FitResult, ...]:  # noqa: ANN401 - those of fit_many
    """Call :func:`fit_many` by its earlier name."""
    warnings.warn("fit_together is now called fit_many", DeprecationWarning, stacklevel=2)
    return fit_many(*arguments, **options)


def fit_jobs(
    jobs: Sequence[TrainingJob], *, callbacks: Sequence[Sequence[AnyCallback]] = (), catch_signals: bool = True
) -> tuple[FitResult, ...]:
    """Train side by side what has been checked already; callbacks and results as in :func:`fit_many`."""
    if reason := why_not_side_by_side(jobs):
        raise RecipeError(f"these trainings cannot go side by side: {reason}", "train them one after the other")
    watching = [as_callbacks(own) for own in callbacks or [()] * len(jobs)]
    with Interruption(enabled=catch_signals) as interruption, ExitStack() as started:
        # Without a path: trainings side by side write no checkpoints.
        file = CheckpointFile(None)
        recorders = [
            Recorder(job, own, interruption, file, None, len(jobs)) for job, own in zip(jobs, watching, strict=True)
        ]
        for job, own in zip(jobs, watching, strict=True):
            for callback in own:
                started.callback(callback.on_end)
                callback.on_start(job.network, job.recipe, job.epochs)
        with np.errstate(all="ignore"):  # an overflow shows as StopReason.DIVERGED
            stop_reasons = _SideBySide(recorders).run()
    return tuple(collect_result(*each, file) for each in zip(recorders, stop_reasons, strict=True))


def is_quicker_side_by_side(jobs: Sequence[TrainingJob]) -> bool:
    """Return whether trainings can go side by side, and save more time than compiling for it takes.

    Measured on two cores: with up to 100 hidden units on 20 x 20 pixels and batches of 50, a third of the time is saved
    or more; with 400 next to nothing; with 800, where a single step's products fill the cores, side by side takes a
    third longer.
    """
    if len(jobs) < 2:
        return False
    job = jobs[0]
    operations = job.network.operations * job.batch_size
    if operations > _OPERATIONS_OF_A_SMALL_STEP or why_not_side_by_side(jobs):
        return False
    if job.engine.name != "jax":
        return job.engine.name in NATIVE  # there each network has a core to itself; NumPy gains nothing
    return len(jobs) * job.steps * _SECONDS_SAVED_A_STEP > _SECONDS_TO_COMPILE


def why_not_side_by_side(jobs: Sequence[TrainingJob]) -> str:
    """Return what keeps trainings from going side by side; empty if nothing does."""
    first = jobs[0]
    data = first.split.dataset
    if first.network.is_convolutional:
        return "the network has convolutions"
    if first.recipe.is_full_batch:
        return f"{first.recipe.optimiser} takes all images at once"
    if first.recipe.augmentation:
        return "the recipe changes images in every epoch"
    if not isinstance(data.images, np.ndarray):
        return "there are too many images to keep in memory"
    for job in jobs[1:]:
        # All read the one array of the data set by its rows, so that no split's images are copied.
        if job.split.dataset is not data or len(job.split.train_rows) != len(first.split.train_rows):
            return "they learn from other images, or from more"
        if job.recipe.with_settings(**_OWN) != first.recipe.with_settings(**_OWN):
            return "the recipes differ in more than seeds and learning rate"
        if job.network != first.network or job.objective != first.objective:
            return "they differ in network or objective"
    return ""


class _SideBySide:
    """Trainings in progress side by side.

    One that has ended is still computed, since the engine takes the steps of all in one call; its results are ignored.
    """

    def __init__(self, recorders: Sequence[Recorder]) -> None:
        self.recorders, self.jobs = recorders, [recorder.job for recorder in recorders]
        self.stop_reasons: list[StopReason | None] = [None] * len(recorders)
        # The session's seeds decide dropout's masks, and so are those of the order.
        self.job, seeds = self.jobs[0], [job.recipe.seed_of_order for job in self.jobs]
        network, engine = self.job.network, self.job.engine
        starts = [job.start_parameters for job in self.jobs]
        optimiser = build_optimiser(self.job.recipe)
        self.session = multi_session(engine, network, self.job.objective, optimiser, starts, seeds)
        self.parts = _parts(self.jobs)

    def run(self) -> list[StopReason]:
        """Train until the last one has ended."""
        self.record(0, None, [None] * len(self.recorders))
        step = 0
        for epoch in range(1, self.job.epochs + 1):
            if not self.running:
                break
            step = self.run_epoch(epoch, step)
        return [stop_reason or StopReason.FINISHED for stop_reason in self.stop_reasons]

    def run_epoch(self, epoch: int, step: int) -> int:
        """Train all of them for an epoch that starts at a step, and return the step at which it ended."""
        job, data = self.job, self.job.split.dataset
        # Every training has an order and a rate of its own; the schedule's factors are those of the shared recipe.
        order = np.stack([_order(each, epoch) for each in self.jobs], 1)[: job.steps - step]
        factors = job.recipe.schedule.factors(step, len(order), job.steps)
        # (steps, 1) * (trainings,): a row per step, a column per training.
        rates = factors[:, np.newaxis] * [each.recipe.learning_rate for each in self.jobs]
        # (steps, trainings); rows count in the whole data set, which stands in memory once for all.
        losses = self.session.train(data.images, data.labels, order, rates, step, self.should_stop, data.weights)
        # Over what still runs: a training that has ended keeps its result, whatever its column holds by now.
        for number, recorder in self.running:
            own = losses[:, number]
            if not np.isfinite(own).all():
                self.stop_reasons[number] = recorder.diverge(epoch, float(own[~np.isfinite(own)][0]))
        if len(losses) < len(order):
            self.interrupt(self.running, len(losses))
        else:
            self.record(step + len(losses), losses, rates[-1].tolist())
            if epoch < job.epochs:
                # Asked after the epoch is recorded: a callback decides by this epoch's record.
                self.interrupt([(number, recorder) for number, recorder in self.running if recorder.should_stop()], 0)
        return step + len(losses)

    @property
    def running(self) -> list[tuple[int, Recorder]]:
        """The trainings that have not ended, with their numbers."""
        return [(number, recorder) for number, recorder in enumerate(self.recorders) if not self.stop_reasons[number]]

    def should_stop(self) -> bool:
        """Return whether all that are running were asked to stop."""
        return all(recorder.should_stop() for _, recorder in self.running)

    def interrupt(self, those: Sequence[tuple[int, Recorder]], steps: int) -> None:
        """End trainings that were asked to stop."""
        members = self.session.members if those else []
        for number, recorder in those:
            self.stop_reasons[number] = recorder.interrupt(members[number], steps)

    def record(self, step: int, losses: NDArray[np.float64] | None, rates: Sequence[float | None]) -> None:
        """Evaluate all networks after an epoch and record it for each training that is running."""
        data, members = self.job.split.dataset, self.session.members
        measured = self.session.evaluate_parts(data.images, data.labels, self.parts)
        for number, recorder in self.running:
            loss = None if losses is None else recorder.job.per_image(float(losses[:, number].mean()))
            self.stop_reasons[number] = recorder.append_epoch(
                members[number], step, measured[number], loss, rates[number]
            )


def _order(job: TrainingJob, epoch: int) -> NDArray[np.int64]:
    """Return the rows of the data set in each batch of a training's epoch, shape (steps, batch size)."""
    rows = job.split.train_rows
    # Rows within the training part, turned into rows of the whole data set: (steps, batch size).
    return rows[batch_order(job.recipe.seed_of_order, epoch, len(rows), job.batch_size)]


def _parts(jobs: Sequence[TrainingJob]) -> NDArray[np.bool_]:
    """Return masks of each training's training and validation images, shape (trainings, 2, images)."""
    # Masks over the whole data set, since one pass over it evaluates all networks on all images.
    parts = np.zeros((len(jobs), 2, len(jobs[0].split.dataset)), bool)
    for own, job in zip(parts, jobs, strict=True):
        own[0, job.split.train_rows] = True
        own[1, job.split.validation_rows] = True
    return parts
