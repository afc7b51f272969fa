"""A model as an ONNX graph, made from the network's own layers, those of an ensemble's members, or an opponent's steps.

A runtime gives the graph images as Inklings has them, ``(n, height, width, channels)``; within, channels come second,
as ONNX's operators want them, and go back last where an image is laid out as a vector.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inklings.arguments import checks_call
from inklings.data.pixels import GREY
from inklings.errors import DataError
from inklings.export.graph_layers import ADD_LAYER
from inklings.export.opponent_graph import TREES_DOMAIN, TREES_OPSET, add_opponent
from inklings.export.raw_input import (
    PICTURES,
    RAW,
    add_raw_input,
    add_resize,
    choose_input,
    describe_input,
    raw_shape,
)
from inklings.extras import importing
from inklings.models import Model
from inklings.models.ensemble import Ensemble, member_prefix, part_parameters
from inklings.models.preparation import Preparation
from inklings.networks import (
    Network,
    Parameters,
    parameters_of,
)
from inklings.opponents.frozen import FrozenOpponent
from inklings.opponents.trees import Trees

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

# The newest ones that helpers write are refused by runtimes a little older. Opset 18 has the Resize that is needed, and
# belongs to version 8 of the format (https://onnx.ai/onnx/repo-docs/Versioning.html).
OPSET, IR_VERSION = 18, 8
INPUT, OUTPUT = "images", "probabilities"
_CHANNELS_SECOND = [0, 3, 1, 2]
_OPERATORS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.01}),
    "elu": ("Elu", {"alpha": 1.0}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "softmax": ("Softmax", {"axis": 1}),
}


@dataclass
class Graph:
    """A graph in the making: what was added last feeds what is added next."""

    value: str = INPUT
    prefix: str = ""
    """What the names of constants begin with: those of each member of an ensemble have their own."""
    nodes: list[NodeProto] = field(default_factory=list)
    constants: dict[str, TensorProto] = field(default_factory=dict)

    def add(self, operator: str, *others: str, **settings: Any) -> str:  # noqa: ANN401 - attributes of any kind
        """Apply an operator to the last value, and others after it."""
        return self.apply(operator, self.value, *others, **settings)

    def apply(self, operator: str, *inputs: str, **settings: Any) -> str:  # noqa: ANN401
        """Apply an operator to the values named."""
        from onnx import helper

        self.value = f"{operator.lower()}_{len(self.nodes) + 1}"
        self.nodes.append(helper.make_node(operator, list(inputs), [self.value], **settings))
        return self.value

    def apply_for_two(self, operator: str, *inputs: str, **settings: Any) -> tuple[str, str]:  # noqa: ANN401
        """Apply an operator that has two outputs."""
        first = self.apply(operator, *inputs, **settings)
        second = f"{first}_too"
        self.nodes[-1].output.append(second)
        return first, second

    def hold(self, name: str, values: NDArray[Any] | np.generic) -> str:
        """Put numbers into the graph, and give their name."""
        from onnx import numpy_helper

        name = self.prefix + name
        self.constants[name] = numpy_helper.from_array(np.asarray(values, order="C"), name)
        return name

    def activate(self, function: str) -> None:
        """Apply an activation."""
        if function != "linear":
            operator, settings = _OPERATORS[function]
            self.add(operator, **settings)


@checks_call(DataError, model=Model)
def to_onnx(model: Model, *, input: str | None = None) -> ModelProto:
    """Make an ONNX model, checked by ``onnx.checker``.

    Parameters
    ----------
    model : Model
    input : {"raw", "pictures", "prepared"}, optional
        What the graph takes. ``raw``: pixels as the training data held them (``float32``, shape (n, height, width,
        channels)); scaling, mixing to grey, inverting, transposing and resizing are part of the graph. ``pictures``,
        for a model of whole pictures: ``uint8``, shape (n, any height, any width, 3). ``prepared``: what the network
        itself reads, paper 0 and ink 1. By default pictures, where the model was trained on pictures and reads them
        whole; else raw, where the model knows how; else prepared. For finding ink on a page ONNX has no operators.

    Returns
    -------
    onnx.ModelProto
        Its output has shape (n, classes), the probabilities of ``Model.predict_proba``. Class names, how the
        model was trained and what the input is stand in its metadata as JSON.

    Raises
    ------
    DataError
        The model does not know how to take what is asked for.
    MissingDependencyError
        The package onnx is not installed, or cannot be imported.

    Examples
    --------
    >>> import inklings
    >>> from inklings.export import to_onnx
    >>> from inklings.networks import initial_parameters
    >>> layers = inklings.Conv2D(8, 5), inklings.MaxPool2D(2), inklings.Flatten(), inklings.Dense(10, "softmax")
    >>> network, digits = inklings.Network((20, 20, 1), layers), inklings.open_dataset("digits")
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), digits.class_names)
    >>> images = digits.images[::100]
    >>> to_onnx(model).graph.output[0].name
    'probabilities'
    """
    onnx = _find_onnx()
    from onnx import TensorProto, helper

    graph, classifier, kind = Graph(), model.classifier, choose_input(model, input)
    told = describe_input(kind, model.interpretation)
    given = _add_input(graph, model, kind, told)
    opsets = [helper.make_opsetid("", OPSET)]
    if isinstance(classifier, FrozenOpponent):
        add_opponent(graph, classifier, model.parameters)
        opsets += [helper.make_opsetid(TREES_DOMAIN, TREES_OPSET)] if isinstance(classifier.decision, Trees) else []
    elif isinstance(classifier, Ensemble):
        _add_ensemble(graph, classifier, model.parameters)
    else:
        _add_network(graph, model.network, model.parameters)
    # A node of its own, whose output can be renamed whatever the last layer was, if there was any.
    graph.apply("Identity", graph.value)
    graph.nodes[-1].output[0] = OUTPUT
    result = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["images", classifier.output_count])
    constants = list(graph.constants.values())
    made = helper.make_model(
        helper.make_graph(graph.nodes, "network", [given], [result], constants, doc_string=f"{INPUT}: {told}"),
        opset_imports=opsets,
        ir_version=IR_VERSION,
        producer_name="inklings",
    )
    about = {"classes": list(model.class_names), "training": model.training, "preprocessing": model.preprocessing}
    about["input"] = {"kind": kind, "description": told}
    helper.set_model_props(made, {name: json.dumps(value) for name, value in about.items()})
    onnx.checker.check_model(made, full_check=True)  # shapes and types too: a wrong pad is found here
    return made


def _find_onnx() -> ModuleType:
    # An extra: it is a tenth of what an installation would have to fetch, and only this needs it.
    with importing("onnx", "ONNX needs the package onnx", "'inklings[onnx]'"):
        import onnx
    return onnx


def _add_network(graph: Graph, network: Network, parameters: Parameters) -> None:
    for name, layer, shape in network.walk():
        ADD_LAYER[type(layer)](graph, name, layer, parameters_of(name, parameters), shape)
    if network.output_activation != "softmax":
        _divide_by_sum(graph, network.output_count)


def _add_ensemble(graph: Graph, ensemble: Ensemble, parameters: Parameters) -> None:
    """Let each member classify the same images, and take the mean of their probabilities."""
    images, probabilities = graph.value, []
    for number, own in enumerate(part_parameters(ensemble.members, parameters), start=1):
        # From the same images, by its own constants.
        graph.value, graph.prefix = images, member_prefix(number)
        _add_network(graph, ensemble.network, own)
        probabilities.append(graph.value)
    graph.prefix = ""
    graph.apply("Mean", *probabilities)
    if ensemble.temperature != 1:
        graph.add("Max", graph.hold("smallest", np.finfo(np.float32).tiny))  # log of 0 would be -inf
        graph.add("Log")
        graph.add("Div", graph.hold("temperature", np.float32(ensemble.temperature)))
        graph.add("Softmax", axis=1)  # softmax(log(p) / T), as the model has it


def _add_input(graph: Graph, model: Model, kind: str, told: str) -> ValueInfoProto:
    """Begin a graph with what turns its input into the network's; leaves channels second."""
    from onnx import TensorProto, helper

    shape, known = model.input_shape, model.interpretation
    if kind == PICTURES:
        _prepare(graph, model.preparation)
        return helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["images", "height", "width", 3], told)
    if kind == RAW and known is not None:
        add_raw_input(graph, known, shape[:2])
        height, width, channels = raw_shape(known, shape)
        given = ["images", height or "height", width or "width", channels]
        return helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, given, told)
    graph.add("Transpose", perm=_CHANNELS_SECOND)
    return helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["images", *shape], told)


