"""A trained classifier with all that belongs to it, which answers about images that are prepared for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.class_labels import as_labels
from inklings.data.interpretation import Interpretation
from inklings.data.lazy_images import Images, ImageStack
from inklings.errors import DataError, NetworkError
from inklings.models.classifier import PredictingClassifier, Predictor, predictor_of
from inklings.models.ensemble import Ensemble
from inklings.models.network_of import network_of
from inklings.models.novelty import Novelty
from inklings.networks import Network, Parameters
from inklings.notebook import as_paragraph

if TYPE_CHECKING:
    from inklings.models.preparation import Preparation


@dataclass(frozen=True, eq=False, repr=False)
class TrainedClassifier:
    """What a :class:`inklings.Model` is made of, checked when it is made. Of raw pixels and files it knows nothing.

    The parameters and errors are those of a Model.
    """

    classifier: Network | PredictingClassifier
    parameters: Parameters
    class_names: Sequence[str]
    training: Mapping[str, Any] = field(default_factory=dict)
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    novelty: Novelty | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.classifier, Network) and not hasattr(self.classifier, "check_parameters"):
            raise NetworkError(f"the network is {self.classifier!r}, expected an inklings.Network")
        if not isinstance(self.class_names, Iterable) or isinstance(self.class_names, str):
            raise DataError(f"class_names is {self.class_names!r}, expected a name for each output")
        object.__setattr__(self, "class_names", tuple(map(str, self.class_names)))
        for name in ("training", "preprocessing"):
            if not isinstance(values := getattr(self, name), Mapping):
                hint = "write preprocessing.to_plain(), or see Model.from_parameters" if name == "preprocessing" else ""
                raise DataError(f"{name} is of type {type(values).__name__}, expected plain values", hint)
        self.classifier.check_parameters(self.parameters)
        if len(self.class_names) != self.classifier.output_count:
            kinds = {Network: "a network", Ensemble: "an ensemble"}
            kind = kinds.get(type(self.classifier), "an opponent")
            raise DataError(f"{len(self.class_names)} class names for {kind} of {self.classifier.output_count} outputs")

    def __getstate__(self) -> dict[str, Any]:
        # What it is, without what its use has made: an engine's reader holds locks and memory of this process.
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def __repr__(self) -> str:
        height, width, channels = self.input_shape
        told = f"{self.training.get('name', 'unnamed')}, {len(self.class_names)} classes, images of {height} x {width}"
        return f"<Model {told} x {channels}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook: what it is and, of a network, its layers."""
        layers = self.classifier._repr_html_() if isinstance(self.classifier, Network) else ""
        return as_paragraph(f"{repr(self).strip('<>')}: {', '.join(self.class_names)}") + layers

    @property
    def network(self) -> Network:
        """The network; a NetworkError for a model of an ensemble, or of an opponent, which has no layers."""
        return network_of(self.classifier, self.training.get("name", "this model"))

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the images that it reads."""
        return self.classifier.input_shape

    @cached_property
    def preparation(self) -> Preparation:
        """The preprocessing of pictures; a DataError if the model was saved without it."""
        from inklings.models.preparation import Preparation

        return Preparation.from_plain(self.preprocessing)

    @cached_property
    def interpretation(self) -> Interpretation | None:
        """How the training images came from raw pixels, which is applied to new ones; None if it was not kept."""
        values = self.preprocessing.get("interpretation")
        return None if values is None else Interpretation.from_plain(values)

    @property
    def threshold(self) -> float | None:
        """The probability below which a prediction is not confident; None if none was chosen."""
        sure = self.training.get("sure")
        return float(sure["threshold"]) if sure else None

    @checks_call(DataError, images=(np.ndarray, ImageStack))
    def features_and_logits(self, images: Images) -> tuple[NDArray[np.floating[Any]] | None, NDArray[np.floating[Any]]]:
        """Return the last hidden layer's outputs, None for a network without one, and the logits of prepared images.

        Of an opponent, the features that it decides by, None for the pixels, and its scores; of an ensemble, the
        first member's features and the mean of all members' logits.
        """
        return self._predictor.features_and_logits(images)

    @cached_property
    def _labels(self) -> NDArray[Any]:
        return as_labels(self.class_names)

    @cached_property
    def _predictor(self) -> Predictor:
        return predictor_of(self.classifier, self.parameters)
