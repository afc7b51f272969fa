"""``inklings lab``: a page to draw, look inside and train."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from inklings.cli.command import Command
from inklings.cli.completion import complete_data, complete_files
from inklings.cli.model_argument import SUFFIX, load_model
from inklings.cli.options import how_opened, open_data, print_notes, reading_options, runs_option
from inklings.data.joined import names_joined
from inklings.data.sources import DATA_SETS
from inklings.errors import RunError
from inklings.extras import importing

if TYPE_CHECKING:
    from inklings.data.dataset import Dataset
    from inklings.experiments.run import Run
    from inklings.experiments.runs import RunStore
    from inklings.lab.access import Access
    from inklings.lab.laboratory import Laboratory
    from inklings.models import Model

_DATA = "digits"


@click.command(
    cls=Command,
    example="inklings lab\ninklings lab digits.inkling\ninklings lab --data pictures/ --no-browser",
)
@click.argument("subjects", nargs=-1, metavar="[MODEL_OR_RUN]...", shell_complete=complete_files)
@click.option(
    "--data",
    "name",
    metavar="NAME",
    shell_complete=complete_data,
    help="Images to look at and to train on: a name or a path.  [default: what the first model learnt, or digits]",
)
@runs_option
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="Port.  [default: 8520, or the next free one]")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Address to listen on; any other than the default lets other machines in, with the token.",
)
@click.option("--no-browser", is_flag=True, help="Print the address without opening a browser.")
@reading_options
def lab(
    subjects: tuple[str, ...],
    name: str | None,
    folder: str,
    port: int | None,
    host: str,
    no_browser: bool,
    **reading: Any,  # noqa: ANN401 - how to read the images
) -> None:
    """Open a page to draw, look inside networks, and train them while you watch.

    MODEL is a file that `inklings train --save` wrote, RUN the id of a stored run. Without any, the newest runs are
    shown, and a small network is trained where there is none. Nothing leaves this machine.
    """
    with importing("starlette", "the lab needs the package starlette", "starlette uvicorn"):
        import starlette.applications  # noqa: F401
    with importing("uvicorn", "the lab needs the package uvicorn", "starlette uvicorn"):
        import uvicorn  # noqa: F401
    from inklings.lab import server
    from inklings.lab.access import Access, allowed_hosts
    from inklings.lab.app import build_app

    laboratory = _open(subjects, name, folder, reading)
    opened = server.open_socket(host, port)
    # 0 asks the system for a free one; and the usual port may have been taken.
    port = opened.getsockname()[1]
    access = Access(allowed_hosts(server.names_of(host), port), port)
    _announce(f"http://{server.reached_by(host)}:{port}/?token=", access, host, no_browser=no_browser)
    try:
        server.serve(build_app(laboratory, access), opened, laboratory.end_streams)
    finally:
        laboratory.close()


def _open(subjects: tuple[str, ...], name: str | None, folder: str, reading: dict[str, Any]) -> Laboratory:
    """Open the images and everything that was named."""
    from inklings.experiments.run import Run
    from inklings.experiments.runs import RunStore
    from inklings.lab.laboratory import Laboratory

    store = RunStore(folder)
    found = [(subject, _find(store, subject)) for subject in subjects]
    data, opened = _open_images(name, reading, [each for _, each in found])
    seed = next((seed for _, each in found if (seed := _seed_of(each, data)) is not None), 0)
    laboratory = Laboratory(data.split(seed=seed), store, opened)
    for subject, each in found:
        if isinstance(each, Run):
            laboratory.add_run(each)
        else:
            laboratory.add_model(Path(subject), each)
    laboratory.add_latest_runs([each for _, each in found if isinstance(each, Run)])
    if not len(laboratory.models):
        laboratory.train_first()
    return laboratory


def _find(store: RunStore, subject: str) -> Model | Run:
    """Return a saved model, or a stored run."""
    if subject.endswith(SUFFIX) or Path(subject).is_file():
        return load_model(subject)
    return store.load(subject)


def _open_images(name: str | None, reading: dict[str, Any], found: list[Model | Run]) -> tuple[Dataset, dict[str, Any]]:
    """Open the images, and return how: as in training those of the first network, but for what was typed."""
    from inklings.data.open import open_dataset
    from inklings.serialise import arguments_from_plain

    first = next((options for each in found if (options := _options_of(each))), {"name": _DATA})
    name = name or first["name"]
    sources = click.get_current_context().get_parameter_source
    typed = {option for option in reading if sources(option) is not ParameterSource.DEFAULT}
    opened = how_opened(name, reading)
    if first["name"] == name:
        # Whatever the options were by default is overridden, too: a network that learnt from colours reads no grey.
        opened |= {option: value for option, value in first.items() if option not in typed}
    others = {option: value for option, value in opened.items() if option != "name"}
    arguments = arguments_from_plain(open_dataset, others, "the model's data.options", RunError)
    return open_data(name, arguments), opened


def _facts_of(found: Model | Run) -> Mapping[str, Any]:
    from inklings.models import Model

    return found.training if isinstance(found, Model) else found.facts


def _seed_of(found: Model | Run, data: Dataset) -> int | None:
    """Return by which seed these images were split for its training: what it was tested on then is new to it."""
    facts = _facts_of(found)
    is_same = facts.get("data", {}).get("fingerprint") == data.fingerprint
    return facts.get("split", {}).get("seed") if is_same else None


def _options_of(found: Model | Run) -> dict[str, Any]:
    """Return how the images that it was trained on were opened, if they had a name or a path and are still there."""
    options = _facts_of(found).get("data", {}).get("options", {})
    name = options.get("name")
    if not isinstance(name, str):
        return {}
    parts = names_joined(name) or [name]
    return dict(options) if all(part in DATA_SETS or Path(part).exists() for part in parts) else {}


def _announce(address: str, access: Access, host: str, *, no_browser: bool) -> None:
    """Print the address, and open it."""
    from inklings.lab.access import is_loopback
    from inklings.lab.browser import has_screen, open_browser

    click.echo(address + access.token)
    notes = []
    if not is_loopback(host):
        notes.append(
            "other machines can open this address too, if they have its token, which is asked for with every request; "
            "what passes between them and this one is not encrypted"
        )
    if not no_browser and has_screen():
        # Not the token itself: a program's arguments can be read by other users of the machine. A pass works once.
        open_browser(address + access.issue_pass())
    elif not no_browser:
        notes.append("no browser was found here: open the address in one, through a tunnel if it is on another machine")
    print_notes(notes)
    click.echo("Ctrl-C ends it", err=True)
