"""Evaluating a model on images from anywhere: what ``inklings evaluate`` does."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from inklings.arguments import caller_stacklevel, checks_call
from inklings.data.dataset import Dataset
from inklings.data.labels import as_label_array, encode_labels, find_missing
from inklings.data.notes import decisions
from inklings.data.open import READING, as_mending, read_options_of
from inklings.data.parts import Split
from inklings.errors import DataError, DataWarning
from inklings.evaluation.evaluate import EvaluationReport, evaluate_model, report_of
from inklings.experiments.unseen import choose_unseen
from inklings.models.classes import match_classes
from inklings.models.data_file import open_as_trained
from inklings.models.model import Model


@checks_call(DataError, takes=READING, model=Model)
def evaluate(
    model: Model,
    data: str | Path | ArrayLike | Dataset,
    labels: ArrayLike | None = None,
    *,
    everything: bool = False,
    as_found: bool = False,
    whole: bool | None = None,
    keep_lines: bool = False,
    class_names: Sequence[str] | None = None,
    without: str | Path | None = None,
    **reading: Any,  # noqa: ANN401 - as open_dataset takes it
) -> EvaluationReport:
    """Measure how accurate a model is on labelled images.

    Parameters
    ----------
    model : Model
    data : str, Path, Dataset or array
        A name or path as :func:`inklings.open_dataset` takes it, opened as the training images were: of the data set
        that the model was trained on, the test images of its split. A Dataset is taken as it is, such as
        ``split.test``. An array holds raw pixels as :meth:`inklings.Model.predict` takes them, and needs ``labels``.
    labels : array, shape (n,), optional
        The classes of an array's images, by name or, where the names are numbers, as numbers.
    everything : bool
        Whether images that the model was trained on count, too.
    as_found : bool
        Whether range and polarity are decided from these pixels alone, not as in training.
    whole : bool, optional
        Whether pictures are resized whole, or the ink in each is found and framed; None: as the model was trained.
    keep_lines : bool
        Whether to look for no lines of the paper where the ink is found in pictures.
    class_names : sequence of str, optional
        The names of labels 0, 1, ..., where the data hold numbers and the model has names.
    without : str or Path, optional
        The table of findings that ``inklings data check`` wrote: images to leave out, and new labels.
    **reading
        How to read a path, as :func:`inklings.open_dataset` takes it: ``images``, ``size``, ``invert``, ...

    Returns
    -------
    EvaluationReport
        ``accuracy`` with its 95 % ``interval``, ``classes``, ``confusion``, ``reliability``; ``notes`` say what was
        decided about the data.

    Warns
    -----
    DataWarning
        What is in the report's ``notes``, unless it was said when the data set was opened.

    Raises
    ------
    DataError
        The data cannot be read, hold a class that the model does not know, or are of another image size.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> model = inklings.fit(plan.network, plan.recipe, split).to_model()
    >>> report = inklings.evaluate(model, split.test)  # or "mnist", "pictures/", or arrays: (model, images, labels)
    >>> report.images, report.accuracy > 0.85, report.interval.low < report.accuracy
    (1250, True, True)
    """
    of_files: dict[str, Any] = {"whole": whole, "keep_lines": keep_lines or None, "without": without, **reading}
    of_pixels: dict[str, Any] = {"as_found": as_found or None, "class_names": class_names}
    if isinstance(data, Dataset):
        _refuse({"labels": labels, **of_files, **of_pixels}, "a data set that is open already")
        return _of_dataset(model, data, everything)
    if isinstance(data, str | Path):
        if not isinstance(labels, str | None):
            raise DataError("labels are an array, expected none: a file's are read with it", "or give both as arrays")
        # Of a file, `labels` is what open_dataset takes: the variable, column or file that holds them.
        return _warned(measure_path(model, data, everything=everything, labels=labels, **of_files, **of_pixels))
    _refuse({"everything": everything or None, **of_files}, "an array")
    return _of_array(model, data, labels, as_found, class_names)


def measure_path(
    model: Model,
    data: str | Path,
    *,
    everything: bool = False,
    as_found: bool = False,
    whole: bool | None = None,
    keep_lines: bool | None = None,
    class_names: Sequence[str] | None = None,
    without: str | Path | None = None,
    processes: bool = False,
    **reading: Any,  # noqa: ANN401 - as open_dataset takes it
) -> EvaluationReport:
    """Evaluate a model as :func:`evaluate` does, without a DataWarning: what these would say is in ``notes``."""
    opening: dict[str, Any] = {
        "as_found": as_found,
        "whole": whole,
        "keep_lines": bool(keep_lines),
        "class_names": class_names,
        "processes": processes,
    }
    with warnings.catch_warnings(record=True) as issued:
        # By its default Python shows a warning of one line of code once.
        warnings.simplefilter("always", DataWarning)
        opened = open_as_trained(model, data, read_options_of(**reading), **opening)
        mending = None if without is None else as_mending(without)
        dataset, unseen = choose_unseen(model.training, opened, mending, everything=everything)
        report = evaluate_model(model, dataset)
    for each in issued:
        # Recorded with ours: libraries' own, which are for whoever called.
        if not issubclass(each.category, DataWarning):
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno, source=each.source)
    decided = decisions(opened.notes)
    # A decision says already how these pixels differ from the training images'; else the model's warning does.
    warned = [] if decided else [str(each.message) for each in issued if issubclass(each.category, DataWarning)]
    return replace(report, notes=tuple(dict.fromkeys([*decided, *unseen, *warned, *report.notes])))


def _of_dataset(model: Model, data: Dataset, everything: bool) -> EvaluationReport:
    unseen, notes = choose_unseen(model.training, data, everything=everything)
    report = evaluate_model(model, unseen)
    return _warned(replace(report, notes=(*notes, *report.notes)), said=decisions(data.notes))


def _of_array(
    model: Model, images: ArrayLike, labels: ArrayLike | None, as_found: bool, class_names: Sequence[str] | None
) -> EvaluationReport:
    if isinstance(images, Split):
        raise DataError("found a Split, expected one part of it", "evaluate(model, split.test)")
    if labels is None:
        raise DataError("the images have no labels, expected one for each", "evaluate(model, images, labels)")
    raw = as_label_array(labels)
    if missing := int(find_missing(raw).sum()):
        raise DataError(f"{missing:,} of {len(raw):,} labels are missing", "leave these images out")
    encoded = encode_labels(raw, class_names=class_names)
    numbers, notes = match_classes(model.class_names, encoded.class_names, encoded.labels)
    probabilities = model.predict_proba(images, as_found=as_found)
    if len(probabilities) != len(numbers):
        raise DataError(f"{len(numbers):,} labels for {len(probabilities):,} images, expected one for each")
    familiar = None
    if model.novelty is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # said by predict_proba
            familiar = model.score_novelty(images, as_found=as_found) <= model.novelty.threshold
    return _warned(report_of(model, probabilities, numbers, notes, familiar))


def _warned(report: EvaluationReport, *, said: Sequence[str] = ()) -> EvaluationReport:
    """Issue a warning for each note that nobody has said yet."""
    for note in report.notes:
        if note not in said:
            warnings.warn(note, DataWarning, stacklevel=caller_stacklevel())
    return report


def _refuse(options: Mapping[str, Any], what: str) -> None:
    for name, value in options.items():
        # False is an answer, too: where pixels are inverted unless one says no, dropping the "no" inverts them.
        if value is not None:
            raise DataError(f"has no effect on {what}", "leave it out", setting=name)
