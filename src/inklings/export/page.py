"""A trained network as a page that anyone can open."""

from __future__ import annotations

from pathlib import Path

from inklings.data.dataset import Dataset, Split
from inklings.errors import DataError, RunError
from inklings.models.model import Model
from inklings.serialise import arguments_from_plain
from inklings.storage import write_atomically
from inklings.web.browser_model import smallest_browser_model
from inklings.web.page_images import MOST_TRAINING, choose_images
from inklings.web.single_page import single_page


def write_page(model: Model, path: Path, learn: Dataset | None = None, *, train: int = MOST_TRAINING) -> int:
    """Write a model to an HTML file that needs no other; return how many bytes it takes.

    Parameters
    ----------
    model : Model
        Of a network or an ensemble.
    path : Path
    learn : Dataset, optional
        Some of its images go into the file, and the page trains on them: divided as they were when the model was
        trained on them.
    train : int
        How many training images.

    Raises
    ------
    RunError
        It is the model of an opponent, which no browser can compute.
    DataError
        The data set's images are of another shape, or of a class that the network does not know.
    OSError
        The file cannot be written there.
    """
    if learn is not None and learn.image_shape != model.input_shape:
        raise DataError(f"the images have shape {learn.image_shape}, expected the network's {model.input_shape}")
    images = None
    if learn is not None:
        images = choose_images(split_as_trained(model, learn), model.class_names, train=train)
    content = single_page(smallest_browser_model(model), images).encode()
    write_atomically(path, content)
    return len(content)


def split_as_trained(model: Model, data: Dataset) -> Split:
    """Divide images as they were when a model was trained on them, so that what it has not seen is the test part."""
    facts, division = model.training.get("data", {}), model.training.get("split", {})
    # Of other images nothing is known of how they were divided: the usual split.
    known = facts.get("fingerprint") == data.fingerprint
    options = division.get("options", {}) if known else {}
    return data.split(**arguments_from_plain(Dataset.split, options, "the model's split.options", RunError))
