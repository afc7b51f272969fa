"""What ``inklings train`` chooses for the images at hand, said in a line each: what fits a budget, and mirroring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from inklings.cli.budget import Budget
from inklings.cli.options import print_notes
from inklings.data.parts import Split
from inklings.experiments.mirroring import may_be_mirrored, try_mirroring
from inklings.training.plans import Plan
from inklings.training.presets import DEFAULT_PRESET


def choose_for_images(
    network: str,
    plan: Plan,
    split: Split,
    typed: Mapping[str, Any],
    engine: str,
    *,
    budget: Budget | None,
    tries: bool,
    quiet: bool,
) -> Plan:
    """Choose what is to be chosen for these images, and say it.

    Parameters
    ----------
    network : str
        As it was typed.
    plan, split
        The plan as its preset or file has it, with the settings that were typed; the images.
    typed : mapping
        Those settings; None where they were not.
    engine : str
    budget : Budget, optional
        The time there is.
    tries : bool
        Whether short trainings may find out what nothing else tells.
    quiet : bool
    """
    automatic = typed["flip"] is None and (network == DEFAULT_PRESET or typed["augment"] is not None)
    open_question = automatic and may_be_mirrored(plan)
    if budget is not None:
        plan = budget.choose(network, plan, split, typed, engine)
        if open_question:
            plan = plan.with_choice("not mirrored: within a budget that is not tried; --flip 0.5 mirrors half of them")
    elif open_question and tries:
        if not quiet:
            click.echo("trying whether images may be mirrored", err=True)
        plan = try_mirroring(plan, split, engine)
    print_notes(plan.choices)
    return plan
