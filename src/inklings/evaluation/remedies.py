"""What to try, as a command line: the run that was made, with one thing changed."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from inklings.evaluation.curves import Curves
from inklings.evaluation.findings import Facts
from inklings.networks import Dense

Value = str | int | float | bool

HIDDEN_UNITS = 800
"""What ``mlp`` has unless told otherwise."""
USUAL_L2 = 1e-3
"""A penalty that is felt and does not smother, for a loss that is a mean over the batch."""
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
    options = dict(facts.options) | {name.replace("_", "-"): value for name, value in changes.items()}
    return _command_line("train", facts.name, options)


def another_network(facts: Facts, name: str) -> str:
    """Give the command that trains another network on the same data."""
    return _command_line("train", name, {key: facts.options[key] for key in facts.options if key == "data"})


def lower_rate(facts: Facts, rate: float) -> Remedy:
    """Take shorter steps."""
    return Remedy("take steps a tenth as long", command(facts, learning_rate=rate / 10))


def higher_rate(facts: Facts, rate: float, factor: int) -> Remedy:
    """Take longer steps."""
    words = "ten" if factor == 10 else "a hundred"
    return Remedy(f"take steps {words} times as long", command(facts, learning_rate=rate * factor))


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
    if facts.name == "mlp" and not _has_dropout(facts):
        return Remedy("silence units at random while it learns", command(facts, dropout=True))
    if rises and not facts.keeps_best:
        patience = max(LEAST_PATIENCE, round(PATIENCE_SHARE * len(curves.rows)))
        return Remedy("stop when the validation loss no longer falls", command(facts, early_stopping=patience))
    return vary_images(facts)


def vary_images(facts: Facts) -> Remedy:
    """Show every image a little different each epoch; if that is being done, keep the weights small."""
    if not _varies(facts):
        return Remedy("move and turn the images a little at random", command(facts, shift=SHIFT, rotate=ROTATE))
    strength = 10 * _penalty(facts) or USUAL_L2 * _images_summed(facts)
    return Remedy("keep its weights small", command(facts, l2=strength))


def let_go(facts: Facts) -> Remedy:
    """Make it easier to learn: a weaker penalty if there is one, else more units, else a larger network."""
    if _penalty(facts):
        return Remedy("weaken the penalty on its weights", command(facts, l2=_penalty(facts) / 10))
    if facts.name == "mlp":
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
    return Remedy("to see how much is luck, repeat it", _command_line("compare", facts.name, options | {"repeats": 5}))


def penalised(facts: Facts) -> bool:
    """Whether weights are penalised."""
    return _penalty(facts) > 0


def _command_line(action: str, name: str, options: dict[str, Value]) -> str:
    words = ["inklings", action, shlex.quote(name)]
    for option, value in options.items():
        if value is True:
            words.append(f"--{option}")
        elif value is not False:
            words += [f"--{option}", shlex.quote(f"{value:g}" if isinstance(value, float) else str(value))]
    return " ".join(words)


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
    if facts.network is None:
        return str(2 * HIDDEN_UNITS)
    *hidden, _ = (layer.units for layer in facts.network.layers if isinstance(layer, Dense))
    return ",".join(str(2 * units) for units in hidden)
