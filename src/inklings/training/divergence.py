"""When training has diverged, or has changed nothing: how to tell, the most likely cause, and what to try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, isnan

import numpy as np

from inklings.engines.base import Labels
from inklings.errors import TrainingDivergedError
from inklings.networks import Parameters
from inklings.training.history import EpochRecord
from inklings.training.recipe import Recipe
from inklings.training.training_job import TrainingJob

# Learning rates that suit most small networks if the loss is a mean: none above them is advised.
USUAL_LEARNING_RATES = {"sgd": 0.1, "momentum": 0.01, "nesterov": 0.01, "adam": 1e-3, "adamw": 1e-3}
Cause = tuple[str, str, Mapping[str, float]]  # what is wrong, what to do about it, and the settings to try
ADAPTIVE = ("adam", "adamw")  # their steps do not depend on the scale of the loss
USUAL_PENALTY = 1e-3
LARGEST_USUAL_PIXEL = 10.0
# A loss is absurd at this many times that of the untrained network; an accuracy up to this many times that of guessing
# is no better than guessing.
ABSURD, ABOUT = 100.0, 1.2
_STILL = 1e-7  # about half a unit in the last place of a float32 near 1


def is_lost(record: EpochRecord, untrained: EpochRecord, labels: Labels) -> bool:
    """Return whether a loss is not finite, or absurd at an accuracy no better than guessing.

    Weights that were thrown far off can leave the loss finite for ever, with every hidden unit dead. An enormous loss
    alone does not show that: with very long steps, softmax regression is a perceptron and learns.

    Parameters
    ----------
    record, untrained : EpochRecord
        The epoch in question, and epoch 0.
    labels : array of int64, shape (n,)
        Those of the training images.
    """
    if not isfinite(worst_loss(record)):
        return True
    # Guessing is right as often as the largest class occurs, or as the untrained network was.
    guessing = max(untrained.train_accuracy, np.bincount(labels).max() / len(labels))
    return bool(record.train_loss > ABSURD * untrained.train_loss and record.train_accuracy <= ABOUT * guessing)


def worst_loss(record: EpochRecord) -> float:
    """Return the largest loss of a record; NaN counts as larger than any."""
    validation = record.validation_loss if record.has_validation else None
    # np.max, not max(): whether the builtin finds a NaN depends on its place in the list.
    return float(np.max([loss for loss in (record.loss, record.train_loss, validation) if loss is not None]))


def explain_divergence(job: TrainingJob, epoch: int, loss: float) -> TrainingDivergedError:
    """Return an error that says when training diverged, the most likely cause and which settings to try.

    Parameters
    ----------
    job : TrainingJob
        The training that diverged.
    epoch : int
        The epoch in which it did; 0 is before training.
    loss : float
        The loss then.
    """
    # The likeliest cause first; the last of either list always finds something.
    looks = (_pixels, _start) if epoch == 0 or job.recipe.is_full_batch else (_pixels, _shrinking, _learning_rate)
    cause, hint, suggested = next(found for look in looks if (found := look(job)) is not None)
    value = f"{loss:.1e}" if isfinite(loss) else "NaN" if isnan(loss) else "infinite"
    unit = "iteration" if job.recipe.is_full_batch else "epoch"
    when = f"in {unit} {epoch}" if epoch else "before training"
    return TrainingDivergedError(f"the loss is {value} {when}: {cause}", hint, found=loss, suggested=suggested)


def explain_standstill(job: TrainingJob, parameters: Parameters, history: Sequence[EpochRecord], steps: int) -> str:
    """Say that training changed no weight or no loss, as with a rate that float32 rounds away; empty if it did."""
    if not steps or job.recipe.is_full_batch:
        return ""
    start, largest, moved = job.start_parameters, 0.0, 0.0
    for name in job.network.trainable_shapes:
        largest = max(largest, float(np.abs(start[name]).max(initial=0)))
        moved = max(moved, float(np.abs(parameters[name] - start[name]).max(initial=0)))
    # Biases begin at zero, beside which any number is large: the largest weight is the measure for all.
    is_same = len(history) > 1 and history[0].train_loss == history[-1].train_loss
    if moved > _STILL * largest and not is_same:
        return ""
    rate = f"the learning rate {job.recipe.learning_rate:g} is too small for {job.engine.dtype}"
    advice = f"try learning_rate={usual_rate(job.recipe, job.batch_size):g}"
    return f"training changed nothing in {steps:,} steps: {rate}, or all gradients are zero; {advice}"


def _pixels(job: TrainingJob) -> Cause | None:
    images = job.split.train.images
    # Absolute values without a copy of all images: the largest, and the smallest turned round.
    largest = float(max(images.max(), -images.min()))
    if largest <= LARGEST_USUAL_PIXEL:
        return None
    return (
        f"pixel values go up to {largest:g}, where about 1 is expected",
        f"try dividing the images by {largest:g}",
        {},
    )


def _start(job: TrainingJob) -> Cause:
    return "the initial weights are most likely too large", "try a smaller scale in their initializers", {}


def _shrinking(job: TrainingJob) -> Cause | None:
    """Find a penalty so strong that a step, which takes off ``2 rate l2 w``, throws weights beyond zero and farther."""
    recipe, rate = job.recipe, _advised_rate(job)
    # The gradient of l2 w^2 is 2 l2 w, while decoupled decay takes off its share as it is.
    name, taken_off = ("weight_decay", recipe.weight_decay) if recipe.optimiser == "adamw" else ("l2", 2 * recipe.l2)
    # adam divides the penalty's gradient by its own size, as any gradient: it cannot throw weights far.
    if recipe.optimiser == "adam" or rate * taken_off < 1:
        # Below 1 a step at the advised rate leaves a part of each weight: then the rate alone is to blame.
        return None
    penalty = "a weight decay" if name == "weight_decay" else "an L2 penalty"
    return f"{penalty} of {getattr(recipe, name):g} is too strong", "", {name: USUAL_PENALTY}


def _learning_rate(job: TrainingJob) -> Cause:
    recipe = job.recipe
    effects, factor = [], 1.0
    if recipe.reduction == "sum" and recipe.optimiser not in ADAPTIVE:
        effects.append(f"the loss is summed over {job.batch_size} images")
        factor *= job.batch_size
    if recipe.optimiser in ("momentum", "nesterov") and recipe.momentum > 0:
        effects.append(f"momentum {recipe.momentum:g} adds up steps")
        # A gradient that stays the same adds up to 1 / (1 - m) of itself: ten times the step at m = 0.9.
        factor /= 1 - recipe.momentum
    why = f" ({' and '.join(effects)}, so it acts like {recipe.learning_rate * factor:g})" if effects else ""
    advised = float(f"{_advised_rate(job):.1g}")  # one digit: no more of it is known
    return f"the learning rate {recipe.learning_rate:g} is most likely too high{why}", "", {"learning_rate": advised}


def _advised_rate(job: TrainingJob) -> float:
    """Return a tenth of the rate that was tried, at most the usual one."""
    return min(job.recipe.learning_rate / 10, usual_rate(job.recipe, job.batch_size))


def usual_rate(recipe: Recipe, batch_size: int) -> float:
    """Return a learning rate that suits most small networks, for an optimiser that takes a step per batch."""
    # A sum over a batch has as many times the gradient of a mean, so it stands as much less of a rate.
    images = batch_size if recipe.reduction == "sum" and recipe.optimiser not in ADAPTIVE else 1
    return USUAL_LEARNING_RATES[recipe.optimiser] / images
