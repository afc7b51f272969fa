"""Training, from top to bottom: ``fit`` > ``fit_job`` > ``run_epochs`` > ``run_epoch`` > the engine's steps.

::

    from inklings import open_dataset
    from inklings.training import fit, preset

    split = open_dataset("digits").split()
    plan = preset("mlp", split.dataset.image_shape, split.dataset.class_count, dropout=True)
    result = fit(plan.network, plan.recipe, split)
    print(result.history[-1].validation_accuracy)

Nothing here prints: callbacks watch. The iterations of a full-batch optimiser are in
:mod:`inklings.training.full_batch.iterations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.parts import Split
from inklings.engines import Engine, Session
from inklings.engines.memory import give_back_freed_memory
from inklings.engines.randomness import augmentation_random, batch_order
from inklings.errors import RecipeError
from inklings.networks import Network, Parameters
from inklings.training.callbacks import AnyCallback, as_callbacks
from inklings.training.checkpoint_file import CheckpointFile
from inklings.training.checkpoints import Checkpoint
from inklings.training.divergence import explain_divergence, explain_standstill
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.full_batch.iterations import run_iterations
from inklings.training.history import History
from inklings.training.interruption import Interruption
from inklings.training.optimisers import build_optimiser
from inklings.training.recipe import IN_A_RECIPE, Recipe
from inklings.training.recorder import NO_LOSSES, Recorder
from inklings.training.training_job import TrainingJob


@checks_call(RecipeError, meant=IN_A_RECIPE, resume=Checkpoint)
def fit(
    network: Network,
    recipe: Recipe,
    split: Split,
    *,
    engine: str | Engine = "auto",
    callbacks: Sequence[AnyCallback] = (),
    start: Parameters | None = None,
    state: Parameters | None = None,
    resume: Checkpoint | None = None,
    checkpoints: str | Path | None = None,
    catch_signals: bool = True,
) -> FitResult:
    """Train a network on the training images of a split and evaluate it on the validation images after each epoch.

    Parameters
    ----------
    network : Network
        What to train.
    recipe : Recipe
        How to train it.
    split : Split
        Its test images are not used. Without validation images, validation losses and accuracies are NaN.
    engine : {"auto", "native", "reproducible", "numpy", "jax"} or Engine
        What computes; see :func:`inklings.get_engine`. A full-batch optimiser gets the same engine in float64.
    callbacks : sequence of Callback or callable
        They are called after every epoch and may stop training. A function takes the epoch's :class:`EpochRecord` or,
        if it has two arguments, the record and the parameters; training stops if it returns True. Exceptions are not
        caught.
    start : dict of str to array, optional
        Initial parameters, such as those of an earlier training. Drawn from the recipe's seed if not given.
    state : dict of str to array, optional
        Initial state of the optimiser: that of a :class:`FitResult` with the same network, optimiser and engine. A
        full-batch optimiser always starts without one.
    resume : Checkpoint, optional
        Continue from there, exactly: history and parameters become those of a training that was never interrupted, to
        the last bit in the native and NumPy engines, up to rounding in JAX.
    checkpoints : str or Path, optional
        A file to write a checkpoint to: after a second, then less and less often, at last every ten seconds, and when
        training is interrupted. The one before is kept beside it.
    catch_signals : bool
        Whether the first Ctrl-C or SIGTERM stops training after the current batch and keeps the weights so far. The
        next one raises KeyboardInterrupt at once.

    Returns
    -------
    FitResult
        However training ended, even if the loss became NaN or infinite; see its ``stop_reason`` and ``message``. An
        epoch that was interrupted has no record, but the effect of its steps is kept.

    Raises
    ------
    DataError
        ``split`` is not a Split.
    NetworkError
        The network expects images of another shape or has another number of outputs.
    RecipeError
        The recipe does not suit the network, there is no such engine, or a callback could never be called.
    RunError
        ``resume`` belongs to another training, or there is no folder for ``checkpoints``. A checkpoint that cannot be
        written later is a warning in the log.

    Examples
    --------
    >>> import inklings
    >>> split = inklings.open_dataset("digits").split()
    >>> plan = inklings.preset("softmax", (20, 20, 1), 10)
    >>> fitted = inklings.fit(plan.network, plan.recipe, split)
    >>> fitted.history[-1].validation_accuracy > 0.85
    True
    """
    job = TrainingJob.begin(network, recipe, split, engine, start, state)
    return fit_job(job, callbacks=callbacks, resume=resume, checkpoints=checkpoints, catch_signals=catch_signals)


def fit_job(
    job: TrainingJob,
    *,
    callbacks: Sequence[AnyCallback] = (),
    resume: Checkpoint | None = None,
    checkpoints: str | Path | CheckpointFile | None = None,
    catch_signals: bool = True,
) -> FitResult:
    """Train what has been checked already; parameters and result as in :func:`fit`.

    A comparison checks all of its networks before it trains the first. Checking chooses the engine, weighs the classes
    and asks the machine for its memory: once is enough. ``checkpoints`` may also be a :class:`CheckpointFile` of the
    caller's own, which decides when a checkpoint is due and where it is kept.
    """
    watching = as_callbacks(callbacks)
    file = checkpoints if isinstance(checkpoints, CheckpointFile) else CheckpointFile(checkpoints)
    if resume is not None:
        resume.check(job.origin)
        job.network.check_parameters(resume.parameters)
    # Signals first: from here until training has ended, the first Ctrl-C only sets a flag.
    with Interruption(enabled=catch_signals) as interruption, ExitStack() as started:
        recorder = Recorder(job, watching, interruption, file, resume)
        for callback in watching:
            # Registered before on_start, so that whoever was started is also ended if a later callback raises.
            started.callback(callback.on_end)
            callback.on_start(job.network, job.recipe, job.epochs)
        # An overflow shows as StopReason.DIVERGED; NumPy's warnings about it would only clutter the screen.
        with np.errstate(all="ignore"):
            stop_reason = run_iterations(recorder) if job.recipe.is_full_batch else run_epochs(recorder)
    if job.recipe.is_full_batch:
        # Each gradient took memory for all images and freed it, in pieces of other sizes than the next training's: over
        # hundreds of trainings the gaps between them would add up.
        give_back_freed_memory()
    return collect_result(recorder, stop_reason, file)


def collect_result(recorder: Recorder, stop_reason: StopReason, file: CheckpointFile) -> FitResult:
    """Return what was recorded of a training that is over."""
    job = recorder.job
    error = explain_divergence(job, *recorder.lost) if stop_reason is StopReason.DIVERGED else None
    standstill = "" if error else explain_standstill(job, recorder.last, recorder.history, recorder.step)
    return FitResult(
        job.network,
        job.recipe,
        recorder.parameters,
        History(recorder.history),
        stop_reason,
        job.engine_title,
        message=str(error or _describe_interruption(recorder, stop_reason, file) or standstill),
        state=recorder.state,
        error=error,
        stopped_by=recorder.stopped_by,
        split=job.split,
    )


def run_epochs(recorder: Recorder) -> StopReason:
    """Train with an optimiser that takes one step per batch."""
    # A checkpoint's parameters, not the start's: that training has come further.
    job, resume = recorder.job, recorder.resume
    start = resume.parameters if resume else job.start_parameters
    optimiser = build_optimiser(job.recipe)
    # The optimiser is a pair of pure functions; what it remembers is the session's, and goes into checkpoints.
    session = job.engine.session(job.network, job.objective, optimiser, start, seed=job.recipe.seed_of_order)
    if job.state is not None:
        _check_state(session, job.state)
        session.restore(start, job.state)
    stop_reason: StopReason | None = None
    losses = NO_LOSSES
    if resume:
        _check_state(session, resume.state)
        session.restore(resume.parameters, resume.state)
        losses = resume.losses
    else:
        # Epoch 0, the untrained network: what later epochs are compared with, also to tell divergence.
        stop_reason = recorder.record(session, 0)
    while stop_reason is None and recorder.epoch < job.epochs:
        stop_reason = run_epoch(recorder, session, losses)
        # Only the epoch that a checkpoint was taken in has losses already; the next ones start with none.
        losses = NO_LOSSES
    recorder.state = session.state
    return stop_reason or StopReason.FINISHED


def _check_state(session: Session, state: Parameters) -> None:
    """Refuse an optimiser's state if it is not of this optimiser, network and engine."""
    expected = {name: value.shape for name, value in session.state.items()}
    found = {name: np.shape(value) for name, value in state.items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            has, needs = (f"shape {known[name]}" if name in known else "none" for known in (found, expected))
            raise RecipeError(
                f"'{name}': found {has}, expected {needs}",
                "take the state of a training with the same network, optimiser and engine",
                setting="state",
                found=found.get(name),
                expected=expected.get(name),
            )


def run_epoch(recorder: Recorder, session: Session, losses: NDArray[np.float64]) -> StopReason | None:
    """Train for the next epoch, or for what is left of it after the steps with these losses."""
    job, recipe, train = recorder.job, recorder.job.recipe, recorder.job.split.train
    epoch, first_step = recorder.epoch + 1, recorder.history[-1].step
    # Order, augmentation and learning rates depend on seed, epoch and step alone, never on what was drawn before: so an
    # epoch that is resumed in its middle gets the same batches. A recipe's `steps` may end within an epoch: [:...].
    order = batch_order(recipe.seed_of_order, epoch, len(train), job.batch_size)[: job.steps - first_step]
    warps = recipe.augmentation.draw(train.images.shape, augmentation_random(recipe.seed_of_order, epoch))
    rates = recipe.learning_rate * recipe.schedule.factors(first_step, len(order), job.steps)
    # The engine returns early when asked to pause; after a checkpoint was
    # written, the loop takes the rest of the epoch.
    while (done := len(losses)) < len(order):
        if done and (stop_reason := recorder.pause(session, losses)):
            return stop_reason
        # The engine takes as many steps as it can before it is asked to pause, and returns one loss for each.
        new_losses = session.train(
            train.images,
            train.labels,
            order[done:],
            rates[done:],
            first_step + done,
            recorder.should_pause,
            train.weights,
            warps,
        )
        losses = np.concatenate([losses, new_losses])
        # At once, not at the epoch's end: steps on NaN are lost time.
        if not np.isfinite(new_losses).all():
            return recorder.diverge(epoch, float(new_losses[~np.isfinite(new_losses)][0]))
    loss = job.per_image(float(losses.mean()))
    stop_reason = recorder.record(session, first_step + len(order), loss=loss, learning_rate=float(rates[-1]))
    # After the last epoch there is nothing to go on with, and so nothing to write a checkpoint for.
    if stop_reason is None and epoch < job.epochs:
        stop_reason = recorder.pause(session)
    return stop_reason


def _describe_interruption(recorder: Recorder, stop_reason: StopReason, file: CheckpointFile) -> str:
    if stop_reason is not StopReason.INTERRUPTED:
        return ""
    onward = f"; resume from {file.path} to go on" if file.path else ""
    if file.problem:
        onward = f", but no checkpoint to resume from: {file.problem.path} {file.problem.message}"
    who = f" by {recorder.stopped_by}" if recorder.stopped_by else ""
    return f"stopped{who} after {recorder.step:,} of {recorder.job.steps:,} steps; what was learnt is kept{onward}"
