"""The problems that a history can show, one function each, which returns a Diagnosis or None.

Thresholds were set on real trainings of the bundled digits: plain and dropout perceptrons of 60 to 500 epochs on four
splits, networks too small, too strongly penalised, with learning rates from 1e-7 to 10, softmax and convolutions.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from inklings.evaluation import suggestions
from inklings.evaluation.curves import Curves
from inklings.evaluation.diagnosis_types import Diagnosis, Facts, Kind, Severity
from inklings.evaluation.suggestions import Suggestion
from inklings.training.divergence import worst_loss
from inklings.training.fit_result import StopReason
from inklings.training.history import EpochRecord

OVER_FITTING_RISE = 0.10
"""Final smoothed validation loss above its minimum: plain perceptrons end 12 to 34 % above, with dropout 0 to 8 %."""
FIRST_RISE = 0.05
"""Half of that is worth a hint for a network without any regularisation."""
LEAST_CHANGE = 0.01
"""In units of loss: less hardly changes a probability, however large it is relative to a small loss."""
LEAST_TREND, TREND_SHARE = 3, 0.1
"""Epochs since the minimum of the validation loss, and their share of all, to call it a trend rather than chance."""
HELD_BACK = 1.5
"""The minimised loss over the training loss: 1.0 to 1.2 without dropout or penalty, 1.6 to 25 with them."""
LARGE_GAP = 0.10
"""In accuracy: one image in ten is classified correctly only because it was memorised."""
LOW_ACCURACY = 0.90
"""A large enough network classifies nine in ten of its own training images correctly, if their labels are right."""
STILL_FALLING = 0.03
"""Relative decrease of the validation loss over the last fifth: as much again would show in the accuracy."""
RISEN_AGAIN, LEAST_RISEN = 0.10, 0.1
"""Final training loss above its minimum, relative and absolute: it falls in every healthy training."""
MANY_JUMPS, LEAST_JUMPS = 0.2, 2
"""Share and number of epochs whose training loss jumps up; healthy trainings on the digits had none."""
MUCH_LEFT, NEARLY_ALL_LEFT = 0.25, 0.75
"""Relative to the loss before training: healthy trainings are below the first after five epochs."""
STRAIGHT = 0.25
"""Final slope of the training loss over its mean slope: at most 0.15 when healthy, above 0.4 with too small steps."""
STEADY = 0.9
"""Share of epochs whose training loss falls when steps are too small to overshoot."""
FIRST_EPOCHS = 5
"""Before that, a slow training cannot be distinguished from one that has just begun."""
UNREAD_CLASS, UNREAD_SHARE = 0.5, 0.5
"""A class is not learnt if its accuracy is below a half, and at most half the median class's."""
RARE_CLASS = 0.5
"""A class with fewer images than this share of the median class's is rare."""
GAIN_OF_DOUBLING = 0.01
"""In accuracy: where doubling the images gained a point, doubling them again gains most of a point."""
UPPER_CURVE = 0.25
"""Sizes above this share of the largest show the trend of a learning curve."""


def divergence(history: Sequence[EpochRecord], facts: Facts) -> Diagnosis | None:
    """The loss became NaN or infinite, or so large that training was given up."""
    bad = next((row for row in history if not isfinite(worst_loss(row))), None)
    if bad is None and facts.ending is not StopReason.DIVERGED:
        return None
    sound = [row for row in history if isfinite(worst_loss(row))]
    # The epoch that did not end well: the one after the last that was recorded whole.
    epoch = bad.epoch if bad else sound[-1].epoch + 1
    rate, unit = _rate(history, facts), history[-1].unit
    # All that is recorded may be finite: a loss a hundred times that of the untrained network is no epoch's record.
    what = "NaN or infinite" if bad else "NaN, infinite or absurd"
    before = f"; the training loss was {sound[-1].train_loss:.3g} after {unit} {sound[-1].epoch}" if sound else ""
    suggestion = suggestions.fewer_epochs(facts, epoch - 1) if rate is None else suggestions.lower_rate(facts, rate)
    return _diagnosis(Kind.DIVERGED, Severity.SERIOUS, f"the loss became {what} in {unit} {epoch}{before}", suggestion)


