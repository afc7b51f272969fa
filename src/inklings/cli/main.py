"""The command ``inklings``: its sub-commands, imported when they are used, and how errors are reported."""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import click
from click.shell_completion import CompletionItem

from inklings import __version__
from inklings.cli.command import Group
from inklings.cli.option_names import describe_error, describe_note, describe_usage_error, options_of
from inklings.cli.tables import visible
from inklings.errors import (
    FREE_MEMORY,
    DataWarning,
    InklingsError,
    InterruptedWarning,
    OutOfMemoryError,
    RunError,
    TrainingWarning,
)
from inklings.extras import is_out_of_memory
from inklings.serialise import did_you_mean

# By trying on two cores: 350 MB is too little for SciPy, 600 MB is enough; each core's thread has a stack and buffers.
_ADDRESS_SPACE, _ADDRESS_SPACE_PER_CORE = 450_000_000, 64_000_000

INTERRUPTED = 130  # the custom: 128 and the number of the signal

# By what one wants to do: each command's name, and its line in the help. Both stand here, not with the command, so that
# `inklings --help` and the completion of a command's name import none of them.
SECTIONS: dict[str, dict[str, str]] = {
    "Train and compare": {
        "train": "Train one network and store the run.",
        "compare": "Train several networks on the same split and write a report.",
        "search": "Search for the settings that suit your images.",
        "variation": "Find out how much chance moves an accuracy.",
        "learning-curve": "Find out whether more training images would help.",
    },
    "Use a trained network": {
        "predict": "Classify pictures.",
        "read": "Read the characters on a page.",
        "evaluate": "Measure accuracy on labelled images.",
        "insight": "Draw what a network has learnt, and why it answers so.",
        "export": "Export to a page, ONNX, Keras or PyTorch.",
    },
    "Look at data, networks and runs": {
        "lab": "Open a page to draw, look inside networks and train them.",
        "data": "Describe a data set, show examples, find wrong labels.",
        "networks": "List the named networks or show one's layers.",
        "runs": "List, show, compare and save stored runs.",
        "report": "Write a report of stored runs, or of a study.",
    },
    "Check this machine, and learn more": {
        "doctor": "Find out what makes training slow.",
        "help": "Explain data, networks, recipe, runs and more.",
    },
}
COMMANDS = {name: line for section in SECTIONS.values() for name, line in section.items()}
_MODULES = {"read": "predict"}  # where a command is not in the module of its own name


class LazyGroup(Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"inklings.cli.{_MODULES.get(name, name)}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands' lines, in sections."""
        widest = max(map(len, COMMANDS))
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                # Padded, so that the sections' columns line up.
                formatter.write_dl([(name.ljust(widest), line) for name, line in commands.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name without importing any: click's own way would import all of them."""
        names = [CompletionItem(name, help=COMMANDS[name]) for name in COMMANDS if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest the one that was probably meant."""
        # A shell that asks for completions is not to be answered with an error.
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"no command '{args[0]}'; {did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    example="inklings compare softmax mlp --quick\ninklings train cnn2 --save digits.inkling",
)
@click.version_option(__version__, prog_name="inklings", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def app(debug: bool) -> None:
    """Train small neural networks on labelled images, compare them fairly, look inside."""


def main() -> None:
    """Run the command line; every error ends here, as one line and an exit code."""
    # First of all: whatever follows may print.
    _open_streams()
    debug = "--debug" in sys.argv
    # Wherever it was typed: click would take it before the command's name alone.
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            _check_address_space(arguments)
            # Not standalone, in which click prints errors in its own words and ends the process.
            sys.exit(app.main(arguments, prog_name="inklings", standalone_mode=False))
    except InklingsError as error:
        _end(describe_error(error, _options_of(arguments)), error.exit_code, debug)
    except click.UsageError as error:
        _end(describe_usage_error(error), error.exit_code, debug)
    except click.ClickException as error:
        _end(error.format_message(), error.exit_code, debug)
    except (KeyboardInterrupt, click.Abort) as error:
        _end(str(error) or "interrupted", INTERRUPTED, debug)
    # A library that cannot be loaded for want of memory comes as an ImportError.
    except (MemoryError, ImportError) as error:
        if not is_out_of_memory(error):
            _end(f"this is a fault in Inklings, please report it ({error}); --debug shows where", 1, debug)
        _end(f"there is not enough memory; {FREE_MEMORY}", OutOfMemoryError.exit_code, debug)
    except BrokenPipeError:
        _close_output()  # whoever read the output has seen enough
        sys.exit(1)
    except OSError as error:
        _close_output()
        _end(_describe_failure(error), 1, debug)
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
        _end(f"this is a fault in Inklings, please report it ({fault}); --debug shows where", 1, debug)


def _check_address_space(arguments: list[str]) -> None:
    """Refuse to compute within less address space than SciPy's libraries take.

    Where ``ulimit -v`` leaves no room for its buffers, OpenBLAS tries to reserve them for minutes, and nothing ends it.
    """
    from inklings.hardware import address_space_limit, cores

    limit, needed = address_space_limit(), _ADDRESS_SPACE + cores().usable * _ADDRESS_SPACE_PER_CORE
    if arguments and "--help" not in arguments and limit is not None and limit < needed:
        found = f"`ulimit -v` allows {limit / 1e6:.0f} MB of address space, expected at least {needed / 1e6:.0f} MB"
        raise RunError(found, "raise it, or start the command in another shell")


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print as one line what a user's file should change; other warnings are for programmers and say where."""
    # A command that was interrupted tells how to go on.
    if issubclass(category, InterruptedWarning):
        return
    if issubclass(category, DataWarning | TrainingWarning):
        click.echo(f"note: {visible(describe_note(str(message)))}", err=True)
    elif issubclass(category, FutureWarning):
        click.echo(f"note: {message}", err=True)
    else:
        click.echo(warnings.formatwarning(message, category, filename, lineno, line), err=True, nl=False)


def _options_of(arguments: list[str]) -> set[str]:
    """Return the options of the command that was typed."""
    name = next((argument for argument in arguments if argument in COMMANDS), "")
    command = app.get_command(click.Context(app), name)
    return options_of(command) if command else set()


def _open_streams() -> None:
    """Let anything be printed: to nowhere where a stream is closed, as by ``>&-`` (Python has None in its place)."""
    # What is opened next would get the closed stream's number, and whatever a library prints would end in that file.
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    nowhere = Path(os.devnull)
    sys.stdout = sys.stdout or nowhere.open("w")
    sys.stderr = sys.stderr or nowhere.open("w")
    # A file's name may hold bytes that are not text: a strict stream would refuse them, and with them all that was
    # found.
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _close_output() -> None:
    """Let nothing more be written, not even on the way out, where it would fail a second time."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _describe_failure(error: OSError) -> str:
    """Say what the system refused, and where."""
    place = error.filename if error.filename is not None else "a file or the output"
    return f"{place}: {error.strerror or error}; run it again with --debug to see where"


def _end(message: str, exit_code: int, debug: bool) -> None:
    """Print an error as one line, after its traceback if that is asked for."""
    if debug:
        import traceback

        traceback.print_exc()
    click.echo(f"inklings: {visible(' '.join(message.split()))}", err=True)
    sys.exit(exit_code)
