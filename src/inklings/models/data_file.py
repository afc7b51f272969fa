"""Files and folders of images opened as a model's training data were: to be classified, or to measure it by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inklings.data.build import without_missing
from inklings.data.dataset import Dataset
from inklings.data.decide import interpret, shape_of_rows
from inklings.data.interpretation import Interpretation
from inklings.data.labels import Encoded, encode_labels
from inklings.data.notes import Decision
from inklings.data.open import open_dataset
from inklings.data.raw import RawArrays, ReadOptions
from inklings.data.sources import is_named, read_source
from inklings.errors import DataError
from inklings.models.answers import Answers
from inklings.models.arrangement import arrange_like
from inklings.models.classes import match_classes, name_ten
from inklings.models.picture_framing import framer_for
from inklings.models.pixel_order import choose_order, find_lying_digits
from inklings.models.raw_images import Applied, apply_again, fit_network
from inklings.models.transposed import SIDEWAYS, describe_lying, find_by_mean, find_transposed

if TYPE_CHECKING:
    from inklings.models.model import Model

BLOCK = 1000
"""Images that are classified together; progress is reported after each block."""


def predict_file(
    model: Model,
    path: str | Path,
    options: ReadOptions | None = None,
    *,
    as_found: bool = False,
    whole: bool | None = None,
    keep_lines: bool = False,
    first_id: int | None = None,
    processes: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Answers:
    """Classify the images of a file or folder, which needs no labels.

    Parameters
    ----------
    model : Model
    path : str or Path
        Any kind of data that training reads.
    options : ReadOptions, optional
        How to read it; what is said here overrides what was decided in training.
    as_found : bool
        Whether range and polarity are decided from these pixels alone.
    whole : bool, optional
        Whether pictures are resized whole, or the ink is found in each and framed; None: as the model was trained.
    keep_lines : bool
        Whether to look for no lines of the paper where the ink is found in pictures.
    first_id : int, optional
        The number of the first row, in place of the names of its images; 0 where the file does not name them.
    processes : bool
        Whether many pictures are prepared in processes: see
        :func:`inklings.models.predict_pictures.predict_pictures`.
    on_progress : callable, optional
        Called with how many images are classified, and how many there are.

    Raises
    ------
    DataError
        The file cannot be read, or its images cannot be brought to the network's shape.
    """
    options = replace(options or ReadOptions(), labelled=False)
    raw = read_source(path, _like_training(model, options, whole, keep_lines, processes))
    applied = _apply(model, raw, options, as_found=as_found or model.interpretation is None)
    applied = _say_if_transposed(model, raw, options, applied)
    total = len(applied.images)
    found = np.empty((total, len(model.class_names)), np.float32)
    novelty = None if model.novelty is None else np.empty(total)
    for start in range(0, total, BLOCK):
        block = applied.images[start : start + BLOCK]
        found[start : start + BLOCK] = model.predict_proba(block, prepared=True)
        if novelty is not None:
            novelty[start : start + BLOCK] = model.score_novelty(block, prepared=True)
        if on_progress:
            on_progress(start + len(block), total)
    numbered = raw.names is None or first_id is not None
    names = range(first_id or 0, (first_id or 0) + total) if numbered else raw.names or ()
    return Answers(
        tuple(map(str, names)),
        tuple(model.class_names),
        found,
        model.threshold,
        (*raw.notes, *applied.notes),
        novelty,
        None if novelty is None or model.novelty is None else novelty <= model.novelty.threshold,
    )


def open_as_trained(
    model: Model,
    name_or_path: str | Path,
    options: ReadOptions | None = None,
    *,
    as_found: bool = False,
    whole: bool | None = None,
    keep_lines: bool = False,
    class_names: Sequence[str] | None = None,
    processes: bool = False,
) -> Dataset:
    """Open labelled images as a model's training images were opened.

    Parameters
    ----------
    model : Model
    name_or_path : str or Path
        As :func:`inklings.open_dataset` takes it.
    options : ReadOptions, optional
        How to read it; what is said here overrides what was decided in training.
    as_found : bool
        Whether everything is decided from these images alone, as for training.
    whole : bool, optional
        Whether pictures are resized whole, or the ink is found in each and framed; None: as the model was trained.
    keep_lines : bool
        Whether to look for no lines of the paper where the ink is found in pictures.
    class_names : sequence of str, optional
        The names of labels 0, 1, ..., where the data hold numbers.
    processes : bool
        Whether many pictures are prepared in processes: see
        :func:`inklings.models.predict_pictures.predict_pictures`.

    Returns
    -------
    Dataset
        Of the network's size, its labels numbered as the model's classes.

    Raises
    ------
    DataError
        It cannot be read, it has classes that the model does not know, or it is of another shape.
    """
    options = options or ReadOptions()
    if is_named(name_or_path):
        return _open_named(str(name_or_path), _like_training(model, options), options, as_found, class_names)
    raw = read_source(name_or_path, _like_training(model, options, whole, keep_lines, processes))
    try:
        return _build(model, raw, options, as_found=as_found or model.interpretation is None, class_names=class_names)
    except DataError as error:
        raise error.at(raw.source) from error


def _open_named(
    name: str, sized: ReadOptions, options: ReadOptions, as_found: bool, class_names: Sequence[str] | None
) -> Dataset:
    """Open a data set whose meaning is known: it needs no decision, and takes no option that would change one."""
    # Compared with the defaults but for these two, so that an option which is added later is refused as well.
    if options != ReadOptions(size=options.size, labelled=options.labelled) or as_found or class_names is not None:
        raise DataError(f"the data set '{name}' takes no option but size", "leave the others out", found=options)
    named = open_dataset(name)
    return named if named.image_shape[:2] == sized.height_and_width else open_dataset(name, size=sized.size)


def _build(
    model: Model, raw: RawArrays, options: ReadOptions, *, as_found: bool, class_names: Sequence[str] | None
) -> Dataset:
    if raw.labels is None:
        raise DataError("no labels, expected one per image", "`inklings predict` classifies images without labels")
    raw, missing = without_missing(raw, options)
    encoded = encode_labels(np.asanyarray(raw.labels), class_names=class_names or raw.class_names)
    if as_found and not raw.prepared:
        applied, encoded = _decide_anew(model, raw, encoded, options)
        encoded = name_ten(model.class_names, model.interpretation, encoded, applied.images)
    else:
        applied = _apply(model, raw, options, as_found=False)
        encoded = name_ten(model.class_names, model.interpretation, encoded, applied.images)
        # After label 10 is named 0: what lies on its side is known of the ten digits alone.
        applied = _check_order(model, raw, encoded, options, applied)
    labels, _ = match_classes(model.class_names, encoded.class_names, encoded.labels)
    return Dataset(
        applied.images,
        labels,
        model.class_names,
        str(raw.source),
        [*raw.notes, *missing, *encoded.notes, *applied.notes],
        raw.given_test,
        raw.given_validation,
        interpretation=applied.interpretation,
        names=raw.names,
    )


def _apply(model: Model, raw: RawArrays, options: ReadOptions, *, as_found: bool) -> Applied:
    if raw.prepared:
        if options.invert is not None:
            said = "has no effect on pictures in each of which the ink is found"
            raise DataError(said, setting="invert", suggested={"whole": True})
        return Applied(raw.images, Interpretation(), ())
    try:
        return apply_again(raw, model.interpretation, model.input_shape, options, as_found=as_found, resized=True)
    except DataError as error:
        raise error.at(raw.source) from error


def _say_if_transposed(model: Model, raw: RawArrays, options: ReadOptions, applied: Applied) -> Applied:
    """Say so if images look transposed to the network, unless they are pictures or the user decided."""
    if raw.upright or raw.prepared or options.column_major is not None:
        return applied
    evidence = find_transposed(model, applied.images)
    lying = SIDEWAYS if evidence else find_by_mean(model, applied.images)
    if lying is None:
        return applied
    read = "was read as it is" if len(applied.images) == 1 else "were read as they are"
    said, way_out = f"images: {describe_lying(lying)}", "turn them where they are stored"
    if lying == SIDEWAYS:
        now = applied.interpretation.transposed
        said = evidence or describe_lying(lying)
        way_out = f"column_major={not now} turns them, column_major={now} says that they are right"
    return replace(applied, notes=(*applied.notes, Decision(f"{said}, and {read} ({way_out})")))


def _check_order(model: Model, raw: RawArrays, encoded: Encoded, options: ReadOptions, applied: Applied) -> Applied:
    """Turn labelled digits that lie on their side, or only say so, where training or the user decided."""
    order = choose_order(raw, model.interpretation or Interpretation(), options)
    if raw.upright or (evidence := find_lying_digits(applied.images, encoded)) is None:
        return _say_if_transposed(model, raw, options, applied)
    other = not applied.interpretation.transposed
    # As for training, whole images are never turned by what they show, but turned back where their name misled.
    whole = raw.images.ndim > 2 and not raw.transposed
    if options.column_major is not None or order.from_training or whole:
        kept = "as they are" if whole else "as in training"
        kept = "as requested" if options.column_major is not None else kept
        note = f"the images look transposed ({evidence}), and were read {kept} (column_major={other} turns them)"
        return replace(applied, notes=(*applied.notes, Decision(note)))
    turned = _apply(model, raw, replace(options, column_major=other), as_found=False)
    order_found = "column" if other else "row"
    note = f"pixels are {order_found}-major ({evidence}; column_major={not other} overrides)"
    return replace(turned, notes=(*turned.notes, Decision(note)))


def _decide_anew(model: Model, raw: RawArrays, encoded: Encoded, options: ReadOptions) -> tuple[Applied, Encoded]:
    """Decide as for training, from these images and their labels alone."""
    shape = model.input_shape
    own_size = raw.images.ndim == 2 and raw.images.shape[1] == prod(shape)
    options = replace(options, shape=options.shape or (shape[:2] if own_size else None))  # rows of the network's size
    arranged = arrange_like(raw, Interpretation(), shape, rows=shape_of_rows(raw, options), any_size=True)
    grey = options.colour is False or (shape[2] == 1 and arranged.shape[3] == 3)
    read = replace(options, size=None, colour=False if grey else None)  # sized below, once decided
    found, encoded, notes = interpret(raw, arranged, encoded, read)
    return fit_network(found, arranged, shape, notes, resized=True), encoded


def _like_training(
    model: Model,
    options: ReadOptions,
    whole: bool | None = None,
    keep_lines: bool = False,
    processes: bool = False,
) -> ReadOptions:
    """Read pictures as the model takes them, in its size and channels; arrays are brought to these afterwards."""
    height, width, channels = model.input_shape
    if options.size is not None and options.height_and_width != (height, width):
        size = options.height_and_width
        raise DataError(
            f"is {size}, expected {height} x {width} as the model was trained on",
            "leave it out",
            setting="size",
            found=size,
            expected=(height, width),
        )
    # A model that was saved without its preprocessing takes pictures whole.
    framer = None
    if model.preprocessing:
        preparation = replace(model.preparation, keep_lines=keep_lines)
        framer = framer_for(preparation, whole, invert=options.invert, processes=processes)
    options = replace(options, size=(height, width), colour=channels == 3, framer=framer)
    known = model.interpretation
    return options if known is None else replace(options, deep=known.deep, backdrop=known.backdrop)
