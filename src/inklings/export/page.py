"""A trained network as a page that anyone can open."""

from __future__ import annotations

import warnings
from pathlib import Path

from inklings.arguments import as_path, caller_stacklevel, checks_call
from inklings.data.dataset import Dataset
from inklings.data.parts import Split
from inklings.errors import DataError, DataWarning, RunError
from inklings.models.data_file import open_as_trained
from inklings.models.model import Model
from inklings.models.training_split import part_of_training, split_of_training
from inklings.storage import write_atomically, writing
from inklings.web.browser_model import smallest_browser_model
from inklings.web.page_images import MOST_TRAINING, choose_images
from inklings.web.single_page import single_page

LEAST_IMAGES, MOST_IMAGES = 50, 20_000
"""Training images of a page: with fewer it learns nothing worth watching, more make the file too large to hand out."""


@checks_call(DataError, model=Model, images=int)
def write_page(
    model: Model, path: str | Path, learn: str | Path | Dataset | Split | None = None, *, images: int | None = None
) -> Path:
    """Write a model to an HTML page that opens in any browser, needs no other file, and sends nothing anywhere.

    Parameters
    ----------
    model : Model
        Of a network or an ensemble.
    path : str or Path
        Of the page, which is replaced if it is there.
    learn : str, Path, Dataset or Split, optional
        Data whose images go into the file, for all who get it to see, and on which the page trains: divided as they
        were when the model was trained on them. A name or path is opened as the training images were.
    images : int, optional
        How many training images ``learn`` puts into it, from 50 to 20,000; all if there are fewer. 1,000 if not given.

    Returns
    -------
    Path
        The page.

    Warns
    -----
    DataWarning
        The page's test images may be among those that the model learnt from: it is not known which these are, or the
        data are these. Give a Split.

    Raises
    ------
    RunError
        It is the model of an opponent, which no browser can compute; or the page cannot be written there.
    DataError
        The data cannot be read, or their images are of another shape, or of a class that the network does not know.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> model = inklings.fit(plan.network, plan.recipe, split).to_model()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = inklings.export.write_page(model, Path(folder) / "page.html")
    ...     page.read_text()[:15]
    '<!doctype html>'
    """
    page = as_path(path, "a page", RunError)
    if images is None:
        images = MOST_TRAINING
    elif learn is None:
        raise DataError("is given, but no data to take them from", "write_page(..., learn=data)", setting="images")
    if not LEAST_IMAGES <= images <= MOST_IMAGES:
        expected = f"{LEAST_IMAGES} to {MOST_IMAGES:,}"
        raise DataError(f"is {images}, expected {expected}", setting="images", found=images, expected=expected)
    split = None if learn is None else _split_of(model, learn)
    carried = None if split is None else choose_images(split, model.class_names, train=images)
    content = single_page(smallest_browser_model(model), carried)
    with writing(page):
        write_atomically(page, content)
    return page


def _split_of(model: Model, learn: str | Path | Dataset | Split) -> Split:
    """Return the images that a page learns from and is tested on."""
    opened = learn if isinstance(learn, Dataset | Split) else open_as_trained(model, learn)
    data = opened.dataset if isinstance(opened, Split) else opened
    if data.image_shape != model.input_shape:
        raise DataError(f"the images have shape {data.image_shape}, expected the network's {model.input_shape}")
    return opened if isinstance(opened, Split) else _divide(model, opened)


def _divide(model: Model, data: Dataset) -> Split:
    """Divide images as they were when a model was trained on them, so that what it has not seen is the test part."""
    fingerprint = model.training.get("data", {}).get("fingerprint")
    known = fingerprint == data.fingerprint
    split = split_of_training(model.training, data) if known else None
    learnt = part_of_training(model.training, data) == "train"
    if learnt or (split is None and (known or fingerprint is None)):
        note = "the model learnt from these images, the page's test images among them"
        if not learnt:
            note = "it is not known which of these images the model learnt from"
            note += ": the page's test images may be among them"
        warnings.warn(note, DataWarning, stacklevel=caller_stacklevel())
    # Of other images nothing is known of how they were divided: the usual split.
    return data.split() if split is None else split
