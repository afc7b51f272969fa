"""From a stored run to a model where its images are not at hand: by what the run itself holds."""

from __future__ import annotations

from inklings.data.interpretation import Interpretation
from inklings.errors import RunError
from inklings.experiments.completed import describe_accuracies, origin_of
from inklings.experiments.run import Run
from inklings.models import Model
from inklings.models.preparation import KINDS, WHOLE, Preparation


def weights_to_model(run: Run, pictures: str | None = None) -> Model:
    """Convert a run to a model of its weights, classes and accuracies; what is chosen on images is left out.

    Raises
    ------
    RunError
        The run does not name its classes, or nothing says how pictures are to be prepared.
    """
    height, width, channels = run.network.input_shape
    data = run.facts["data"]
    names, raw = data.get("class_names"), data.get("interpretation")
    if not names:
        raise RunError(f"{run.id} does not name its classes", "give the split that it was trained on")
    # Colours are never framed. Whether grey images hold one character each is seen by the images alone, and a wrong
    # guess would read photographs wrongly without a word.
    kind = pictures or (WHOLE if channels == 3 else None)
    if kind is None:
        problem = f"is not known of {run.id}: only its images show whether they are of one character each"
        raise RunError(problem, f"say {' or '.join(KINDS)}", setting="pictures", expected=KINDS)
    decided = None if raw is None else Interpretation.from_plain(raw)
    inverted = decided is not None and decided.inverted
    preparation = Preparation(kind, (height, width), channels, inverted, decided)
    accuracies = describe_accuracies(run.results, run.facts["split"]["test"])
    training = origin_of(run) | accuracies | {"sure": None}
    return Model(run.network, run.parameters, names, training, preparation.to_plain())
