"""What varies from one repeat of a training to the next: the split, the order of the images, the initial weights.

Each has a seed of its own, so that one can vary while the others stay. To say what holds of a recipe, as much should
vary as can; to find out what moves an accuracy, one source at a time (X. Bouthillier et al., Accounting for variance in
machine learning benchmarks, Proceedings of Machine Learning and Systems 3 (2021) 747-769).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from inklings.data.dataset import Dataset
from inklings.errors import RecipeError
from inklings.serialise import did_you_mean

SOURCES: Mapping[str, str] = {
    "split": "the split",
    "order": "the order of the images",
    "init": "the initial weights",
}
"""Their names, and what they are in words.

``order`` is that of the images in each epoch, with their random changes and dropout. ``init`` is also the random state
of an opponent, which has one for all that it draws.
"""
GROUPS: Mapping[str, tuple[str, ...]] = {"seed": ("order", "init"), "all": tuple(SOURCES)}
"""Names for several at once; ``seed`` is everything that a training draws once its images are there."""


@dataclass(frozen=True)
class Seeds:
    """The seeds of one repeat, by what they decide."""

    split: int
    order: int
    init: int

    @property
    def recipe_settings(self) -> dict[str, int | None]:
        """The settings of a recipe that they come to."""
        # One way to write what is the same: a stored run is found by its recipe.
        return {"seed": self.init, "order_seed": None if self.order == self.init else self.order}


def parse_sources(vary: str | Iterable[str]) -> tuple[str, ...]:
    """Return the sources that are meant, each once, in the order of :data:`SOURCES`.

    Parameters
    ----------
    vary : str or iterable of str
        Names of :data:`SOURCES` and :data:`GROUPS`, in a list or with commas between them.

    Raises
    ------
    RecipeError
        A name is unknown, or there is none.

    Examples
    --------
    >>> parse_sources("init,split"), parse_sources(["seed"])
    (('split', 'init'), ('order', 'init'))
    """
    names = [name.strip() for name in (vary.split(",") if isinstance(vary, str) else vary)]
    known = (*SOURCES, *GROUPS)
    meant: set[str] = set()
    for name in names:
        if name not in known:
            found = f"'{name}' is unknown" if name else "names nothing"
            raise RecipeError(found, did_you_mean(name, known), setting="vary", found=name, expected=known)
        meant.update(GROUPS.get(name, (name,)))
    if not meant:
        raise RecipeError("names nothing", did_you_mean("", known), setting="vary", expected=known)
    return tuple(name for name in SOURCES if name in meant)


def seeds_of_repeat(seed: int, number: int, varied: Iterable[str]) -> Seeds:
    """Return the seeds of a repeat: ``seed`` of what stays, ``seed + number`` of what varies.

    Parameters
    ----------
    seed : int
        All seeds of the first repeat.
    number : int
        Which repeat, from 0.
    varied : iterable of str
        The sources that vary.

    Examples
    --------
    >>> seeds_of_repeat(7, 2, ["split"])
    Seeds(split=9, order=7, init=7)
    """
    moved = set(varied)
    # The first repeat, number 0, has all seeds as given: what varies begins where what stays is.
    return Seeds(**{name: seed + number * (name in moved) for name in SOURCES})


def drop_what_is_given(varied: tuple[str, ...], data: Dataset) -> tuple[str, ...]:
    """Return what truly varies: no split does where the source itself says what is for validation and for testing.

    Raises
    ------
    RecipeError
        Nothing does.
    """
    if "split" not in varied or data.given_test is None or data.given_validation is None:
        return varied
    left = tuple(name for name in varied if name != "split")
    if not left:
        found = "is 'split', and the source has its own parts for validation and testing, so that nothing varies"
        raise RecipeError(found, "vary seed", setting="vary")
    return left


def describe_elsewhere(varied: Iterable[str], *, test_is_given: bool = False) -> str:
    """Return in words what a finding over repeats holds for, beside the trained networks themselves.

    Parameters
    ----------
    varied : iterable of str
        The sources that vary.
    test_is_given : bool
        Whether the source has its own images for testing, so that another split is one of the others alone.

    Examples
    --------
    >>> describe_elsewhere(SOURCES)
    'on other splits and seeds'
    >>> describe_elsewhere(["split", "init"])
    'on other splits from other initial weights'
    >>> describe_elsewhere(["order", "init"])
    'on this split with other seeds'
    >>> describe_elsewhere(SOURCES, test_is_given=True)
    'on the same test images with other training images and seeds'
    """
    moved = set(varied)
    if test_is_given and "split" in moved:
        # The other sources' words without what the sentence says already: " with the images in another order" stays
        # whole.
        rest = describe_elsewhere(moved - {"split"}).removeprefix("on this split").removeprefix(" with other")
        joined = " and seeds" if moved == set(SOURCES) else rest
        return f"on the same test images with other training images{joined}"
    if moved == set(SOURCES):
        return "on other splits and seeds"
    place = "on other splits" if "split" in moved else "on this split"
    if moved.issuperset(GROUPS["seed"]):
        return f"{place} with other seeds"
    others = {"order": " with the images in another order", "init": " from other initial weights"}
    return place + "".join(words for name, words in others.items() if name in moved)
