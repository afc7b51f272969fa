"""What a shell offers at the Tab key: names of networks, data sets and runs, and files.

Every press of the key starts Python anew, so nothing here imports more than the command itself has imported: a run's id
is the name of a folder, and is found without opening the run.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

Completions = list[CompletionItem]

FOLDER = "inklings.runs"
"""Where a context keeps the folder of runs that is named after a command of `inklings runs`."""


def complete_files(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Completions:
    """Let the shell complete a path itself."""
    return [CompletionItem(incomplete, type="file")]


def complete_folders(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Completions:
    """Let the shell complete a folder's path itself."""
    return [CompletionItem(incomplete, type="dir")]


def complete_networks(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Completions:
    """Offer the named networks, or files that describe one."""
    from inklings.training import PRESETS

    return _names_or_files(PRESETS, incomplete)


def complete_contenders(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Completions:
    """Offer the named networks and opponents, or files that describe a network."""
    from inklings.opponents.presets import OPPONENTS
    from inklings.training import PRESETS

    return _names_or_files([*PRESETS, *OPPONENTS], incomplete)


def complete_data(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Completions:
    """Offer the named data sets, or files."""
    from inklings.data.sources import DATA_SETS

    return _names_or_files(DATA_SETS, incomplete)


def complete_runs(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Completions:
    """Offer the ids of the runs in the folder that is asked about."""
    context: click.Context | None = ctx
    # Of `runs show`, the group before it has the option.
    while context is not None and "folder" not in context.params:
        context = context.parent
    given = context.params["folder"] if context else "inklings-runs"
    folder = Path(ctx.meta.get(FOLDER) or given)
    # By their names alone: reading hundreds of manifests would be felt at the Tab key.
    runs = sorted(path.parent.name for path in folder.glob("*/run.json"))
    return [CompletionItem(id) for id in runs if id.startswith(incomplete)]


def _names_or_files(names: Iterable[str], incomplete: str) -> Completions:
    # Files first: bash empties its list at a "file", which then counts where no name fits.
    fitting = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return [CompletionItem(incomplete, type="file"), *fitting]
