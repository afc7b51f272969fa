"""What a Model does with files and for other programs: methods that hand on to the functions which do the work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from numpy.typing import ArrayLike

from inklings.arguments import checks_call
from inklings.data.dataset import Dataset
from inklings.data.open import READING, read_options_of
from inklings.data.parts import Split
from inklings.data.raw import ReadOptions
from inklings.errors import DataError
from inklings.models.trained_classifier import TrainedClassifier
from inklings.synonyms import hints_attributes

if TYPE_CHECKING:
    from onnx import ModelProto

    import inklings
    from inklings.models.answers import Answers
    from inklings.models.model import Model


@hints_attributes(
    score="model.evaluate(data), whose accuracy has an interval",
    accuracy="model.evaluate(data).accuracy",
    fit="inklings.fit(network, recipe, split), which trains",
    summary="model.network.table()",
    export="model.to_onnx(), model.write_page(path) or model.write_script(path, to=...)",
    classes="model.class_names",
    classes_="model.class_names",
    weights="model.parameters",
)
@dataclass(frozen=True, eq=False, repr=False)
class ModelOfFiles(TrainedClassifier):
    """Half of :class:`inklings.Model`: the methods that read and write files. Those that take arrays are in its own."""

    @checks_call(DataError, takes=READING, options=ReadOptions)
    def predict_file(
        self,
        path: str | Path,
        options: ReadOptions | None = None,
        *,
        as_found: bool = False,
        whole: bool | None = None,
        keep_lines: bool = False,
        first_id: int | None = None,
        **reading: Any,  # noqa: ANN401 - as open_dataset takes it
    ) -> Answers:
        """Classify the images of a file or folder, which needs no labels, as ``inklings predict`` does.

        Parameters
        ----------
        path : str or Path
            Any kind of data that training reads.
        options : ReadOptions, optional
            How to read it, in one object; or by name, as :func:`inklings.open_dataset` takes it: ``images``, ``size``,
            ``column_major``, ... What is said here overrides what was decided in training.
        as_found : bool
            Whether range and polarity are decided from these pixels alone.
        whole : bool, optional
            Whether pictures are resized whole, or the ink is found in each and framed; None: as in training.
        keep_lines : bool
            Whether to look for no lines of the paper where the ink is found in pictures.
        first_id : int, optional
            The number of the first row, in place of the names of its images.

        Returns
        -------
        Answers
            ``names``, ``labels``, ``probabilities``, ``familiar``; ``to_frame()`` makes a data frame of them.

        Raises
        ------
        DataError
            The file cannot be read, or its images cannot be brought to the network's shape.
        """
        from inklings.models.data_file import predict_file

        if options is not None and reading:
            raise DataError("is given, and reading options by name too, expected one of them", setting="options")
        options = read_options_of(**reading) if options is None else options
        how: dict[str, Any] = {"as_found": as_found, "whole": whole, "keep_lines": keep_lines, "first_id": first_id}
        return predict_file(cast("Model", self), path, options, **how)

    @checks_call(DataError)
    def evaluate(
        self,
        data: str | Path | ArrayLike | Dataset,
        labels: ArrayLike | None = None,
        **options: Any,  # noqa: ANN401 - as inklings.evaluate takes them
    ) -> inklings.experiments.EvaluationReport:
        """Measure accuracy on labelled images: :func:`inklings.evaluate`, whose parameters it takes."""
        import inklings

        return inklings.evaluate(cast("Model", self), data, labels, **options)

    @checks_call(DataError)
    def to_onnx(self, *, input: str | None = None) -> ModelProto:
        """Return the model as an ONNX graph: :func:`inklings.export.to_onnx`, whose parameter ``input`` it takes.

        To write it: ``onnx.save(model.to_onnx(), "digits.onnx")``.
        """
        import inklings  # by its face, as a user would: exporting is in a room below

        return inklings.export.to_onnx(cast("Model", self), input=input)

    @checks_call(DataError)
    def write_page(
        self, path: str | Path, learn: str | Path | Dataset | Split | None = None, *, images: int | None = None
    ) -> Path:
        """Write the model as a page for any browser: :func:`inklings.export.write_page`, whose parameters it takes.

        ``model.write_page("page.html", learn="digits", images=500)`` writes one that trains, too.
        """
        import inklings

        return inklings.export.write_page(cast("Model", self), path, learn, images=images)

    @checks_call(DataError)
    def write_script(self, path: str | Path, to: str) -> tuple[Path, Path]:
        """Write a script that rebuilds the network in Keras or PyTorch: :func:`inklings.export.write_script`.

        ``model.write_script("in_torch.py", to="torch")`` writes it, and its weights beside it.
        """
        import inklings

        return inklings.export.write_script(cast("Model", self), to, path)
