"""Options that several commands share."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inklings.cli.command import SectionOption
from inklings.cli.completion import complete_data, complete_files, complete_folders
from inklings.cli.option_names import describe_note
from inklings.cli.tables import visible
from inklings.engines import ENGINES, engine_name
from inklings.engines.select import NATIVE, RENAMED, describe_fallback, describe_renaming

if TYPE_CHECKING:
    from inklings.data import Dataset, Split
    from inklings.data.raw import ReadOptions

_REPRODUCIBLE = "inklings.reproducible"
"""The key of a command's ``meta`` under which the option is kept until the engine is chosen."""
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

READING = (
    "images",
    "labels",
    "size",
    "column_major",
    "invert",
    "colour",
    "skip",
    "shape",
    "axes",
    "drop_missing",
    "grid",
    "tile",
    "skip_damaged",
    "without",
    "zero_based",
    "decimal",
)
"""What ``open_dataset`` takes besides the name."""


_data_option = partial(click.option, cls=SectionOption, section="Data")


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of how data files are read."""
    options = (
        _data_option("--images", metavar="NAME", help="Variable, column or file that holds the images."),
        _data_option(
            "--labels",
            metavar="NAME",
            help="Variable, column or file that holds the labels. On a sheet also by-row=N or by-column=N: each N rows "
            "or columns are a class. In folders also by-folder=N: the folders at the Nth level are the classes.",
        ),
        _data_option("--size", metavar="N | HxW", help="Resize the images."),
        _data_option(
            "--column-major/--row-major", default=None, help="Order of the pixels, if it is not detected correctly."
        ),
        _data_option(
            "--invert/--no-invert", default=None, help="Swap dark and light, if that is not detected correctly."
        ),
        _data_option("--colour/--grey", default=None, help="Keep three channels, or convert to one."),
        _data_option("--skip", multiple=True, metavar="NAME", help="Leave a column of a table out; may be repeated."),
        _data_option("--shape", metavar="HxW", help="Height and width of flat rows of pixels that are not square."),
        _data_option(
            "--axes",
            metavar="LETTERS",
            help="What each axis of an array is, where several fit: n images, h rows, w columns, c channels, p pixels, "
            "as in hwn.",
        ),
        _data_option("--drop-missing", is_flag=True, help="Leave out images without a label."),
        _data_option("--grid", metavar="RxC", help="Rows and columns of a sheet: one picture that holds many."),
        _data_option("--tile", metavar="N | HxW", help="Size of each picture on a sheet, in place of --grid."),
        _data_option("--skip-damaged", is_flag=True, help="Leave out pictures that cannot be decoded, and count them."),
        _data_option("--zero-based/--one-based", default=None, help="First index of a LIBSVM file."),
        _data_option(
            "--decimal",
            type=click.Choice([".", ","]),
            metavar=". | ,",
            help="Decimal separator of a text table, where 63,359 or 63.359 may be thousands.",
        ),
    )
    # From the last, as a stack of decorators is applied: the help then has them in this order.
    for option in reversed(options):
        command = option(command)
    return command


without_option = _data_option(
    "--without",
    metavar="FILE.csv",
    shell_complete=complete_files,
    help="Leave out, or relabel, what this table of `inklings data check` says.",
)
as_found_option = _data_option(
    "--as-found", is_flag=True, help="Decide what the pixels mean from this data alone, not as in training."
)
whole_option = _data_option(
    "--whole/--framed",
    default=None,
    help="Resize pictures whole, or find the ink in each and frame it, if not as the network was trained.",
)

keep_lines_option = click.option(
    "--keep-lines",
    is_flag=True,
    help="Do not look for lines of the paper: bars drawn with a ruler can look like them.",
)


def open_data(name: str, options: dict[str, Any]) -> Dataset:
    """Open a data set as the reading options say, and print what was decided about its meaning."""
    from inklings.data.notes import decisions
    from inklings.data.open import open_again

    # Its notes are printed below as lines of the command's own, without Python's file name and line number.
    dataset = open_again(name, **options)
    print_notes(decisions(dataset.notes))
    return dataset


def read_options(typed: dict[str, Any]) -> ReadOptions:
    """Return what was typed about reading a source as the readers take it."""
    from inklings.data.open import read_options_of

    return read_options_of(**typed)


def print_notes(notes: Iterable[str]) -> None:
    """Print each note once, on standard error, with settings as they are typed."""
    for note in dict.fromkeys(notes):
        click.echo(f"note: {visible(describe_note(note))}", err=True)


def how_opened(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of :func:`open_data` as plain values, for a run to store."""
    from inklings.data.size_options import check_pair, parse_size

    pairs = {name: check_pair(name, options.get(name)) for name in ("shape", "grid", "tile")}
    kept = {**options, **pairs, "size": parse_size(options.get("size"))}
    without = kept.pop("without", None)
    if without is not None:
        from inklings.data.mending_table import read_mending

        # What it says today: the file may be edited again, and the run's images must stay what they were.
        kept["without"] = read_mending(without).to_plain()
    return {"name": name, **kept}


