"""Diagnosing a training in words: over-fitting and other problems, with evidence and one thing to try.

::

    from inklings.evaluation.diagnosis import Facts, diagnose
    for diagnosis in diagnose(fitted.history, Facts.of_plan(plan, data="digits", ending=fitted.stop_reason)):
        print(diagnosis.sentence)
"""

from __future__ import annotations

from collections.abc import Sequence

from inklings.evaluation import rules
from inklings.evaluation.curves import Curves
from inklings.evaluation.diagnosis_types import Diagnosis, Facts, Kind, Severity
from inklings.training.history import EpochRecord

__all__ = ["Diagnosis", "Facts", "Kind", "Severity", "diagnose"]


def diagnose(history: Sequence[EpochRecord], facts: Facts) -> tuple[Diagnosis, ...]:
    """Return what is wrong with a training, the most important first.

    Parameters
    ----------
    history : tuple of EpochRecord
        Epoch 0, before training, and every epoch since.
    facts : Facts
        What else is known about it.

    Returns
    -------
    tuple of Diagnosis
        One of kind ``HEALTHY`` if nothing is wrong; empty before the first epoch has ended. If training diverged or the
        learning rate is wrong, only that is reported, since it may cause everything else; without validation images
        nothing else shows.
    """
    if diverged := rules.divergence(history, facts):
        return (diverged,)
    if len(history) < 2:
        return ()
    # The untrained network alone shows nothing.
    curves = Curves(history[0], history[1:])
    # A rate that is wrong explains poor fits, late convergence and unlearnt classes at once: first things first.
    if wrong_rate := rules.rate_too_high(curves, facts) or rules.rate_too_low(curves, facts):
        return (wrong_rate,)
    # What follows holds training images against validation images.
    if not history[-1].has_validation:
        return ()
    fitting = [rules.over_fitting(curves, facts)]
    if fitting == [None]:  # over-fitting calls for more regularisation, so advice to the contrary is left out
        fitting = [rules.under_fitting(curves, facts), rules.not_converged(curves, facts)]
    found = [*rules.classes_not_learnt(facts), *fitting, rules.too_little_data(facts)]
    severities = list(Severity)
    # Stable: of equal severity, the order of the rules stays.
    there = sorted((each for each in found if each), key=lambda each: severities.index(each.severity))
    return tuple(there) or (rules.health(curves, facts),)
