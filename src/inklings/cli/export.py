"""``inklings export``: a trained network for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from inklings.cli.tables import print_facts
from inklings.errors import RunError

FORMATS = ("onnx", "keras", "torch")


@click.command()
@click.argument("model")
@click.argument("out")
@click.option("--to", type=click.Choice(FORMATS), help="What for.  [default: onnx for a file that ends with .onnx]")
@click.option("--force", is_flag=True, help="Write over files that are there.")
def export(model: str, out: str, to: str | None, force: bool) -> None:
    """Write a trained network as ONNX, or as a script that rebuilds it in Keras or PyTorch.

    MODEL is a file that `inklings train --save` wrote. OUT is network.onnx, or with --to keras or --to torch a script
    such as network.py; its weights go beside it, as network.npz.
    """
    from inklings.models import load
    from inklings.storage import write_atomically, writing

    path = Path(out)
    to = to or ("onnx" if path.suffix == ".onnx" else None)
    if to is None:
        raise click.UsageError(
            f"{out} ends with neither .onnx nor is it told what for; add --to {' or '.join(FORMATS)}"
        )
    loaded = load(model)
    expected = ".onnx" if to == "onnx" else ".py"
    if path.suffix != expected:
        raise RunError(f"{out}: a file for {to} ends with {expected}", f"name it {path.with_suffix(expected)}")
    if path.stem in ("keras", "torch", "numpy"):
        raise RunError(f"{out}: Python would take it for the library {path.stem}", f"name it my_{path.name}")
    files = [path] if to == "onnx" else [path, path.with_suffix(".npz")]
    _check(files, force)
    if to == "onnx":
        from inklings.export import to_onnx

        with writing(path):
            write_atomically(path, to_onnx(loaded).SerializeToString())
    else:
        from inklings.export import write_script

        with writing(path):
            write_script(loaded, to, path)
    print_facts([(heading, str(file)) for heading, file in zip(("written", "weights"), files, strict=False)])


def _check(files: list[Path], force: bool) -> None:
    for file in files:
        if file.is_dir() or not file.parent.is_dir():
            found = "is a folder" if file.is_dir() else f"there is no folder {file.parent}"
            raise RunError(f"{file}: {found}, expected a file in a folder that exists")
        if file.exists() and not force:
            raise RunError(f"{file}: is there already", "choose another name, or --force to write over it")
