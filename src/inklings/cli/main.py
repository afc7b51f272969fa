"""The command ``inklings``: its sub-commands, loaded when they are used, and what becomes of errors."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from inklings import __version__
from inklings.cli.option_names import describe_error, options_of
from inklings.errors import InklingsError
from inklings.serialise import did_you_mean

INTERRUPTED = 130  # the custom: 128 and the number of the signal

# Name: where it is, and its line in the help, so that the help loads none of them.
COMMANDS = {
    "train": ("inklings.cli.train:train", "Train one network and keep the run."),
    "compare": ("inklings.cli.compare:compare", "Train several networks on the same images, and report."),
    "learning-curve": ("inklings.cli.learning_curve:learning_curve", "Say whether more images would help."),
    "predict": ("inklings.cli.predict:predict", "Say what pictures show, with a trained network."),
    "read": ("inklings.cli.predict:read", "Read the characters on a page."),
    "evaluate": ("inklings.cli.evaluate:evaluate", "Measure how well a trained network reads labelled images."),
    "export": ("inklings.cli.export:export", "Write a trained network for ONNX, Keras or PyTorch."),
    "networks": ("inklings.cli.networks:networks", "List the networks that have a name, or show one's layers."),
    "data": ("inklings.cli.data:data", "Look at labelled images."),
    "report": ("inklings.cli.report:report", "Write a report of stored runs."),
    "doctor": ("inklings.cli.doctor:doctor", "Say what makes training slow on this machine."),
    "runs": ("inklings.cli.runs:runs", "List the runs that are kept, or show one."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, in the order of the way one works."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands' lines."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the one that was probably meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"no command '{args[0]}'; {did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="inklings", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show where an error came from.")
def app(debug: bool) -> None:
    """Train small neural networks on labelled images, compare them honestly, look inside."""


def main() -> None:
    """Run the command line; every error ends here, as one line and an exit code."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        sys.exit(app.main(arguments, prog_name="inklings", standalone_mode=False))
    except InklingsError as error:
        _end(describe_error(error, _options_of(arguments)), error.exit_code, debug)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        hint = f"; `{error.ctx.command_path} --help` shows how" if error.ctx else ""
        _end(f"{error.format_message().rstrip('.')}{hint}", error.exit_code, debug)
    except click.ClickException as error:
        _end(error.format_message(), error.exit_code, debug)
    except (KeyboardInterrupt, click.Abort) as error:
        _end(str(error) or "interrupted", INTERRUPTED, debug)
    except BrokenPipeError:
        # Whoever read the output has seen enough; nothing more may be written, not even on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        _end(f"unexpected {type(error).__name__}: {error}; run it again with --debug to see where", 1, debug)


def _options_of(arguments: list[str]) -> set[str]:
    """Return the options of the command that was typed."""
    name = next((argument for argument in arguments if argument in COMMANDS), "")
    command = app.get_command(click.Context(app), name)
    return options_of(command) if command else set()


def _end(message: str, exit_code: int, debug: bool) -> None:
    """Print an error as one line, after where it came from if that is asked for."""
    if debug:
        import traceback

        traceback.print_exc()
    click.echo(f"inklings: {' '.join(message.split())}", err=True)
    sys.exit(exit_code)
