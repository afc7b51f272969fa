"""``inklings export``: a trained network for other programs, or as a page that anyone can open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from inklings.cli.command import Command
from inklings.cli.completion import complete_data, complete_files
from inklings.cli.json_output import json_option, print_json, wants_json
from inklings.cli.model_argument import load_model, split_model
from inklings.cli.tables import print_facts
from inklings.errors import RunError

if TYPE_CHECKING:
    from inklings.models import Model

FORMATS = ("onnx", "keras", "torch", "page")
ENDINGS = {"onnx": ".onnx", "page": ".html"}
"""What files end in; the others are scripts in Python."""
INPUTS = ("raw", "pictures", "prepared")
_IMPORTED = ("keras", "torch", "numpy")  # by the scripts


@click.command(
    cls=Command,
    example="inklings export digits.inkling digits.onnx\ninklings export digits.inkling page.html\n"
    "inklings export digits.inkling in_torch.py --to torch",
)
@click.argument("words", nargs=-1, required=True, metavar="[MODEL] FILE", shell_complete=complete_files)
@click.option("--to", type=click.Choice(FORMATS), help="Format.  [default: by FILE's end: .onnx or .html]")
@click.option(
    "--input",
    "given",
    type=click.Choice(INPUTS),
    help="What an ONNX graph takes.  [default: pictures or raw pixels, as in training]",
)
@click.option(
    "--learn",
    "data",
    metavar="DATA",
    help="A page that trains, too: some images of DATA, a name or a path, go into the file for all who get it to see.",
    shell_complete=complete_data,
)
@click.option(
    "--images",
    type=click.IntRange(50, 20_000),
    help="How many training images --learn takes.  [default: 1000, or all if there are fewer]",
)
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@json_option
def export(
    words: tuple[str, ...], to: str | None, given: str | None, data: str | None, images: int | None, force: bool
) -> None:
    """Export a trained network to ONNX, to a page, or to a script that rebuilds it in Keras or PyTorch.

    MODEL is a file that `inklings train --save` wrote; without it $INKLINGS_MODEL, or digits.inkling. FILE is
    network.onnx; or page.html, which opens in any browser, from the disk too: one draws, sees the answer and looks
    inside, and nothing is sent anywhere; or with --to keras or --to torch a script such as network.py, whose weights
    are written beside it, to network.npz. What was decided of the training pixels (range, polarity, order, size,
    colours) is part of the graph, and of the script's function `prepare`. Opponents, which have no layers, go to ONNX
    alone, ensembles to ONNX and to pages.
    """
    from inklings.storage import writing

    model, (out, *_) = split_model(words, "FILE")
    path = Path(out)
    # A script's .py does not say for which of two libraries.
    to = to or next((name for name, ending in ENDINGS.items() if path.suffix == ending), None)
    if to is None:
        formats = " or ".join(FORMATS)
        problem = f"{out} ends neither in .onnx nor in .html, and no format was given; add --to {formats}"
        raise click.UsageError(problem, click.get_current_context())
    loaded = load_model(model)
    files = [path] if to in ENDINGS else [path, path.with_suffix(".npz")]
    if given is not None and to != "onnx":
        raise click.UsageError("--input is for ONNX; a script has a function `prepare`", click.get_current_context())
    if (data is not None and to != "page") or (images is not None and data is None):
        problem = "--learn is for pages" if data is not None else "--images is for --learn"
        raise click.UsageError(problem, click.get_current_context())
    _check_name(path, to)
    _check_places(files, force)
    with writing(path):
        told = _write_page(loaded, path, data, images) if to == "page" else _write(loaded, to, path, given)
    if wants_json():
        print_json({**dict(told), "files": files})
        return
    print_facts(told)
    print_facts([(heading, str(file)) for heading, file in zip(("written", "weights"), files, strict=False)])


def _write(model: Model, to: str, path: Path, given: str | None) -> list[tuple[str, str]]:
    """Write a graph or a script; return what to say of it."""
    from inklings.storage import write_atomically

    if to == "onnx":
        from inklings.export import to_onnx

        made = to_onnx(model, input=given)
        write_atomically(path, made.SerializeToString())
        return [("input", made.graph.doc_string.removeprefix("images: "))]
    from inklings.export import write_script
    from inklings.export.raw_input import describe_prepare

    write_script(model, to, path)
    return [("input", f"`prepare` takes {describe_prepare(model)}")]


def _write_page(model: Model, path: Path, name: str | None, images: int | None) -> list[tuple[str, str]]:
    """Write a page, with images of the data of that name if there is one; return what to say of it."""
    from inklings.export import write_page
    from inklings.models.data_file import open_as_trained

    data = None if name is None else open_as_trained(model, name, processes=True)
    write_page(model, path, data, images=images)
    told = [("page", f"{path.stat().st_size / 1e6:.1f} MB, opens in any browser, without a network")]
    if data is not None:
        told.append(("images", f"of {data.source} are part of the file: anyone who gets it can see them"))
    return told


def _check_name(path: Path, to: str) -> None:
    expected = ENDINGS.get(to, ".py")
    if path.suffix != expected:
        what = "a page" if to == "page" else f"a file for {to}"
        raise RunError(f"{path}: {what} ends in {expected}", f"name it {path.with_suffix(expected)}")
    if expected != ".html" and path.stem in _IMPORTED:
        problem = f"{path}: Python would import it in place of the library {path.stem}"
        raise RunError(problem, f"name it my_{path.name}")


def _check_places(files: list[Path], force: bool) -> None:
    for file in files:
        if file.is_dir() or not file.parent.is_dir():
            found = "is a folder" if file.is_dir() else f"there is no folder {file.parent}"
            raise RunError(f"{file}: {found}, expected a file in a folder that exists")
        if file.exists() and not force:
            raise RunError(f"{file}: already exists", "choose another name, or --force to overwrite it")
