"""Training, from top to bottom: ``fit`` calls ``run_epochs``, that ``run_epoch``, and that ``session.train``.

::

    from inklings import open_dataset
    from inklings.training import fit, preset

    split = open_dataset("digits").split()
    plan = preset("mlp", split.dataset.image_shape, split.dataset.class_count, dropout=True)
    fitted = fit(plan.network, plan.recipe, split)
    print(fitted.history[-1].validation_accuracy)

Nothing here prints: callbacks watch. A full-batch optimiser's iterations are in
:mod:`inklings.training.full_batch.iterations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inklings.data import Split
from inklings.engines import Engine, Session
from inklings.engines.randomness import augmentation_random, batch_order
from inklings.networks import Network, Parameters
from inklings.training.callbacks import Callback
from inklings.training.checkpoints import Checkpoint, CheckpointFile
from inklings.training.divergence import explain_divergence
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.full_batch.iterations import run_iterations
from inklings.training.interruption import Interruption
from inklings.training.optimisers import build_optimiser
from inklings.training.recipe import Recipe
from inklings.training.recorder import NO_LOSSES, Recorder
from inklings.training.training_job import TrainingJob


def fit(
    network: Network,
    recipe: Recipe,
    split: Split,
    *,
    engine: str | Engine = "auto",
    callbacks: Sequence[Callback] = (),
    start: Parameters | None = None,
    state: Parameters | None = None,
    resume: Checkpoint | None = None,
    checkpoints: str | Path | None = None,
    catch_signals: bool = True,
) -> FitResult:
    """Train a network on a split's training images, watching its validation images.

    Parameters
    ----------
    network : Network
        What to train.
    recipe : Recipe
        How.
    split : Split
        The test images are not looked at. Without validation images, what is measured on them is NaN.
    engine : {"auto", "native", "numpy", "jax"} or Engine
        What computes; see :func:`inklings.get_engine`. A full-batch optimiser gets the same engine in float64.
    callbacks : sequence of Callback
        They see every row, and may stop training. What they raise comes out here.
    start : dict of str to array, optional
        Parameters to start from, such as an earlier training's. Drawn from the recipe's seed if not given.
    state : dict of str to array, optional
        The optimiser's to start with: that of a :class:`FitResult` with the same network, optimiser and engine. The
        optimiser begins afresh if not given; a full-batch optimiser always does.
    resume : Checkpoint, optional
        Go on from there, exactly: rows and parameters become those of a training that was never interrupted, to the
        last bit in the native and the NumPy engine, up to rounding in JAX.
    checkpoints : str or Path, optional
        A file to write a checkpoint to, every half minute and when training is interrupted.
    catch_signals : bool
        Whether the first Ctrl-C or SIGTERM stops training after the batch at hand and keeps what was learnt. The next
        raises KeyboardInterrupt at once.

    Returns
    -------
    FitResult
        However training ended, a loss that became NaN or infinite included; ``ending`` and ``message`` tell. An epoch
        within which training stopped has no row, though its steps' effect is kept.

    Raises
    ------
    DataError
        ``split`` is not a Split.
    NetworkError
        The network reads other images, or tells other classes apart.
    RecipeError
        The recipe does not suit the network, or there is no such engine.
    RunError
        ``resume`` belongs to another training, or a checkpoint cannot be written.
    """
    job = TrainingJob.begin(network, recipe, split, engine, start, state)
    file = CheckpointFile(checkpoints)
    if resume is not None:
        resume.check(job.origin)
    with Interruption(enabled=catch_signals) as interruption, ExitStack() as begun:
        log = Recorder(job, callbacks, interruption, file, resume)
        for callback in callbacks:
            begun.callback(callback.on_end)
            callback.on_start(network, recipe, job.epochs)
        # A loss that overflows is told by the ending, not by NumPy's warnings on the screen.
        with np.errstate(all="ignore"):
            ending = run_iterations(log) if recipe.is_full_batch else run_epochs(log)
    return fitted(log, ending, file)


def fitted(log: Recorder, ending: StopReason, file: CheckpointFile) -> FitResult:
    """Give back what a logbook holds at the end."""
    job = log.job
    message = _message(log, ending, file)
    rows = tuple(log.rows)
    return FitResult(job.network, job.recipe, log.parameters, rows, ending, job.engine_title, message, log.state)


def run_epochs(log: Recorder) -> StopReason:
    """Train with an optimiser that takes a step a batch."""
    job, resume = log.job, log.resume
    start = resume.parameters if resume else job.start_parameters
    optimiser = build_optimiser(job.recipe)
    session = job.engine.session(job.network, job.objective, optimiser, start, seed=job.recipe.seed)
    if job.state is not None:
        session.restore(start, job.state)
    ending: StopReason | None = None
    losses = NO_LOSSES
    if resume:
        session.restore(resume.parameters, resume.state)
        losses = resume.losses
    else:
        ending = log.record(session, 0)
    while ending is None and log.epoch < job.epochs:
        ending = run_epoch(log, session, losses)
        losses = NO_LOSSES
    log.state = session.state
    return ending or StopReason.FINISHED


def run_epoch(log: Recorder, session: Session, losses: NDArray[np.float64]) -> StopReason | None:
    """Train for the next epoch, or for what is left of it after the steps whose losses are given."""
    job, recipe, train = log.job, log.job.recipe, log.job.split.train
    epoch, first_step = log.epoch + 1, log.rows[-1].step
    order = batch_order(recipe.seed, epoch, len(train), job.batch_size)[: job.steps - first_step]
    images = recipe.augmentation.apply(train.images, augmentation_random(recipe.seed, epoch))
    rates = recipe.learning_rate * recipe.schedule.factors(first_step, len(order), job.steps)
    while (done := len(losses)) < len(order):
        if done and (ending := log.pause(session, losses)):
            return ending
        some = session.train(
            images, train.labels, order[done:], rates[done:], first_step + done, log.should_pause, train.weights
        )
        losses = np.concatenate([losses, some])
        if not np.isfinite(some).all():
            return log.diverge(epoch, float(some[~np.isfinite(some)][0]))
    loss = job.per_image(float(losses.mean()))
    ending = log.record(session, first_step + len(order), loss=loss, learning_rate=float(rates[-1]))
    if ending is None and epoch < job.epochs:
        ending = log.pause(session)
    return ending


def _message(log: Recorder, ending: StopReason, file: CheckpointFile) -> str:
    if ending is StopReason.DIVERGED:
        return explain_divergence(log.job, *log.lost)
    if ending is not StopReason.INTERRUPTED:
        return ""
    onward = f"; resume from {file.path} to go on" if file.path else ""
    return f"stopped after {log.step:,} of {log.job.steps:,} steps; what was learnt is kept{onward}"