def rate_too_high(curves: Curves, facts: Facts) -> Diagnosis | None:
    """Steps overshoot: the training loss jumps, rises again, or never falls."""
    rate = _rate((curves.start, *curves.rows), facts)
    if rate is None:
        return None
    losses = curves.training
    lowest, last, jumps = float(losses.min()), float(losses[-1]), curves.jumps
    # Relative and absolute: a rise by half of a loss near 0 is nothing.
    if last > (1 + RISEN_AGAIN) * lowest and last > lowest + LEAST_RISEN:
        evidence = f"the training loss, which should fall, rose again from {lowest:.3g} to {last:.3g}"
    elif jumps >= max(LEAST_JUMPS, MANY_JUMPS * len(losses)):
        evidence = f"the training loss jumped up in {jumps} of {len(losses)} epochs"
    elif _is_stuck(curves) and len(losses) >= FIRST_EPOCHS and not suggestions.is_penalised(facts):
        evidence = (
            f"the training loss only went from {curves.start.train_loss:.3g} to {last:.3g} in {len(losses)} epochs"
        )
    else:
        return None
    evidence += f"; training accuracy is {curves.train_accuracy:.1%}, at a learning rate of {rate:g}"
    return _diagnosis(Kind.RATE_TOO_HIGH, Severity.SERIOUS, evidence, suggestions.lower_rate(facts, rate))


def rate_too_low(curves: Curves, facts: Facts) -> Diagnosis | None:
    """Steps are so small that the loss falls in a straight line, with most of the way to go."""
    rate = _rate((curves.start, *curves.rows), facts)
    if rate is None or len(curves.rows) < FIRST_EPOCHS or not _is_slow(curves):
        return None
    evidence = (
        f"the training loss fell evenly from {curves.start.train_loss:.4g} to {curves.last.train_loss:.4g} in "
        f"{len(curves.rows)} epochs and was still falling at the end, at a learning rate of {rate:g}"
    )
    return _diagnosis(Kind.RATE_TOO_LOW, Severity.SERIOUS, evidence, suggestions.higher_rate(facts, rate))


def under_fitting(curves: Curves, facts: Facts) -> Diagnosis | None:
    """Not even the training images are fitted, and it gets no better."""
    if curves.train_accuracy >= LOW_ACCURACY or (_is_falling(curves) and not _is_stuck(curves)):
        return None
    evidence = (
        f"training accuracy is only {curves.train_accuracy:.1%} (validation {curves.validation_accuracy:.1%}), and the "
        f"training loss has settled at {curves.last.train_loss:.3g}"
    )
    return _diagnosis(Kind.UNDER_FITTING, Severity.WARNING, evidence, suggestions.regularise_less(facts))


def over_fitting(curves: Curves, facts: Facts) -> Diagnosis | None:
    """Training images are memorised: the validation loss rises, or the two accuracies are far apart."""
    trend = curves.epochs_since_lowest >= max(LEAST_TREND, TREND_SHARE * len(curves.rows))
    # Relative and absolute: of a loss near 0 a small rise is a large share.
    risen = trend and curves.rise * float(curves.validation.min()) > LEAST_CHANGE
    regularised = curves.regularised >= HELD_BACK
    # Regularisation makes the validation loss noisier, and is the very thing to suggest.
    rises = risen and curves.rise >= OVER_FITTING_RISE * (2 if regularised else 1)
    gap = curves.train_accuracy - curves.validation_accuracy
    begins = risen and curves.rise >= FIRST_RISE and not regularised
    if facts.keeps_best:  # a rise after the epoch whose weights are kept does no harm
        rises = begins = False
    if not (rises or begins or gap >= LARGE_GAP):
        return None
    severity = Severity.WARNING if rises or gap >= LARGE_GAP else Severity.HINT
    evidence = f"{_course(curves)}; {_gap(curves)}"
    return _diagnosis(
        Kind.OVER_FITTING, severity, evidence, suggestions.regularise_more(facts, curves, rises=rises or begins)
    )


def not_converged(curves: Curves, facts: Facts) -> Diagnosis | None:
    """The validation loss was still falling when training ended."""
    if not _is_falling(curves) or facts.ending in (StopReason.EARLY, StopReason.CONVERGED):
        return None
    evidence = (
        f"the validation loss was still falling at the end, by {curves.fall_at_end:.0%} over the last "
        f"{count_text(curves.end_epochs, curves.last.unit)} to {curves.last.validation_loss:.3g}"
    )
    return _diagnosis(Kind.NOT_CONVERGED, Severity.HINT, evidence, suggestions.more_epochs(facts, curves.last.epoch))


