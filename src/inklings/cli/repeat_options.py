"""The options of a comparison over several repeats: how many, what varies among them, and when they may end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from inklings.cli.command import SectionOption
from inklings.cli.tables import print_line
from inklings.costs.cost import describe_seconds
from inklings.errors import RecipeError
from inklings.evaluation.equivalence import MARGIN
from inklings.experiments.sources import GROUPS, SOURCES, parse_sources
from inklings.experiments.until_sure import AT_MOST, LEAST, Look
from inklings.training.plans import Plan

_repeat_option = partial(click.option, cls=SectionOption, section="Repeats")


def _complete_sources(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer a source for the last place of a list with commas."""
    before, comma, last = incomplete.rpartition(",")
    return [CompletionItem(f"{before}{comma}{name}") for name in (*SOURCES, *GROUPS) if name.startswith(last)]


_OPTIONS = (
    _repeat_option(
        "--repeats",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        metavar="N",
        help="Train on N splits and seeds, and test every pair of networks.",
    ),
    _repeat_option(
        "--until-sure",
        is_flag=True,
        help="Add repeats until each pair is answered: better, the same within --margin, or out of reach.",
    ),
    _repeat_option(
        "--at-most",
        type=click.IntRange(min=LEAST),
        default=AT_MOST,
        show_default=True,
        metavar="N",
        help="With --until-sure: no more than N repeats.",
    ),
    _repeat_option(
        "--margin",
        type=click.FloatRange(0, 100, min_open=True, max_open=True),
        default=100 * MARGIN,
        show_default=True,
        metavar="POINTS",
        help="Differences up to this many percentage points do not matter.",
    ),
    _repeat_option(
        "--vary",
        default="all",
        show_default=True,
        metavar="NAME[,NAME...]",
        shell_complete=_complete_sources,
        help="What varies from repeat to repeat: split, order (of the images, and dropout), init (the initial "
        "weights), seed (order and init), all.",
    ),
)


def repeat_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a comparison's repeats."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _check(context: click.Context) -> None:
    """Refuse options of repeats that contradict each other or would change nothing."""
    # By where a value is from: a default that was typed out is meant, and may contradict.
    given = {name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    until_sure, repeats = context.params["until_sure"], context.params["repeats"]
    parse_sources(context.params["vary"])
    if until_sure and "repeats" in given:
        hint = "leave --repeats out; --at-most limits those of --until-sure"
        raise RecipeError("and --until-sure are both given, expected one of them", hint, setting="repeats")
    if "at_most" in given and not until_sure:
        raise RecipeError("has no effect without --until-sure", "leave it out, or add --until-sure", setting="at_most")
    for name in ("margin", "vary"):
        if name in given and repeats == 1 and not until_sure:
            hint = "leave it out, or add --repeats 5 or --until-sure"
            raise RecipeError("has no effect on networks that are trained once", hint, setting=name)


def repeats_asked_for(context: click.Context) -> dict[str, Any] | None:
    """Return what was asked for as :func:`inklings.experiments.compare_repeatedly` takes it; None for one training.

    Raises
    ------
    RecipeError
        Options contradict each other, or would change nothing.
    """
    _check(context)
    options = context.params
    shared = {"margin": options["margin"] / 100, "vary": options["vary"]}
    if options["until_sure"]:
        return {**shared, "until_sure": True, "at_most": options["at_most"]}
    return None if options["repeats"] == 1 else {**shared, "repeats": options["repeats"]}


def print_worst_case(plans: list[Plan], opponents: int, sizes: tuple[int, int], engine: str, at_most: int) -> None:
    """Print how long networks train if no pair is answered before the last repeat, on standard error."""
    if len(plans) + opponents < 2:
        return  # nothing to be sure of, which is refused in a moment
    from inklings.costs import forecast

    seconds = sum(forecast(plan.network, plan.recipe, sizes, engine=engine).seconds for plan in plans)
    training = f"about {describe_seconds(at_most * seconds)} of training" if plans else ""
    fits = f"{at_most} fits of {opponents} opponent{'s' * (opponents != 1)}" if opponents else ""
    worst = " and ".join(filter(None, (training, fits)))
    click.echo(f"until sure: {LEAST} to {at_most} repeats; at worst {worst}", err=True)


def print_look(look: Look) -> None:
    """Print what is still open, on standard error."""
    print_line(look.sentence, err=True)
