"""Looking inside: what a network has learnt, what it makes of an image, and what it misclassifies and why.

Arrays in, arrays out; :mod:`inklings.report` draws them. All functions take a :class:`inklings.Model` and prepared
images, as those of a Dataset are::

    from inklings import load, open_dataset
    from inklings.insight import explain, weight_images

    model, images = load("digits.inkling"), open_dataset("digits").split().test.images
    filters = weight_images(model).images
    pixels = explain(model, images[0], "integrated")
"""

from inklings.command_names import named_as_a_command
from inklings.insight.arithmetic import OutputSum, PoolingChoice, output_sum, pooling_choice
from inklings.insight.exciting import Excitation, excite_each, most_exciting, receptive_field, silent_units
from inklings.insight.explain import background, explain
from inklings.insight.gradients import (
    IntegratedGradients,
    class_gradients,
    input_times_gradient,
    integrated_gradients,
    saliency,
)
from inklings.insight.members import layer_outputs
from inklings.insight.mistakes import Mistakes, confusion_cells, worst_mistakes
from inklings.insight.occlusion import occlusion
from inklings.insight.projection import Projection, project_classes
from inklings.insight.weights import WeightImages, weight_images

__all__ = [
    "Excitation",
    "IntegratedGradients",
    "Mistakes",
    "OutputSum",
    "PoolingChoice",
    "Projection",
    "WeightImages",
    "background",
    "class_gradients",
    "confusion_cells",
    "excite_each",
    "explain",
    "input_times_gradient",
    "integrated_gradients",
    "layer_outputs",
    "most_exciting",
    "occlusion",
    "output_sum",
    "pooling_choice",
    "project_classes",
    "receptive_field",
    "saliency",
    "silent_units",
    "weight_images",
    "worst_mistakes",
]

named_as_a_command(__name__, "inklings.report.write_insight(model, folder)")
