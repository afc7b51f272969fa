"""The same networks on several splits and seeds, paired: what is more than chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.open import open_dataset
from inklings.engines import engine_name
from inklings.errors import RecipeError
from inklings.evaluation.equivalence import MARGIN
from inklings.experiments.comparison import Announce
from inklings.experiments.contender_plans import Networks
from inklings.experiments.lineup import Lineup
from inklings.experiments.reopen import opened_by
from inklings.experiments.repeated_comparison import RepeatedComparison
from inklings.experiments.repeated_training import join, train_each_in_turn
from inklings.experiments.runs import RunStore
from inklings.experiments.sources import drop_what_is_given, parse_sources, seeds_of_repeat
from inklings.experiments.trainer import Elsewhere, Trainer, Watch
from inklings.experiments.until_sure import AT_MOST, LEAST, Look, train_until_sure
from inklings.training.interruption import Interruption
from inklings.training.recipe import IN_A_PLAN


@checks_call(RecipeError, meant=IN_A_PLAN)
def compare_repeatedly(
    networks: Networks | None = None,
    data: str | Path | Dataset = "digits",
    *,
    repeats: int | None = None,
    seed: int = 0,
    quick: bool = False,
    engine: str = "auto",
    store: RunStore | None = None,
    continued: bool = False,
    command: str = "",
    data_options: Mapping[str, Any] | None = None,
    watch: Watch = lambda plan: (),
    announce: Announce = lambda opponent: None,
    margin: float = MARGIN,
    vary: str | Iterable[str] = "all",
    until_sure: bool = False,
    at_most: int | None = None,
    on_look: Callable[[Look], None] = lambda look: None,
    elsewhere: Elsewhere | None = None,
) -> RepeatedComparison:
    """Train networks on several stratified splits, all of them on each, so that they can be compared in pairs.

    Parameters
    ----------
    networks, quick, engine, store, continued, command, data_options, watch, announce
        As in :func:`inklings.compare`.
    data : str, Path or Dataset
        The images, split anew for every repeat.
    repeats : int, optional
        The number of repeats, at least 2; not given with ``until_sure``.
    seed : int
        The seed of the first repeat; each next one has the next.
    margin : float
        Differences in accuracy up to this fraction do not matter; half a percentage point by default.
    vary : str or iterable of str
        What varies from repeat to repeat: ``split``, ``order``, ``init``, ``seed`` for the last two, ``all``, or
        several of them (:mod:`inklings.experiments.sources`). What does not keeps the seed of the first repeat.
    until_sure : bool
        Whether to add repeats until each pair is answered: one is more accurate, both are as accurate within the
        margin, or it cannot be told within ``at_most`` repeats. The probability that any of these answers is false is
        5 %, however often it was looked (:mod:`inklings.evaluation.until_sure`).
    at_most : int, optional
        With ``until_sure``: the most repeats, at least 3; 40 if not given. It belongs to the question, and must not be
        raised because of what was found.
    on_look : callable
        ``on_look(look)`` after each repeat of ``until_sure`` from the third on.
    elsewhere : Elsewhere, optional
        What trains the repeats of each network, as a cluster does; opponents are fitted here.

    Returns
    -------
    RepeatedComparison
        After an interruption, of the networks that were trained on every split; if there is none yet, of the first
        network on the splits that it was trained on. With ``until_sure``, of all networks in the whole repeats.

    Raises
    ------
    NetworkError, RecipeError
        Fewer than 2 repeats are asked for, or a network cannot be trained on these images; nothing was trained then.
    KeyboardInterrupt
        It was interrupted before the first network was trained on 2 splits; with ``until_sure``, before 2 whole
        repeats.

    Examples
    --------
    >>> import inklings
    >>> other = inklings.preset("mlp", (20, 20, 1), 10, hidden_units=10).with_recipe(epochs=2)
    >>> compared = inklings.compare(["softmax", other], repeats=2, quick=True)
    >>> print(compared.sentences[0])  # doctest: +ELLIPSIS
    softmax is more accurate than mlp (plain, 10 hidden) as trained here (...
    """
    count = _check_length(repeats, until_sure=until_sure, at_most=at_most)
    if not 0 < margin < 1:
        raise RecipeError(f"is {margin}, expected a fraction between 0 and 1", setting="margin", found=margin)
    varied, engine = parse_sources(vary), engine_name(engine)
    dataset = data if isinstance(data, Dataset) else open_dataset(data)
    # Where the source leaves nothing to split, repeats vary the seeds alone.
    # Said in the notes: the figures then hold for these test images alone.
    varied = drop_what_is_given(varied, dataset)
    facts = {"command": command, "data_options": opened_by(data, data_options)}
    trainer = Trainer(engine, store, continued, watch, facts, elsewhere=elsewhere)
    lineup = Lineup(networks, dataset, trainer, lambda number: seeds_of_repeat(seed, number, varied), quick)
    if until_sure:
        _check_contenders(lineup)
        return train_until_sure(lineup, varied, at_most=count, margin=margin, announce=announce, on_look=on_look)
    # All are prepared, and so checked, before the first is trained.
    for number in range(count):
        lineup.entries(number)
    with Interruption() as interruption:
        trained, fitted = train_each_in_turn(lineup, count, interruption, announce)
        comparisons = join(trained, fitted, count, lineup)
    # Everyone that was asked for is there, or is noted as failed.
    failed = sum(len(each.failed_opponents) for each in comparisons)
    finished = len(comparisons[0].contenders) + failed == len(lineup.titles)
    return RepeatedComparison(tuple(comparisons), not finished or len(comparisons) < count, margin, varied)


def _check_length(repeats: int | None, *, until_sure: bool, at_most: int | None) -> int:
    """Return how many repeats there will be, at most; refuse what contradicts itself."""
    if not until_sure:
        if at_most is not None:
            raise RecipeError("has no effect without until_sure", "leave it out", setting="at_most", found=at_most)
        if repeats is None:
            raise RecipeError("is not given, expected at least 2", "or give until_sure=True", setting="repeats")
        if repeats < 2:
            raise RecipeError(f"is {repeats}, expected at least 2", setting="repeats", found=repeats)
        return repeats
    if repeats is not None:
        hint = "leave repeats out; at_most limits them"
        raise RecipeError("and until_sure are both given, expected one of them", hint, setting="repeats", found=repeats)
    if at_most is not None and at_most < LEAST:
        raise RecipeError(f"is {at_most}, expected at least {LEAST}", setting="at_most", found=at_most)
    return AT_MOST if at_most is None else at_most


def _check_contenders(lineup: Lineup) -> None:
    if len(lineup.titles) < 2:
        raise RecipeError(
            f"has nothing to compare {lineup.titles[0]} with, expected at least two",
            "name another network or opponent",
            setting="until_sure",
        )
