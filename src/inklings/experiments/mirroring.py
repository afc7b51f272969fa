"""Whether images may be mirrored while a network learns: tried on the validation images, in two short trainings.

A shoe or a truck may point either way, but a left hand is no right hand: nothing but the images tells.
"""

from __future__ import annotations

from dataclasses import replace

from inklings.data.parts import Split
from inklings.engines import Engine
from inklings.training.fit import fit
from inklings.training.fit_result import FitResult, StopReason
from inklings.training.plans import Plan

PART = 8
"""A trial takes an eighth of the training."""
_LEAST_EPOCHS = 2
HALF = 0.5  # each image mirrored or not, as a coin falls


def may_be_mirrored(plan: Plan) -> bool:
    """Return whether it is worth a trial: the images show things, and they are changed at random already."""
    augmentation = plan.recipe.augmentation
    return plan.data.kind == "things" and bool(augmentation) and not augmentation.flip


def try_mirroring(plan: Plan, split: Split, engine: str | Engine = "auto") -> Plan:
    """Train twice for a short time, with half of the images mirrored and without, and keep what validates better.

    Parameters
    ----------
    plan : Plan
    split : Split
        Without validation images nothing is tried, and nothing mirrored.
    engine : str or Engine

    Returns
    -------
    Plan
        Its ``choices`` say what was found.

    Raises
    ------
    KeyboardInterrupt
        It was interrupted.

    Examples
    --------
    >>> import inklings
    >>> from inklings.experiments.mirroring import try_mirroring
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> try_mirroring(plan, split).recipe.augmentation.flip
    0.0
    """
    if len(split.validation_rows) == 0:
        return plan.with_choice("not mirrored: there are no validation images to try it on")
    mirrored = plan.with_recipe(augmentation=replace(plan.recipe.augmentation, flip=HALF))
    # The same seed for both: weights and order are alike, and what differs is the mirroring.
    without, with_it = (_fit_for_a_part(each, split, engine) for each in (plan, mirrored))
    losses = [fitted.history[-1].validation_loss for fitted in (without, with_it)]
    # A comparison with NaN, the loss of a training that diverged, is false.
    better = losses[1] < losses[0]
    choice = (
        f"{'half of the images mirrored' if better else 'not mirrored'}: in trials of "
        f"{with_it.history[-1].epoch} epochs the validation loss was {losses[1]:.4f} with, {losses[0]:.4f} without"
    )
    return (mirrored if better else plan).with_choice(choice)


def _fit_for_a_part(plan: Plan, split: Split, engine: str | Engine) -> FitResult:
    recipe = plan.recipe
    # Without early stopping: both trials are to take as many steps.
    if recipe.steps is None:
        short = recipe.with_settings(epochs=max(_LEAST_EPOCHS, recipe.epochs // PART), early_stopping=None)
    else:
        short = recipe.with_settings(steps=max(1, recipe.steps // PART), early_stopping=None)
    fitted = fit(plan.network, short, split, engine=engine)
    if fitted.stop_reason is StopReason.INTERRUPTED:
        raise KeyboardInterrupt("interrupted while trying whether images may be mirrored")
    return fitted
