"""A model as a short script that rebuilds its network elsewhere, and a file of weights beside it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.errors import DataError
from inklings.export import keras_lines, torch_lines
from inklings.export.raw_input import describe_prepare, prepare_lines
from inklings.models import Model
from inklings.networks import Network, Parameters
from inklings.serialise import did_you_mean
from inklings.storage import write_atomically

Arrays = dict[str, NDArray[Any]]


class Framework(NamedTuple):
    """What is special of a script for one library."""

    template: str
    lines: Callable[[Network], list[str]]
    weights: Callable[[Network, Parameters], Arrays]


SCRIPTS = {
    "keras": Framework(keras_lines.SCRIPT, keras_lines.lines, keras_lines.weights),
    "torch": Framework(torch_lines.SCRIPT, torch_lines.lines, torch_lines.weights),
}
"""What a script can be written for, by the name that :func:`write_script` takes."""


@checks_call(DataError, model=Model)
def write_script(model: Model, to: str, path: str | Path) -> tuple[Path, Path]:
    """Write a script, and the weights as NPZ beside it.

    Parameters
    ----------
    model : Model
    to : {"keras", "torch"}
        What the script rebuilds the network in.
    path : str or Path
        Of the script.

    Returns
    -------
    script, weights : Path

    Raises
    ------
    DataError
        There is no such library, or the script has the name of its weights.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> from inklings.export import write_script
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_script(model, "torch", Path(folder) / "in_torch.py")]
    ['in_torch.py', 'in_torch.npz']
    """
    if not isinstance(to, str) or to not in SCRIPTS:
        # As the other writers have it, the path first.
        swapped = f"write_script(model, {str(path)!r}, {str(to)!r})" if str(path) in SCRIPTS else ""
        raise DataError(f"there is no script for '{to}'", swapped or did_you_mean(str(to), SCRIPTS), found=to)
    framework, script = SCRIPTS[to], Path(path)
    file = script.with_suffix(".npz")
    if file == script:
        raise DataError("is what the weights beside the script are called, expected a name such as net.py", path=path)
    values = {
        "title": _title(model),
        "weights": file.name,
        "script": script.name,
        "classes": repr(list(model.class_names)),
        "shape": repr(model.network.input_shape),
        "images": repr(("n", *model.network.input_shape)).replace("'", ""),
        "layers": "\n".join(f"        {line}," for line in framework.lines(model.network)),
        "raw": f"They are {describe_prepare(model)}",
        "prepare": "\n".join(f"    {line}" for line in prepare_lines(model)),
        # Outputs that already add up to 1 stay as they are.
        "probabilities": "outputs"
        if model.network.output_activation == "softmax"
        else "outputs / outputs.sum(1, keepdims=True)",
    }
    # Not str.format: the template is Python, full of braces. All at once, since a class may be called <shape>.
    text = re.sub(r"<(\w+)>", lambda found: values.get(found[1], found[0]), framework.template)
    write_atomically(script, text)
    arrays: Arrays = {
        name: np.asarray(array, np.float32)
        for name, array in framework.weights(model.network, model.parameters).items()
    }
    # Written in memory first: a file must appear whole or not at all.
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    write_atomically(file, content.getvalue())
    return script, file


def _title(model: Model) -> str:
    """Describe the network and its accuracy, as far as they are known."""
    training = model.training
    name = (
        f"{training['name']} ({training['variant']})" if training.get("variant") else training.get("name", "A network")
    )
    accuracy, interval, images = (training.get(each) for each in ("accuracy", "interval", "n"))
    if accuracy is None or interval is None or images is None:
        return str(name)
    low, high = interval
    return f"{name}, with an accuracy of {accuracy:.1%} ({low:.1%} to {high:.1%}) on {images:,} test images"
