"""What to try next, as a command line: the same run with one thing changed."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from inklings.data.augment import LIMITS
from inklings.evaluation.curves import Curves
from inklings.evaluation.diagnosis_types import Facts
from inklings.evaluation.suggested_commands import Value, command_line, hidden_units
from inklings.training.best import FILTERS, filters_of
from inklings.training.divergence import USUAL_PENALTY, usual_rate
from inklings.training.presets import HIDDEN_UNITS, PRESETS

SHIFT, ROTATE = 1, 10
"""In pixels and degrees: within the variation of handwriting, and small enough that a 6 stays a 6."""
PATIENCE_SHARE, LEAST_PATIENCE = 0.1, 5
"""Patience of early stopping: a tenth of the epochs outlasts the noise of single ones."""
LARGER_NETWORK, LARGEST_NETWORK = {"softmax": "mlp", "naive": "mlp"}, "cnn2"


@dataclass(frozen=True)
class Suggestion:
    """One thing to try, in words and as a command."""

    suggestion: str
    command: str


def command(facts: Facts, **changes: Value) -> str:
    """Return the command that repeats a run with some options changed; False removes an option."""
    # Steps and epochs exclude each other: changing one drops the other.
    replaced = [{"epochs": "steps", "steps": "epochs"}.get(name) for name in changes]
    kept = {name: value for name, value in facts.options.items() if name not in replaced}
    options = kept | {name.replace("_", "-"): value for name, value in changes.items()}
    return command_line("train", facts.name, options)


def another_network(facts: Facts, name: str) -> str:
    """Return the command that trains another network on the same data."""
    # Only the data stay: other options may not be another network's.
    return command_line("train", name, {key: facts.options[key] for key in facts.options if key == "data"})


def lower_rate(facts: Facts, rate: float) -> Suggestion:
    """Lower the learning rate tenfold, and to the usual one at most."""
    return Suggestion(
        "lower the learning rate", command(facts, learning_rate=min(rate / 10, _usual_rate(facts, rate / 10)))
    )


def higher_rate(facts: Facts, rate: float) -> Suggestion:
    """Raise the learning rate tenfold, and to the usual one at least."""
    return Suggestion(
        "raise the learning rate", command(facts, learning_rate=max(rate * 10, _usual_rate(facts, rate * 10)))
    )


def more_epochs(facts: Facts, epochs: int) -> Suggestion:
    """Double the training time."""
    if facts.recipe is not None and facts.recipe.steps is not None:
        return Suggestion("train twice as long", command(facts, steps=2 * facts.recipe.steps))
    return Suggestion("train twice as long", command(facts, epochs=2 * epochs))


def fewer_epochs(facts: Facts, epochs: int) -> Suggestion:
    """Stop before the loss diverges."""
    return Suggestion("stop before that", command(facts, epochs=max(epochs, 1)))


def regularise_more(facts: Facts, curves: Curves, *, rises: bool) -> Suggestion:
    """Add dropout; if there is dropout already, stop early; else augment."""
    if _has_option(facts, "dropout") and not _has_dropout(facts):
        return Suggestion("add dropout", command(facts, dropout=True))
    if rises and not facts.keeps_best:
        patience = max(LEAST_PATIENCE, round(PATIENCE_SHARE * len(curves.rows)))
        return Suggestion("stop when the validation loss no longer falls", command(facts, early_stopping=patience))
    return vary_images(facts)


def vary_images(facts: Facts) -> Suggestion:
    """Augment the training images; if they are augmented already, add an L2 penalty."""
    if not _varies(facts):
        return Suggestion(
            "augment the training images with small random shifts and rotations",
            command(facts, shift=SHIFT, rotate=ROTATE),
        )
    # Ten times the penalty there is; else the usual one, as many times as losses are summed, as the penalty is not.
    strength = 10 * _penalty(facts) or USUAL_PENALTY * _images_summed(facts)
    return Suggestion("add an L2 penalty", command(facts, l2=strength))


def regularise_less(facts: Facts) -> Suggestion:
    """Weaken the penalty if there is one; else add units or filters; else take a larger network."""
    if _penalty(facts):
        return Suggestion("weaken the L2 penalty", command(facts, l2=_penalty(facts) / 10))
    if _has_option(facts, "hidden_units"):
        return Suggestion("double the hidden units", command(facts, hidden_units=_doubled_units(facts)))
    if _has_option(facts, "filters"):
        filters = filters_of(facts.network) if facts.network else FILTERS
        return Suggestion("double the filters", command(facts, filters=2 * filters))
    if facts.name == LARGEST_NETWORK:  # if even the largest cannot fit them, the images or labels are suspect
        return look_at_images(facts)
    larger = LARGER_NETWORK.get(facts.name, LARGEST_NETWORK)
    return Suggestion("try a larger network", another_network(facts, larger))


def look_at_images(facts: Facts) -> Suggestion:
    """Check that the images and labels are what they should be."""
    data = str(facts.options.get("data", "digits"))
    return Suggestion("check that images and labels are right", f"inklings data show {shlex.quote(data)}")


def balance_classes(facts: Facts) -> Suggestion:
    """Weight the classes so that rare ones count as much as common ones."""
    return Suggestion("balance the classes", command(facts, class_weights="balanced"))


def repeat(facts: Facts) -> Suggestion:
    """Estimate how much of the result is due to chance."""
    options = {key: facts.options[key] for key in facts.options if key == "data"}
    return Suggestion(
        "to see how much is due to chance, repeat it", command_line("compare", facts.name, options | {"repeats": 5})
    )


def is_penalised(facts: Facts) -> bool:
    """Whether the weights are penalised."""
    return _penalty(facts) > 0


def _has_option(facts: Facts, option: str) -> bool:
    return facts.name in PRESETS and option in PRESETS[facts.name].settings


def _usual_rate(facts: Facts, otherwise: float) -> float:
    """Return the usual learning rate for this recipe's optimiser."""
    if facts.recipe is None or facts.recipe.is_full_batch:
        return otherwise
    return usual_rate(facts.recipe, facts.recipe.batch_size)


def _has_dropout(facts: Facts) -> bool:
    if facts.network is not None:
        return facts.network.has_dropout
    return bool(facts.options.get("dropout", False))


def _varies(facts: Facts) -> bool:
    if facts.recipe is not None:
        return bool(facts.recipe.augmentation)
    return any(change in facts.options for change in LIMITS)


def _penalty(facts: Facts) -> float:
    return facts.recipe.l2 if facts.recipe is not None else float(facts.options.get("l2", 0))


def _images_summed(facts: Facts) -> int:
    summed = facts.recipe is not None and facts.recipe.reduction == "sum"
    return facts.recipe.batch_size if facts.recipe is not None and summed else 1


def _doubled_units(facts: Facts) -> str:
    units = hidden_units(facts.network) if facts.network else (HIDDEN_UNITS,)
    return ",".join(str(2 * count) for count in units)
