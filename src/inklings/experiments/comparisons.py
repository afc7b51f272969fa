"""One name for both: a comparison on one split, or on several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from numbers import Integral
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack, overload

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.errors import DataError, RecipeError
from inklings.experiments.comparison import Announce, Comparison, compare_once
from inklings.experiments.contender_plans import Networks
from inklings.experiments.repeated_comparison import RepeatedComparison
from inklings.experiments.repeats import compare_repeatedly
from inklings.experiments.runs import RunStore
from inklings.experiments.trainer import Elsewhere, Watch
from inklings.experiments.until_sure import Look
from inklings.training.recipe import IN_A_PLAN


class Options(TypedDict, total=False):
    """What either takes; see :func:`inklings.experiments.comparison.compare_once`."""

    seed: int
    quick: bool
    engine: str
    store: RunStore | None
    continued: bool
    command: str
    data_options: Mapping[str, Any] | None
    watch: Watch
    announce: Announce


class RepeatOptions(Options, total=False):
    """What only repeats take; see :func:`inklings.experiments.compare_repeatedly`."""

    margin: float
    vary: str | Iterable[str]
    at_most: int | None
    on_look: Callable[[Look], None]
    elsewhere: Elsewhere | None


@overload
def compare(
    networks: Networks | None = None,
    data: str | Path | Dataset | Split = "digits",
    *,
    repeats: None = None,
    until_sure: Literal[False] = False,
    **options: Unpack[Options],
) -> Comparison: ...


@overload
def compare(
    networks: Networks | None = None,
    data: str | Path | Dataset = "digits",
    *,
    repeats: int,
    until_sure: Literal[False] = False,
    **options: Unpack[RepeatOptions],
) -> RepeatedComparison: ...


@overload
def compare(
    networks: Networks | None = None,
    data: str | Path | Dataset = "digits",
    *,
    repeats: None = None,
    until_sure: Literal[True],
    **options: Unpack[RepeatOptions],
) -> RepeatedComparison: ...


@checks_call(RecipeError, takes=RepeatOptions.__annotations__, meant=IN_A_PLAN, store=RunStore, until_sure=bool)
def compare(
    networks: Networks | None = None,
    data: str | Path | Dataset | Split = "digits",
    *,
    repeats: int | None = None,
    until_sure: bool = False,
    **options: Any,
) -> Comparison | RepeatedComparison:
    """Train networks, and classifiers that are none, on the same images, and evaluate each once on the test images.

    Parameters
    ----------
    networks : str, Network, Plan, Opponent or sequence of these, optional
        Names of presets, paths of TOML or JSON files, or plans; ``"mlp"`` stands for its variants plain, dropout and
        L2. A network of your own is trained by the default recipe, and called "network"; a plan names it and has its
        recipe. Names of opponents (:data:`inklings.opponents.OPPONENTS`), or :class:`inklings.Opponent` for any
        classifier of scikit-learn's. All presets, ``"best"`` for a fifth of its epochs, and the two strongest opponents
        if not given (one of them if quick).
    data : str, Path, Dataset or Split
        A name, a path, or images to split; or, without repeats, a split.
    repeats : int, optional
        Train all of them on so many splits and seeds, at least 2, and compare them in pairs: what is more than chance.
    until_sure : bool
        Add repeats until each pair is answered; see :func:`inklings.experiments.compare_repeatedly`.
    **options
        ``seed``, ``quick``, ``engine``, ``store`` and others of
        :func:`inklings.experiments.comparison.compare_once`; of repeats also ``vary``, ``margin``, ``at_most`` and
        ``on_look`` of :func:`inklings.experiments.compare_repeatedly`.

    Returns
    -------
    Comparison, or RepeatedComparison of repeats

    Raises
    ------
    NetworkError, RecipeError
        A network or its recipe cannot be trained on these images, or two have the same name; nothing was trained then.
    DataError
        Repeats of a split, which is one division of its images; or a split without validation or test images.

    Examples
    --------
    >>> import inklings
    >>> digits = inklings.open_dataset("digits").split(test=0.2, validation=0.7)
    >>> [result.title for result in inklings.compare(["softmax"], digits, quick=True, engine="numpy").results]
    ['softmax']
    """
    if repeats is not None and (not isinstance(repeats, Integral) or isinstance(repeats, bool)):
        raise RecipeError(f"is {repeats!r}, expected a whole number of at least 2", setting="repeats", found=repeats)
    if repeats is None and not until_sure:
        # Only what repeats take and one split does not: to ignore it would let people believe that it counted.
        if alone := sorted(set(options).intersection(RepeatOptions.__annotations__) - set(Options.__annotations__)):
            raise RecipeError("has no effect on one split", "give repeats or until_sure=True", setting=alone[0])
        return compare_once(networks, data, **options)
    # Repeats draw a split for each seed; one that is given has nothing left to draw.
    if isinstance(data, Split):
        raise DataError(
            "a split is one division of its images, expected a data set that repeats can divide anew",
            "pass split.dataset",
        )
    return compare_repeatedly(networks, data, repeats=repeats, until_sure=until_sure, **options)
