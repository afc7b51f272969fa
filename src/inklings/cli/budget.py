"""``--budget`` of ``inklings train``: the most that can be trained between the start of the command and its end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import click

from inklings.cli.command import SectionOption
from inklings.cli.option_names import as_option
from inklings.cli.recipe_options import find_plan
from inklings.data.parts import Split
from inklings.errors import RecipeError
from inklings.hardware import process_seconds, slowness
from inklings.training.best import FILTERS
from inklings.training.callbacks import Callback
from inklings.training.fit_result import FitResult
from inklings.training.plans import Plan
from inklings.training.presets import DEFAULT_PRESET

_SECONDS = {"s": 1, "m": 60, "h": 3600}
_NARROWER = (0.75, 0.5, 0.375, 0.25)
"""Shares of the usual filters that are tried where time is short."""
_AFTERWARDS, _SAVING = 0.7, 3.3
"""Seconds of work to store a run, and to save a model: its temperature, its novelty, its file."""
_MOST_NETWORKS = 20
"""More are not worth proposing."""
_LATE = 1.05
"""A training that was slower than measured is stopped at this share of the budget."""


def parse_time(context: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    """Read a time such as 30s, 5m or 2h, in seconds."""
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([smh])", text.strip().lower())
    if found is None or float(found[1]) == 0:
        raise click.BadParameter(f"'{text}' is not a time such as 30s, 5m or 2h", context, parameter)
    return float(found[1]) * _SECONDS[found[2]]


budget_option = click.option(
    "--budget",
    "budget_seconds",
    callback=parse_time,
    metavar="TIME",
    help="Do the most that can be done in 30s, 5m or 2h, from the start of the command to its end.",
    cls=SectionOption,
    section="Recipe",
)


class Budget(Callback):
    """A time, and what is done in it; as a callback it ends a training that takes longer than its time.

    Parameters
    ----------
    seconds : float
        From the start of the process to its end.
    saves : bool
        Whether a model is saved afterwards.
    members : int
        Of an ensemble, which share the time. None of them is ended: with one that was, the others would have nothing in
        common.
    """

    def __init__(self, seconds: float, *, saves: bool, members: int = 1) -> None:
        self.seconds, self.ended, self._members = seconds, False, members
        self._afterwards = _AFTERWARDS * members + _SAVING * saves

    def choose(self, network: str, plan: Plan, split: Split, typed: Mapping[str, Any], engine: str) -> Plan:
        """Return what can be trained in the time, with a choice that explains it.

        Raises
        ------
        RecipeError
            The length of training was typed too, or there is not enough time for anything.
        """
        from inklings.costs.budget import afford

        for setting in ("epochs", "steps"):
            if typed.get(setting) is not None:
                problem = f"and {as_option(setting)} are both given, expected one of them"
                raise RecipeError(problem, "leave one out", setting="budget")
        images = len(split.train_rows), len(split.validation_rows), len(split.test_rows)
        found = afford(
            self._candidates(network, plan, typed),
            images,
            self.seconds,
            trainings=self._members,
            elapsed=lambda: self._spoken_for,
            engine=engine,
        )
        return found.plan.with_choice(self._explain(plan, found.plan, found.seconds))

    @property
    def _spoken_for(self) -> float:
        # Later, other programs will take as much of the processor as they did so far.
        # From the start of the process, imports and opening the data included, as somebody with a watch would count.
        return process_seconds() + self._afterwards * slowness()

    def _candidates(self, network: str, plan: Plan, typed: Mapping[str, Any]) -> Iterator[Plan]:
        yield plan
        # Only the preset's own width may be traded for epochs: what was typed is kept.
        if network == DEFAULT_PRESET and typed.get("filters") is None:
            shape, classes = plan.network.input_shape, plan.network.output_count
            for share in _NARROWER:
                narrower = find_plan(network, shape, classes, {**typed, "filters": round(share * FILTERS)}, plan.data)
                yield narrower.with_recipe(seed=plan.recipe.seed)

    def _explain(self, whole: Plan, chosen: Plan, seconds: float) -> str:
        from inklings.costs.cost import describe_seconds

        recipe, usual = chosen.recipe, whole.recipe
        length = "iterations" if recipe.is_full_batch else "epochs"
        if recipe == usual:
            done = f"all {usual.epochs} {length}" if usual.steps is None else f"all {usual.steps:,} steps"
        elif recipe.steps is None:
            done = f"{recipe.epochs} of {usual.epochs} {length}" if usual.steps is None else f"{recipe.epochs} {length}"
        else:
            done = f"{recipe.steps:,} steps, less than an epoch"
        width = f" with {chosen.variant}" if chosen.variant != whole.variant else ""
        forecast = f"forecast {describe_seconds(self._spoken_for + seconds)} of {describe_seconds(self.seconds)}"
        rest = self._describe_rest(seconds) if chosen == whole and self._members == 1 else ""
        each = f" for each of {self._members} networks" if self._members > 1 else ""
        return f"budget: {done}{width}{each}: {forecast}{rest}"

    def _describe_rest(self, seconds: float) -> str:
        """Say how many networks the time would do for: one does not get more epochs than it has."""
        networks = min(_MOST_NETWORKS, int((self.seconds - self._spoken_for) / seconds))
        return f"; there would be time for --ensemble {networks}" if networks > 1 else ""

    def should_stop(self) -> bool:
        """Return whether the time is over: training turned out slower than was measured."""
        self.ended = self.ended or self._spoken_for > _LATE * self.seconds
        return self.ended

    def describe_again(self, plan: Plan) -> str:
        """Say what to type in place of the budget, which would choose anew, to train a plan once more."""
        recipe = plan.recipe
        length = f"--epochs {recipe.epochs}" if recipe.steps is None else f"--steps {recipe.steps}"
        width = f" and the {plan.variant} of before" if plan.variant else ""
        return f"with {length}{width} in place of --budget"

    def describe_end(self, fitted: FitResult) -> str:
        """Say how far training came before the time was over."""
        done = fitted.history[-1]
        return f"the budget ended training in {done.unit} {done.epoch + 1}: it was slower than forecast"
