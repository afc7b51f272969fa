"""A trained network or opponent, ready to use, with its classes, its training and its preprocessing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inklings.arguments import as_path, checks_call, refuses_unknown
from inklings.data.dataset import Dataset
from inklings.data.lazy_images import Images
from inklings.data.parts import Split
from inklings.errors import DataError, InklingsError, RunError
from inklings.models.classifier import PredictingClassifier
from inklings.models.file import Contents, read_model, unusable, write_model
from inklings.models.model_of_files import ModelOfFiles
from inklings.models.training_split import describe_training_split
from inklings.networks import Network, Parameters

if TYPE_CHECKING:
    from inklings.models.inputs import Inputs
    from inklings.models.preparation import Preparation
    from inklings.models.transposed import TransposedWatch
    from inklings.training import FitResult

_AT_ONCE = 1000
"""Images whose novelty is measured together."""


@refuses_unknown(DataError, preparation="Model.from_parameters(network, parameters, preparation)")
@dataclass(frozen=True, eq=False, repr=False)  # else it would write one of its own over the inherited
class Model(ModelOfFiles):
    """What classifies, with its parameters, class names and metadata.

    Parameters
    ----------
    classifier : Network, Ensemble or FrozenOpponent
    parameters : dict of str to array
        ``"layer_name/kind"`` to values, which may not be changed afterwards.
    class_names : sequence of str
        In the order of the outputs.
    training : mapping, optional
        How it was trained, as plain values: recipe, data, accuracy with its interval.
    preprocessing : mapping, optional
        How pictures must be preprocessed, and how raw pixels become the images that it reads, as plain values.
    novelty : Novelty, optional
        What tells images like those that it learnt from others.

    Raises
    ------
    NetworkError
        The parameters do not fit.
    DataError
        There are not as many class names as there are outputs.

    Examples
    --------
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> model = inklings.Model.from_fit(inklings.fit(plan.network, plan.recipe, split), split)
    >>> model.predict(split.test.images[:3]).shape, model.predict_proba(split.test.images[:3]).shape
    ((3,), (3, 10))
    """

    @classmethod
    @checks_call(DataError)
    def from_fit(cls, fitted: FitResult, data: Dataset | Split | Preparation) -> Self:
        """Return a trained network as a Model that treats new pixels as it did those it was trained on.

        Parameters
        ----------
        fitted : FitResult
        data : Dataset, Split or Preparation
            As in :meth:`from_parameters`; a Preparation leaves the class names to the split it was trained on. Where
            the result does not know that split, as after pickling, a Split is taken to be it.
        """
        if not hasattr(fitted, "parameters"):
            raise DataError(f"found a {type(fitted).__name__}, expected what inklings.fit returns")
        training = {"recipe": fitted.recipe.to_dict(), "engine": fitted.engine}
        split = data if fitted.split is None and isinstance(data, Split) else fitted.split
        if split is not None:
            training |= describe_training_split(split)
        known = () if split is None else split.dataset.class_names
        return cls.from_parameters(fitted.network, fitted.parameters, data, known, training)

    @classmethod
    @checks_call(DataError)
    def from_parameters(
        cls,
        classifier: Network | PredictingClassifier,
        parameters: Parameters,
        data: Dataset | Split | Preparation,
        class_names: Sequence[str] = (),
        training: Mapping[str, Any] | None = None,
    ) -> Self:
        """Return parameters from anywhere as a Model that treats new pixels as those of some data.

        Parameters
        ----------
        classifier, parameters, training
            As of a Model.
        data : Dataset, Split or Preparation
            Class names, and how images came from raw pixels; a Preparation has no class names.
        class_names : sequence of str
            With a Preparation; the numbers from 0 if not given.
        """
        from inklings.models.preparation import class_names_and_preparation

        outputs = getattr(classifier, "output_count", 0)  # 0: whatever has none is refused as a classifier
        names, preparation = class_names_and_preparation(data, class_names, outputs)
        return cls(classifier, parameters, names, training or {}, preparation.to_plain())

    @checks_call(DataError)
    def predict_proba(
        self, images: ArrayLike | Dataset, *, prepared: bool | None = None, as_found: bool = False
    ) -> NDArray[np.floating[Any]]:
        """Return class probabilities.

        Parameters
        ----------
        images : array of numbers, or Dataset
            Raw pixels as those that the network was trained on came, in any shape that
            :func:`inklings.data.axes.images_first` accepts: they are scaled, inverted, transposed and resized as in
            training. Or a Dataset, whose images are prepared already.
        prepared : bool, optional
            True takes arrays as they are: paper 0 and ink 1, of the network's size, as a Dataset's ``images`` are.
            None takes arrays so only where they cannot be of the training images' kind, and says so.
        as_found : bool
            Whether range and polarity are decided from these pixels alone, not as in training.

        Returns
        -------
        array, shape (n, classes)
            Rows sum to 1; sigmoid outputs, each a probability of its own, are divided by their sum.

        Warns
        -----
        DataWarning
            The pixels contradict what was decided in training: another range, or dark and light swapped; or they look
            transposed (:mod:`inklings.models.transposed`).

        Raises
        ------
        DataError
            The images are of another size, or hold NaN or infinity.
        NetworkError
            The weights are so large that an output is NaN or infinite.
        """
        pixels = self._read(images, prepared, as_found)
        return self._predictor.predict_proba(pixels)

    @checks_call(DataError)
    def predict(
        self,
        images: ArrayLike | Dataset,
        *,
        prepared: bool | None = None,
        as_found: bool = False,
        as_index: bool = False,
    ) -> NDArray[Any]:
        """Return the most probable class of each image.

        Parameters
        ----------
        images, prepared, as_found
            As in :meth:`predict_proba`.
        as_index : bool
            Whether to return each class's place among ``class_names``, in place of its name.

        Returns
        -------
        array, shape (n,)
            Names as text; as integers where all of them are whole numbers, as labels of digits usually are.
        """
        pixels = self._read(images, prepared, as_found)
        classes: NDArray[np.int64] = self._predictor.predict_proba(pixels).argmax(1)
        # (classes,) indexed by (n,): names or numbers, by how the labels were called in training.
        return classes if as_index else self._labels[classes]

    @checks_call(DataError)
    def activations(
        self, images: ArrayLike | Dataset, *, prepared: bool | None = None, as_found: bool = False
    ) -> dict[str, NDArray[np.floating[Any]]]:
        """Return every layer's output for each image, by the layer's name; see :meth:`predict_proba`.

        Raises
        ------
        NetworkError
            It is the model of an ensemble, or of an opponent, which has no layers.
        """
        from inklings.models.network_predictor import NetworkPredictor

        network, pixels = self.network, self._read(images, prepared, as_found)
        return NetworkPredictor(network, self.parameters).activations(pixels)

    @checks_call(DataError)
    def score_novelty(
        self, images: ArrayLike | Dataset, *, prepared: bool | None = None, as_found: bool = False
    ) -> NDArray[np.float64]:
        """Return how unlike what it learnt each image is, shape (n,): above ``novelty.threshold`` it is novel.

        The parameters are those of :meth:`predict_proba`; see :mod:`inklings.models.novelty` for how it is measured.

        Raises
        ------
        DataError
            As :meth:`predict_proba`; or the model has no measure of novelty.
        """
        if self.novelty is None:
            raise DataError("the model has no measure of novelty", "save it anew from its run: inklings runs save")
        pixels = self._read(images, prepared, as_found)
        # In parts, since subspaces and detectors make several arrays of the images' size.
        parts = [pixels[start : start + _AT_ONCE] for start in range(0, len(pixels), _AT_ONCE)]
        return np.concatenate([self.novelty.score(part, *self.features_and_logits(part)) for part in parts])

    @checks_call(RunError)
    def save(self, path: str | Path) -> None:
        """Write the model to one file, which :func:`inklings.load` reads; see :mod:`inklings.models.file`.

        Raises
        ------
        RunError
            The file cannot be written there, or its name is that of another format, such as digits.onnx.
        """
        contents = Contents(
            self.classifier, self.parameters, self.class_names, self.training, self.preprocessing, self.novelty
        )
        write_model(as_path(path, "a model's file", RunError), contents)

    @staticmethod
    @checks_call(RunError)
    def load(path: str | Path) -> Model:
        """Load a model that :meth:`save` wrote: :func:`inklings.load`."""
        return load(path)

    def _read(self, images: ArrayLike | Dataset, prepared: bool | None, as_found: bool) -> Images:
        """Return images as the network reads them, with warnings of what contradicts the training images."""
        pixels = self._inputs.read(images, prepared=prepared, as_found=as_found)
        # Not of a Dataset, nor of prepared images: which way up those are was decided before.
        if not prepared and not isinstance(images, Dataset):
            self._transposed.warn(self, pixels)
        return pixels

    @cached_property
    def _transposed(self) -> TransposedWatch:
        from inklings.models.transposed import TransposedWatch

        return TransposedWatch()

    @cached_property
    def _inputs(self) -> Inputs:
        from inklings.models.inputs import Inputs

        return Inputs(self.input_shape, self.interpretation)


@checks_call(RunError)
def load(path: str | Path) -> Model:
    """Load a model that :meth:`Model.save` wrote.

    Raises
    ------
    RunError
        The file is missing, is something else, was altered or truncated, or has a newer version.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import inklings
    >>> split, plan = inklings.open_dataset("digits").split(), inklings.preset("softmax", (20, 20, 1), 10)
    >>> model = inklings.Model.from_fit(inklings.fit(plan.network, plan.recipe, split), split)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "digits.inkling"
    ...     _ = model.save(path)
    ...     inklings.load(path).class_names[:3]
    ('0', '1', '2')
    """
    path = as_path(path, "a model", RunError)
    contents = read_model(path)
    try:
        return Model(*contents)
    except InklingsError as problem:
        raise unusable(path, problem) from None
