"""``inklings train --ensemble K``: several networks of one plan, which classify together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.json_output import print_json, result_to_json, wants_json
from inklings.cli.progress import watch
from inklings.cli.tables import print_facts, print_line, print_table
from inklings.experiments.ensemble import train_ensemble
from inklings.reprs import percent

if TYPE_CHECKING:
    from inklings.cli.budget import Budget
    from inklings.cli.saving import Packing
    from inklings.experiments import RunStore, TrainedEnsemble
    from inklings.training import Callback, Plan
    from inklings.training.training_job import TrainingJob

_HEADINGS = ("member", "seed", "validation", "test", "run")


@dataclass
class _Watch:
    """What is shown of each member's training, and how many were trained now."""

    job: TrainingJob
    members: int
    quiet: bool
    trained: int = field(default=0, init=False)

    def __call__(self, plan: Plan) -> list[Callback]:
        """Return the callbacks of a member; the cost is forecast before the first alone."""
        self.trained += 1
        # Members' seeds follow one another from the first one's.
        number = plan.recipe.seed - self.job.recipe.seed + 1
        named = replace(plan, variant=", ".join(filter(None, (plan.variant, f"{number} of {self.members}"))))
        images = self.job.images if self.trained == 1 else None
        return watch(named, images, self.job.engine.name, quiet=self.quiet)


def train_ensemble_of(
    plan: Plan,
    job: TrainingJob,
    members: int,
    packing: Packing,
    store: RunStore,
    how: dict[str, Any],
    *,
    quiet: bool,
    budget: Budget | None = None,
) -> None:
    """Train an ensemble, print what its members and their mean are worth, and save it if that is asked for.

    Parameters
    ----------
    plan : Plan
        With the seed of the first member.
    job : TrainingJob
        Its training, which was checked.
    members : int
    packing : Packing
    store : RunStore
    how : dict
        ``command`` and ``data_options`` of :func:`inklings.train_ensemble`.
    quiet : bool
    budget : Budget, optional
        What the plan was chosen for.
    """
    watching, seed = _Watch(job, members, quiet), plan.recipe.seed
    # Split anew from the same seed: a run of a split that was made elsewhere could not be opened again.
    data, engine = job.split.dataset, job.engine.name
    try:
        trained = train_ensemble(
            plan, data, members=members, seed=seed, engine=engine, store=store, watch=watching, **how
        )
    except KeyboardInterrupt as interrupted:
        typed = f" {budget.describe_again(plan)}" if budget else ""
        again = f"; those that finished are stored: the same command{typed} trains the others"
        raise KeyboardInterrupt(f"{interrupted or 'interrupted'}{again}") from None
    if watching.trained < members:
        taken = f"{members - watching.trained} of the {members} networks were trained before: they are taken from"
        click.echo(f"note: {taken} {store.folder}", err=True)
    # A full disk gives every member the same problem, which is reported once.
    for problem in {member.storage_problem for member in trained.members} - {""}:
        click.echo(f"note: {problem}", err=True)
    saved = _save(trained, packing)
    if wants_json():
        print_json({**_as_plain(trained), **(packing.to_plain() if packing.file else {})})
    else:
        _print_results(trained, saved)


def _save(trained: TrainedEnsemble, packing: Packing) -> list[tuple[str, str]]:
    if packing.file is None:
        return [("model", "not kept; the same command with --save FILE keeps it")]
    from inklings.experiments.to_model import ensemble_to_model

    return packing.write(ensemble_to_model(trained, sure_at=packing.target_accuracy, pictures=packing.pictures))


def _as_plain(trained: TrainedEnsemble) -> dict[str, Any]:
    gain, interval = trained.gain
    members = [
        {"seed": each.plan.recipe.seed, "validation": each.result.validation, "test": each.result.test, "run": each.run}
        for each in trained.members
    ]
    return {**result_to_json(trained.result), "gain": gain, "gain_interval": interval, "members": members}


def _print_results(trained: TrainedEnsemble, saved: list[tuple[str, str]]) -> None:
    rows = [
        [
            str(number),
            str(member.plan.recipe.seed),
            percent(member.result.validation),
            percent(member.result.test),
            member.run,
        ]
        for number, member in enumerate(trained.members, start=1)
    ]
    print_table(_HEADINGS, rows, words=0, spare=("run", "seed"))
    click.echo()
    result = trained.result
    low, high = result.interval
    print_facts(
        [
            ("ensemble", f"{result.title}, {result.parameters:,} parameters"),
            ("training", percent(result.train)),
            ("validation", percent(result.validation)),
            ("test", f"{percent(result.test)} (95 % interval {low:.1%} to {high:.1%})"),
            ("seconds", f"{result.seconds:.1f}"),
            *saved,
        ]
    )
    print_line(_compare_with_members(trained))


def _compare_with_members(trained: TrainedEnsemble) -> str:
    """Say how much more accurate the ensemble is than one of its members."""
    from inklings.evaluation.rules import count_text

    if all((member.probabilities == trained.members[0].probabilities).all() for member in trained.members):
        return "All members are the same: nothing that a seed changes matters to this network."
    gain, (low, high) = trained.gain
    more = "more" if gain >= 0 else "less"
    points = f"{100 * abs(gain):.2f} points {more} accurate than a member is on average"
    interval = f"95 % interval of the difference {100 * low:+.2f} to {100 * high:+.2f}, paired by test image"
    those = count_text(len(trained.members[0].probabilities), "test image")
    chance = f"; {those} cannot tell whether that is more than chance" if low <= 0 <= high else ""
    return f"The ensemble is {points} ({interval}){chance}."