def _prepare(graph: Graph, preparation: Preparation) -> None:
    """Do to whole pictures what :meth:`Preparation.prepare` does; leaves channels second."""
    from onnx import TensorProto

    graph.add("Cast", to=TensorProto.FLOAT)
    graph.add("Div", graph.hold("white", np.float32(255)))
    if preparation.channels == 1:
        graph.add("MatMul", graph.hold("grey", GREY[:, np.newaxis]))  # (n, height, width, 3) @ (3, 1)
    if preparation.invert:
        graph.apply("Sub", graph.hold("one", np.float32(1)), graph.value)
    graph.add("Transpose", perm=_CHANNELS_SECOND)
    add_resize(graph, preparation.size)


def _divide_by_sum(graph: Graph, classes: int) -> None:
    """Make sigmoids' outputs probabilities, as :meth:`Model.predict_proba` does."""
    outputs = graph.value
    total = graph.add("ReduceSum", graph.hold("classes_axis", np.array([1], np.int64)), keepdims=1)  # (n, 1)
    positive = graph.add("Greater", graph.hold("zero", np.float32(0)))
    # Where computes both branches: the divisor must not be 0 even where the shares are not taken.
    divisor = graph.apply("Where", positive, total, graph.hold("unit", np.float32(1)))
    shares = graph.apply("Div", outputs, divisor)
    graph.apply("Where", positive, shares, graph.hold("equal", np.float32(1 / classes)))  # all 0: no class is likelier
