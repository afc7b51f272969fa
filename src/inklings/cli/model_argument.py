"""The model, which comes first wherever a trained network is used: ``inklings predict MODEL PICTURE``."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inklings.errors import RunError

if TYPE_CHECKING:
    from inklings.models import Model

DEFAULT, VARIABLE = "digits.inkling", "INKLINGS_MODEL"
SUFFIX = ".inkling"


def split_model(
    words: Sequence[str], what: str, is_subject: Callable[[str], bool] | None = None
) -> tuple[str, list[str]]:
    """Part what was typed into the model and what it is to be used on.

    Parameters
    ----------
    words : sequence of str
        The positional arguments: ``[MODEL] WHAT``, or ``[MODEL] WHAT...``.
    what : str
        The second one's name in the help, for messages.
    is_subject : callable, optional
        For a command that takes several of them: tells whether the first word is one already, and no model. Without
        it exactly one is taken, so that the number of words tells.

    Returns
    -------
    model : str
        A path: the one typed, else the environment's ``INKLINGS_MODEL``, else ``digits.inkling``.
    rest : list of str

    Raises
    ------
    click.UsageError
        Nothing is left beside the model, or too much.
    """
    several = is_subject is not None
    given = not is_subject(words[0]) if is_subject else len(words) > 1 or words[0].endswith(SUFFIX)
    model = words[0] if given else os.environ.get(VARIABLE) or DEFAULT
    rest = list(words[given:])
    if not rest:
        raise click.UsageError(f"missing {what} after the model {model}", click.get_current_context())
    if len(rest) > 1 and not several:
        raise click.UsageError(f"got {len(words)} arguments, expected MODEL {what}", click.get_current_context())
    return model, rest


def is_model_file(path: Path) -> bool:
    """Whether a file begins as a model's does, whatever it is called: with the length of a JSON text, and the text."""
    with path.open("rb") as file:
        # A safetensors file: eight bytes of length, then the text.
        return file.read(10)[8:] == b'{"'


def load_model(path: str) -> Model:
    """Load a model, or say how to make one where there is none."""
    from inklings.models import load

    if not Path(path).exists():
        hint = f"train one: inklings train cnn2 --save {DEFAULT}; another one is named first"
        raise RunError("no such file, expected a trained model", hint, path=path)
    return load(path)
