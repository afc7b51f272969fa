"""What images show, as far as their classes' names and their channels tell: characters, or things.

It matters to what may be changed about an image at random: a mirrored shoe is a shoe, a mirrored letter is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

Kind = Literal["characters", "things", "unknown"]

_MOST = 0.8
"""This share of the names has to agree; a few odd ones, such as a class of blanks, do not decide."""
_LETTERS_OF_A_WORD = 4
"""Shorter names of grey classes may be syllables, as those of kana are."""
_SPELLED_OUT = frozenset(
    (
        *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
        *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"),
        *("nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
        # Digits in German, French, Spanish, Italian and Portuguese, with and without accents.
        *("null", "eins", "zwei", "drei", "vier", "fünf", "fuenf", "sechs", "sieben", "acht", "neun"),
        *("zéro", "un", "deux", "trois", "quatre", "cinq", "sept", "huit", "neuf"),
        *("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
        *("due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"),
        *("um", "dois", "três", "quatro", "sete", "oito"),
    )
)
_SAYS_CHARACTER = re.compile(
    "letter|digit|character|numeral|glyph|capital|uppercase|lowercase|alphabet|hiragana|katakana|kanji|hangul"
    # Short ones as words of their own: a flower is not lower, and a numbat no number.
    r"|(?<![^\W\d_])(?:upper|lower|number|num|char)(?![^\W\d_])",
    re.IGNORECASE,
)


def kind_of_images(class_names: Sequence[str], channels: int) -> Kind:
    """Return what the images of a data set show.

    Parameters
    ----------
    class_names : sequence of str
    channels : int
        1 or 3.

    Returns
    -------
    {"characters", "things", "unknown"}
        ``characters`` where classes are called by single letters or digits, ``things`` where they are called by words;
        ``unknown`` where they are numbered, also after a word of all, which says nothing but of the ten digits in grey.

    Examples
    --------
    >>> kind_of_images(["0", "1", "2"], 1), kind_of_images(["Trouser", "Coat"], 1), kind_of_images(["0", "17"], 3)
    ('characters', 'things', 'unknown')
    """
    names = [name.strip() for name in class_names]
    # Characters first: what is wrongly taken for one only loses augmentation; a mirrored letter would mislead.
    if _most(_is_character(name, grey=channels == 1) for name in names):
        return "characters"
    if not _are_numbered(names) and _most(_is_word(name, grey=channels == 1) for name in names):
        return "things"
    return "unknown"


def _most(answers: Iterable[bool]) -> bool:
    given = list(answers)
    return bool(given) and sum(given) >= _MOST * len(given)


def _are_numbered(names: Sequence[str]) -> bool:
    """Whether names differ in their numbers alone, as Sample001 and Sample002 do: that word says nothing of a class."""
    # What is left of names that hold digits, once these are taken out.
    stems = Counter(re.sub(r"\d", "", name) for name in names if re.search(r"\d", name))
    return bool(stems) and max(stems.values()) >= max(2, _MOST * len(names))


def _is_character(name: str, *, grey: bool) -> bool:
    if name.isdecimal():
        # Single digits in colour may be anything: house numbers, products, numbered kinds.
        return grey and len(name) == 1
    pair = len(name) == 2 and name[0].lower() == name[1].lower()  # "Aa", both cases in a class
    return len(name) == 1 or pair or name.lower() in _SPELLED_OUT or bool(_SAYS_CHARACTER.search(name))


def _is_word(name: str, *, grey: bool) -> bool:
    letters = sum(letter.isalpha() for letter in name)
    return letters >= (_LETTERS_OF_A_WORD if grey else 2) and not _is_character(name, grey=grey)
