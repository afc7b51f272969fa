"""Inklings beside what people would use instead, on this machine, in one run.

    make bench                                   everything, then growth.py: an hour or more
    make bench BENCH="--only mlp cnn2"           the table of some works; nothing is written
    make bench BENCH="--only mlp --out mine"     the same, written into a folder
    make bench BENCH="--mnist train-images-idx3-ubyte.gz"    with real images where it takes 60,000

Contenders are processes that take turns, one after the other, after a warm-up, in several rounds.
Of each peer all settings are tried first and the fastest goes into the rounds. Figures are medians;
ratios are formed within a round, so that what slows the whole machine for a while slows both sides.
A whole run writes results.json, results.md and results.png when all works are done: what they hold
is always of one run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from contest import ContenderError
from rows import MODULES, WORKS

HERE = Path(__file__).parent


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        """End with the exit code of wrong usage."""
        self.exit(2, f"bench: {message}\n")


def main() -> None:
    """Check what is asked for, and run it; what needs packages is imported once they are known to be there."""
    parser = command_line()
    arguments = parser.parse_args()
    names = list(dict.fromkeys(arguments.only or WORKS))
    out = arguments.out or (None if arguments.only else HERE)
    if arguments.only and out and out.resolve() == HERE.resolve():
        parser.error(f"{out} holds a whole run, which some works alone would replace; name another folder")
    if lacking := missing(names):
        parser.error(f"{sys.executable} lacks {', '.join(lacking)}; `make bench` makes .venv-bench and runs there")
    if out and (refusal := refused(out)):
        parser.error(f"cannot write into {out}: {refusal}")
    from inklings.errors import DataError

    try:
        run(names, arguments.rounds, arguments.mnist, out)
        if out and not arguments.only:
            from growth import grow

            grow(out)
    except DataError as error:
        parser.error(str(error))
    except ContenderError as failure:
        parser.exit(1, f"bench: {failure}; nothing more is written\n")
    except KeyboardInterrupt:
        parser.exit(130, "bench: interrupted; nothing more is written\n")


def command_line() -> Parser:
    """Describe the command line."""
    parser = Parser(
        "bench.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--only", nargs="+", type=work_name, metavar="WORK", help=f"these alone, of {', '.join(WORKS)}")
    parser.add_argument(
        "--rounds", type=count, help="turns that each contender takes (3, and 9 to an accuracy)", metavar="N"
    )
    parser.add_argument(
        "--mnist", type=Path, metavar="FILE", help="MNIST's train-images-idx3-ubyte.gz, its labels beside it"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="folder for the results (benchmarks; none with --only)"
    )
    return parser


def work_name(text: str) -> str:
    """Read the name of a work."""
    if text not in WORKS:
        raise argparse.ArgumentTypeError(f"unknown work '{text}'; known are {', '.join(WORKS)}")
    return text


def count(text: str) -> int:
    """Read a whole number of at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number of at least 1")
    return int(text)


def refused(out: Path) -> str:
    """Tell why files cannot be written into a folder, which is made if need be."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            return ""
    except OSError as error:
        return "it is a file" if out.is_file() else error.strerror or str(error)


def missing(names: list[str]) -> list[str]:
    """Name the modules that these works need and this Python lacks."""
    peers = {peer for name in names for peer in WORKS[name].peers}
    needed = {"inklings", "numpy"}.union(*(MODULES[peer] for peer in peers))
    return sorted(module for module in needed if find_spec(module) is None)


def run(names: list[str], rounds: int | None, mnist: Path | None, out: Path | None) -> None:
    """Do the works one after the other, print the table, and write it where that is wanted."""
    from images import prepare
    from record import environment, summary, table, write
    from rounds import compete

    outcomes = []
    with tempfile.TemporaryDirectory(prefix="inklings-bench-") as temporary:
        folder = Path(temporary)
        data = prepare(folder, {WORKS[name].data for name in names}, mnist)
        for name in names:
            done = compete(WORKS[name], data[WORKS[name].data], folder, rounds)
            outcomes += done
            print("\n".join(map(summary, done)), flush=True)
    images = "MNIST" if mnist else "the bundled 5,000 digits, twelve times over"
    finished = table(outcomes, environment(outcomes, images))
    print(f"\n{finished}", flush=True)
    if out:
        write(outcomes, finished, out)


if __name__ == "__main__":
    main()