def note_duplicates(split: Split) -> None:
    """Print how many images are in more than one part, if any: they make a test accuracy look better than it is."""
    if split.crossing_duplicates:
        count = split.crossing_duplicates
        images = "1 image occurs" if count == 1 else f"{count:,} images occur"
        click.echo(f"note: {images} in more than one part of the split", err=True)


def typed_command() -> str:
    """Return the command as it was typed, for runs and reports to say how they were made; without passwords.

    Both are given away, and the password of a database is nobody else's.
    """
    pairs = zip(sys.argv, sys.argv[1:], strict=False)
    return f"inklings {shlex.join(_without_password(before, each) for before, each in pairs)}"


def _without_password(before: str, argument: str) -> str:
    """Return an argument; of an address, user:password@host and ?password=... without what is secret."""
    # One that lacks its :// as well: it will be refused, in a log perhaps.
    if "://" not in argument and before != "--storage":
        return argument
    user = r"(://[^/:@]*)" if "://" in argument else r"^([^/:@]*)"
    argument = re.sub(rf"{user}:.*@", r"\1:***@", argument)
    return re.sub(r"(?<=password=)[^&]*", "***", argument)


def command_to_continue() -> str:
    """Return the command as it was typed, with ``--continue``."""
    command = typed_command()
    return command if "--continue" in sys.argv[1:] else f"{command} --continue"


def command_to_continue_run(folder: Path, *more: str) -> str:
    """Return the command that continues the run in a folder; ``more`` stands at its end."""
    return shlex.join(["inklings", "train", "--runs", str(folder.parent), "--continue", folder.name, *more])


runs_option = click.option(
    "--runs",
    "folder",
    default="inklings-runs",
    envvar="INKLINGS_RUNS",
    show_default=True,
    show_envvar=True,
    metavar="FOLDER",
    shell_complete=complete_folders,
    help="Folder of the stored runs.",
)


def out_option(default: str) -> Decorator:
    """Return the option for the folder of a report."""
    return click.option(
        "--out",
        default=default,
        show_default=True,
        metavar="FOLDER",
        shell_complete=complete_folders,
        help="Folder for the report.",
    )


def file_option(name: str, metavar: str, line: str, **settings: Any) -> Decorator:  # noqa: ANN401 - as click.option has them
    """Return an option that takes a path."""
    return click.option(name, metavar=metavar, shell_complete=complete_files, help=line, **settings)


class EngineChoice(click.Choice[str]):
    """The engines; one that is typed by its old name is taken, with a line that says its new one."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return today's name."""
        if value in RENAMED:
            click.echo(f"note: {describe_renaming(value)}", err=True)
        return super().convert(RENAMED.get(value, value), param, ctx)


def _choose_engine(context: click.Context, parameter: click.Parameter, name: str) -> str:
    """Return the engine's own name; a slower one never takes the native one's place without a word."""
    # A shell that asks for completions is told nothing.
    if context.resilient_parsing:
        return name
    if context.meta.get(_REPRODUCIBLE):
        if name not in ("auto", *NATIVE):
            raise click.UsageError(f"--reproducible and --engine {name} are both given, expected one of them", context)
        return "reproducible"
    chosen = engine_name(name)
    if name == "auto" and chosen != "native":
        click.echo(f"note: {describe_fallback()}", err=True)
    return chosen


def _note_reproducible(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    context.meta[_REPRODUCIBLE] = value


def engine_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option for the engine, and the one that names one of them."""
    flag = click.option(
        "--reproducible",
        is_flag=True,
        is_eager=True,  # read before --engine, whose value it decides
        expose_value=False,
        callback=_note_reproducible,
        help="The same weights on every processor of this kind, in three to five times the time.",
    )
    choice = click.option(
        "--engine",
        type=EngineChoice(ENGINES),
        default="auto",
        show_default=True,
        callback=_choose_engine,
        help="Engine; auto picks the fastest one available.",
    )
    return choice(flag(command))


data_option = _data_option(
    "--data",
    "name",
    default="digits",
    show_default=True,
    metavar="NAME",
    shell_complete=complete_data,
    help="Data set: a name or a path.",
)
seed_option = click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Seed of the split, initial weights, shuffling and dropout.",
)
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Show no progress.")
