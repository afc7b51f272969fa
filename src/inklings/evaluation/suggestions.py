"""What to try, as a command line: the run that was made, with one thing changed."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from inklings.evaluation.curves import Curves
from inklings.evaluation.diagnosis_types import Facts
from inklings.evaluation.suggested_commands import Value, command_line, hidden_units
from inklings.training.divergence import ADAPTIVE, USUAL_LEARNING_RATES, USUAL_PENALTY
from inklings.training.presets import HIDDEN_UNITS, PRESETS

SHIFT, ROTATE = 1, 10
"""Pixels and degrees: what people's own writing varies by, and what leaves a 6 a 6."""
PATIENCE_SHARE, LEAST_PATIENCE = 0.1, 5
"""How long early stopping waits: a tenth of the epochs outlasts the noise of single ones."""
LARGER_NETWORK, LARGEST_NETWORK = {"softmax": "mlp", "naive": "mlp"}, "cnn2"


@dataclass(frozen=True)
class Remedy:
    """One thing to try, in words and as a command."""

    suggestion: str
    command: str


def command(facts: Facts, **changes: Value) -> str:
    """Give the command that repeats a run with some options changed; False leaves an option out."""
    replaced = [{"epochs": "steps", "steps": "epochs"}.get(name) for name in changes]
    kept = {name: value for name, value in facts.options.items() if name not in replaced}
    options = kept | {name.replace("_", "-"): value for name, value in changes.items()}
    return command_line("train", facts.name, options)


def another_network(facts: Facts, name: str) -> str:
    """Give the command that trains another network on the same data."""
    return command_line("train", name, {key: facts.options[key] for key in facts.options if key == "data"})


def lower_rate(facts: Facts, rate: float) -> Remedy:
    """Take steps a tenth as long, and no longer than is usual."""
    return Remedy("take shorter steps", command(facts, learning_rate=min(rate / 10, _usual_rate(facts, rate / 10))))


def higher_rate(facts: Facts, rate: float) -> Remedy:
    """Take steps ten times as long, and no shorter than is usual."""
    return Remedy("take longer steps", command(facts, learning_rate=max(rate * 10, _usual_rate(facts, rate * 10))))


def more_epochs(facts: Facts, epochs: int) -> Remedy:
    """Go on for as long again."""
    if facts.recipe is not None and facts.recipe.steps is not None:
        return Remedy("train twice as long", command(facts, steps=2 * facts.recipe.steps))
    return Remedy("train twice as long", command(facts, epochs=2 * epochs))


def fewer_epochs(facts: Facts, epochs: int) -> Remedy:
    """Stop while all is well."""
    return Remedy("stop before that", command(facts, epochs=max(epochs, 1)))


def hold_back(facts: Facts, curves: Curves, *, rises: bool) -> Remedy:
    """Make it harder to learn images by heart; if that is being done, stop in time."""
    if _has_option(facts, "dropout") and not _has_dropout(facts):
        return Remedy("silence units at random while it learns", command(facts, dropout=True))
    if rises and not facts.keeps_best:
        patience = max(LEAST_PATIENCE, round(PATIENCE_SHARE * len(curves.rows)))
        return Remedy("stop when the validation loss no longer falls", command(facts, early_stopping=patience))
    return vary_images(facts)


def vary_images(facts: Facts) -> Remedy:
    """Show every image a little different each epoch; if that is being done, keep the weights small."""
    if not _varies(facts):
        return Remedy("move and turn the images a little at random", command(facts, shift=SHIFT, rotate=ROTATE))
    strength = 10 * _penalty(facts) or USUAL_PENALTY * _images_summed(facts)
    return Remedy("keep its weights small", command(facts, l2=strength))


def let_go(facts: Facts) -> Remedy:
    """Make it easier to learn: a weaker penalty if there is one, else more units, else a larger network."""
    if _penalty(facts):
        return Remedy("weaken the penalty on its weights", command(facts, l2=_penalty(facts) / 10))
    if _has_option(facts, "hidden_units"):
        return Remedy("give it twice the hidden units", command(facts, hidden_units=_doubled_units(facts)))
    if facts.name == LARGEST_NETWORK:  # if this one cannot learn them, the images are suspect
        return look_at_images(facts)
    larger = LARGER_NETWORK.get(facts.name, LARGEST_NETWORK)
    return Remedy("try a network that can learn more", another_network(facts, larger))


def look_at_images(facts: Facts) -> Remedy:
    """See whether the images and their labels are what they should be."""
    data = str(facts.options.get("data", "digits"))
    return Remedy("look whether the images and labels are right", f"inklings data show {shlex.quote(data)}")


def balance_classes(facts: Facts) -> Remedy:
    """Let rare classes count as much as common ones."""
    return Remedy("let every class count the same", command(facts, class_weights="balanced"))


def repeat(facts: Facts) -> Remedy:
    """See how much of the result is luck."""
    options = {key: facts.options[key] for key in facts.options if key == "data"}
    return Remedy("to see how much is luck, repeat it", command_line("compare", facts.name, options | {"repeats": 5}))


def penalised(facts: Facts) -> bool:
    """Whether weights are penalised."""
    return _penalty(facts) > 0


def _has_option(facts: Facts, option: str) -> bool:
    return facts.name in PRESETS and option in PRESETS[facts.name].settings


def _usual_rate(facts: Facts, otherwise: float) -> float:
    """Give the learning rate that suits most networks with this recipe's optimiser."""
    if facts.recipe is None or facts.recipe.is_full_batch:
        return otherwise
    images = 1 if facts.recipe.optimiser in ADAPTIVE else _images_summed(facts)
    return USUAL_LEARNING_RATES[facts.recipe.optimiser] / images


def _has_dropout(facts: Facts) -> bool:
    if facts.network is not None:
        return facts.network.has_dropout
    return bool(facts.options.get("dropout", False))


def _varies(facts: Facts) -> bool:
    if facts.recipe is not None:
        return bool(facts.recipe.augmentation)
    return any(change in facts.options for change in ("shift", "rotate", "scale"))


def _penalty(facts: Facts) -> float:
    return facts.recipe.l2 if facts.recipe is not None else float(facts.options.get("l2", 0))


def _images_summed(facts: Facts) -> int:
    summed = facts.recipe is not None and facts.recipe.reduction == "sum"
    return facts.recipe.batch_size if facts.recipe is not None and summed else 1


def _doubled_units(facts: Facts) -> str:
    units = hidden_units(facts.network) if facts.network else (HIDDEN_UNITS,)
    return ",".join(str(2 * count) for count in units)
