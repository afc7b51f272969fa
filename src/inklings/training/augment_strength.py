"""How much images are changed at random, in a word: none, light, full; it depends on their size and what they show."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from inklings.data.augment import Augmentation
from inklings.data.kind import Kind
from inklings.errors import RecipeError
from inklings.serialise import did_you_mean

AUTO = "auto"
STRENGTHS = ("none", "light", "full")
PER_SIDE = ("shift", "elastic")
"""Settings in pixels, which are shares of an image's shorter side here."""

# Degrees and fractions, and what is in PER_SIDE as a share of the shorter side: 0.075 are 1.5 of 20 pixels.
# Characters' numbers were chosen on validation images of the digits, where stronger ones cost accuracy (decision 24).
_LIGHT = {"shift": 0.075, "rotate": 10.0, "scale": 0.1}
_CHARACTERS = {"shift": 0.075, "rotate": 12.0, "scale": 0.12, "shear": 10.0, "elastic": 0.05, "stroke": 0.3}
# Things have no strokes to slant or thicken; parts of them are hidden instead.
_THINGS = {"shift": 0.1, "rotate": 10.0, "scale": 0.12, "erase": 0.25}

TABLE: Mapping[tuple[str, Kind], Mapping[str, float]] = MappingProxyType(
    {
        ("light", "characters"): _LIGHT,
        ("full", "characters"): _CHARACTERS,
        ("light", "things"): _LIGHT,
        ("full", "things"): _THINGS,
        ("light", "unknown"): _LIGHT,
        # These may be letters: bent no more than letters are, and nothing hidden, since an E without a bar is an F.
        ("full", "unknown"): {**_LIGHT, "elastic": 0.05},
    }
)
"""What each strength is for each kind of images. Only characters have strokes; nothing is mirrored."""

AUTOMATIC: Mapping[Kind, str] = MappingProxyType({"characters": "full", "things": "full", "unknown": "light"})
"""The strength that ``auto`` stands for."""


_WHY: Mapping[Kind, str] = MappingProxyType(
    {
        "characters": "the classes are called by single letters or digits",
        "things": "the classes are called by words",
        "unknown": "the classes' names do not say what the images show",
    }
)


def describe_strength(strength: str, kind: Kind, flip: float | None = None) -> str:
    """Say which changes were chosen, and why; ``flip`` is the probability of mirroring that was asked for besides.

    >>> describe_strength("auto", "characters")
    'augment full, as for characters, never mirrored: the classes are called by single letters or digits'
    """
    chosen = AUTOMATIC[kind] if strength == AUTO else strength
    if chosen == "none":
        return "augment none"
    shown = {"characters": ", as for characters", "things": ", as for pictures of things"}.get(kind, "")
    mirrored = {"characters": ", never mirrored", "unknown": ", not mirrored"}.get(kind, "")
    if flip:
        mirrored = f", but mirrored with probability {flip:g} as asked"
    return f"augment {chosen}{shown}{mirrored}: {_WHY[kind]}"


def augmentation_of(strength: str, input_shape: tuple[int, int, int], kind: Kind) -> Augmentation:
    """Return the changes that a strength stands for.

    Parameters
    ----------
    strength : {"none", "light", "full", "auto"}
    input_shape : (height, width, channels)
        Shifts and distortions are shares of the shorter side.
    kind : {"characters", "things", "unknown"}
        What the images show.

    Raises
    ------
    RecipeError
        There is no such strength.

    Examples
    --------
    >>> augmentation_of("light", (20, 20, 1), "characters").to_dict()
    {'shift': 1.5, 'rotate': 10.0, 'scale': 0.1}
    """
    known = (*STRENGTHS, AUTO)
    if strength not in known:
        raise RecipeError(
            f"is {strength!r}",
            did_you_mean(str(strength), known),
            setting="augment",
            found=strength,
            expected=known,
        )
    if strength == AUTO:
        strength = AUTOMATIC[kind]
    if strength == "none":
        return Augmentation()
    height, width = input_shape[:2]
    # The shorter side: on a wide image, a share of its width would shift it out of its height.
    side = min(height, width)
    # By 12 degrees the ends of 5 x 200 pixels would move by 20, and out of the image. Where one side is more than twice
    # the other, a rotation is smaller by as much, and a slant, which moves rows alone, where it is the height.
    factors = {
        **dict.fromkeys(PER_SIDE, side),
        "rotate": min(1.0, 2 * side / max(height, width)),
        "shear": min(1.0, 2 * width / height),
    }
    settings = TABLE[strength, kind].items()
    # To a thousandth of a pixel or a degree: a recipe is read by people.
    return Augmentation(**{name: round(value * factors.get(name, 1.0), 3) for name, value in settings})