def classes_not_learnt(facts: Facts) -> list[Diagnosis]:
    """Classes that are mostly misclassified while the others are not, the worst first."""
    median = float(np.median(list(facts.class_accuracies.values()))) if facts.class_accuracies else 0.0
    found = []
    for name, accuracy in sorted(facts.class_accuracies.items(), key=lambda item: item[1]):
        # Sorted, so that no later class is worse.
        if accuracy >= UNREAD_CLASS or accuracy > UNREAD_SHARE * median:
            break
        evidence = f"validation accuracy of class '{name}' is {accuracy:.1%}, of the median class {median:.1%}"
        # Rare by its training images, although its accuracy is of validation images.
        size, usual = facts.class_sizes.get(name), np.median(list(facts.class_sizes.values()) or [0])
        suggestion = suggestions.look_at_images(facts)
        if size is not None and size < RARE_CLASS * usual:
            evidence += f"; it has {count_text(size, 'training image')}, the median class {usual:g}"
            suggestion = suggestions.balance_classes(facts)
        found.append(_diagnosis(Kind.CLASS_NOT_LEARNT, Severity.WARNING, evidence, suggestion))
    return found


def too_little_data(facts: Facts) -> Diagnosis | None:
    """Accuracy still grows with the number of training images."""
    points = sorted(facts.learning_curve)
    # Small sizes rise steeply for any network; whether more would help shows at the upper end.
    upper = [(size, accuracy) for size, accuracy in points if size >= UPPER_CURVE * points[-1][0]]
    if len(upper) < 2 or upper[0][0] == upper[-1][0]:
        return None
    sizes, accuracies = np.array(upper, np.float64).T
    # A least-squares line through the upper part, since single accuracies are off by most of a point.
    # Against log2 of the size, so that the slope is the gain per doubling.
    gain = float(np.polyfit(np.log2(sizes), accuracies, 1)[0])
    if gain < GAIN_OF_DOUBLING:
        return None
    (few, before), (many, after) = upper[0], upper[-1]
    evidence = (
        f"validation accuracy went from {before:.1%} with {few:,} training images to {after:.1%} with {many:,}, "
        f"a gain of {100 * gain:.1f} points per doubling"
    )
    augment = suggestions.vary_images(facts)
    advice = f"more images would help most; until then, {augment.suggestion}"
    return _diagnosis(Kind.TOO_LITTLE_DATA, Severity.HINT, evidence, Suggestion(advice, augment.command))


def health(curves: Curves, facts: Facts) -> Diagnosis:
    """No problem was found."""
    return _diagnosis(Kind.HEALTHY, Severity.FINE, f"{_course(curves)}; {_gap(curves)}", suggestions.repeat(facts))


def _diagnosis(kind: Kind, severity: Severity, evidence: str, suggestion: Suggestion) -> Diagnosis:
    return Diagnosis(kind, severity, evidence, suggestion.suggestion, suggestion.command)


def _rate(rows: Sequence[EpochRecord], facts: Facts) -> float | None:
    """Return the initial learning rate; None where a line search finds the step lengths."""
    if facts.is_full_batch:
        return None
    if facts.recipe is not None:
        return facts.recipe.learning_rate
    return next((row.learning_rate for row in rows if row.learning_rate is not None), None)


def _is_slow(curves: Curves) -> bool:
    return curves.loss_left > MUCH_LEFT and curves.straightness > STRAIGHT and curves.falls >= STEADY


def _is_stuck(curves: Curves) -> bool:
    return curves.loss_left > NEARLY_ALL_LEFT and not _is_slow(curves)


def _is_falling(curves: Curves) -> bool:
    """Return whether the validation loss was still falling at the end."""
    fall = curves.fall_at_end
    return fall >= STILL_FALLING and fall * curves.last.validation_loss >= LEAST_CHANGE


def _course(curves: Curves) -> str:
    """Describe when the validation loss was lowest and what it did afterwards."""
    best, last = curves.best, curves.last
    when = f"{last.unit} {best.epoch} of {last.epoch}"
    course = f"the validation loss was lowest after {when} ({best.validation_loss:.3g})"
    if best.epoch == last.epoch:
        return course
    smoothed = f", smoothed over {curves.window} {last.unit}s," if curves.window > 1 else ""
    return (
        f"{course} and{smoothed} ended {curves.rise:.0%} above its lowest, the training loss at {last.train_loss:.2g}"
    )


def _gap(curves: Curves) -> str:
    training, validation = curves.train_accuracy, curves.validation_accuracy
    return (
        f"training accuracy is {training:.1%}, validation accuracy {validation:.1%}, "
        f"{100 * abs(training - validation):.1f} points {'lower' if validation <= training else 'higher'}"
    )


def count_text(number: int, thing: str) -> str:
    """Return a number of things: ``"1 epoch"``, ``"1,200 epochs"``."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
