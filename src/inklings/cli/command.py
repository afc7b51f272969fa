"""What all commands have: help in sections that ends with an example, and the previous version's spellings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

USAGE = 2  # the exit code of a command line that was not understood


def note_renamed(old: str, new: str) -> None:
    """Print that a spelling has a new name; the old one is accepted until the next version.

    Parameters
    ----------
    old, new : str
        As they are typed: ``"--sure-at"`` and ``"--target-accuracy"``.
    """
    click.echo(f"note: {old} is now {new}; the old spelling will be refused from the next version on", err=True)


class SectionOption(click.Option):
    """An option that the help lists under a heading, with others of its kind."""

    def __init__(self, *arguments: Any, section: str, **settings: Any) -> None:  # noqa: ANN401 - as click.Option has them
        super().__init__(*arguments, **settings)
        self.section = section


class Command(click.Command):
    """A command with examples and, maybe, renamed options.

    Parameters
    ----------
    example : str
        Command lines as a user would type them, one per line.
    renamed : mapping of str to str, optional
        Old names of options, with dashes, and their new names. Help and completion show the new ones only.
    """

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401 - as click.Command has them
        example: str = "",
        renamed: Mapping[str, str] | None = None,
        **settings: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*arguments, **settings)
        self.example, self.renamed = example, dict(renamed or {})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what was typed, with old names of options replaced by the new ones."""
        return super().parse_args(ctx, self._with_new_names(ctx, args))

    # Before click parses: an alias of an option would be listed in the help as if it were to stay.
    def _with_new_names(self, ctx: click.Context, args: list[str]) -> list[str]:
        replaced: list[str] = []
        for place, argument in enumerate(args):
            if argument == "--":  # what follows are names of files, whatever they look like
                return replaced + args[place:]
            name, equals, value = argument.partition("=")
            if new := self.renamed.get(name):
                if not ctx.resilient_parsing:  # a shell that asks for completions is told nothing
                    note_renamed(name, new)
                argument = f"{new}{equals}{value}"
            replaced.append(argument)
        return replaced

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options' lines, those of each section together."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            line = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if line:
                sections.setdefault(getattr(parameter, "section", "Options"), []).append(line)
        for title in sorted(sections, key="Options".__eq__):  # the general ones last
            with formatter.section(title):
                formatter.write_dl(sections[title])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        super().format_epilog(ctx, formatter)
        write_examples(self.example, formatter)


class Group(click.Group):
    """A group of such commands, with examples of its own."""

    command_class = Command

    def __init__(self, *arguments: Any, example: str = "", **settings: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **settings)
        self.example = example

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what was typed; print the help if nothing was."""
        # click's own way has another exit code and another exception in each of its versions.
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(USAGE)
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        super().format_epilog(ctx, formatter)
        write_examples(self.example, formatter)


def write_examples(example: str, formatter: click.HelpFormatter) -> None:
    """Write command lines as they are: wrapped, they could not be copied."""
    lines = example.splitlines()
    if lines:
        with formatter.section("Examples" if len(lines) > 1 else "Example"):
            for line in lines:
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
