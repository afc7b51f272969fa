"""Networks as plain values, as JSON and TOML files contain them.

A file may leave out ``input_shape`` and say ``units = "classes"``; both are then taken from the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inklings.arguments import checks_call
from inklings.errors import NetworkError
from inklings.networks.layer import Layer
from inklings.networks.layers import LAYERS
from inklings.networks.network import Network
from inklings.serialise import did_you_mean, from_plain, to_plain


@checks_call(NetworkError)
def network_to_plain(network: Network) -> dict[str, Any]:
    """Return a network as dicts, lists, numbers and text; :func:`network_from_plain` is the inverse.

    Examples
    --------
    >>> from inklings import Dense, Flatten, Network
    >>> from inklings.networks import network_from_plain, network_to_plain
    >>> network = Network((20, 20, 1), (Flatten(), Dense(10, "softmax")))
    >>> network_from_plain(network_to_plain(network)) == network
    True
    """
    layers = [{"layer": type(layer).__name__, **to_plain(layer)} for layer in network.layers]
    return {"input_shape": list(network.input_shape), "layers": layers}


@checks_call(NetworkError)
def network_from_plain(
    values: Mapping[str, Any], *, input_shape: tuple[int, int, int] | None = None, classes: int | None = None
) -> Network:
    """Build a network from plain values.

    Parameters
    ----------
    values : mapping
        ``input_shape``, and ``layers``: a list of mappings, each with the kind of ``layer`` and its settings.
    input_shape : (height, width, channels), optional
        Used where ``values`` has none.
    classes : int, optional
        The number of classes, for which the text ``"classes"`` may stand.

    Raises
    ------
    NetworkError
        A key or layer is unknown, a value has the wrong type, or the layers do not fit each other.

    Examples
    --------
    >>> from inklings.networks import network_from_plain
    >>> layers = [{"layer": "Flatten"}, {"layer": "Dense", "units": "classes", "activation": "softmax"}]
    >>> network_from_plain({"layers": layers}, input_shape=(20, 20, 1), classes=10).parameter_count
    4010
    """
    for key in values:
        # Refused rather than passed over: a misspelt key would otherwise give a network other than the one that was
        # written down.
        if key not in ("input_shape", "layers"):
            raise NetworkError(
                f"the network has the unknown setting '{key}'", did_you_mean(key, ["input_shape", "layers"])
            )
    shape = values.get("input_shape", input_shape)
    if not isinstance(shape, list | tuple) or not all(isinstance(size, int) for size in shape):
        raise NetworkError(f"the network's input_shape is {shape!r}, expected [height, width, channels]")
    layers = values.get("layers")
    if not isinstance(layers, list | tuple):
        raise NetworkError(f"the network's layers are {layers!r}, expected a list")
    return Network(tuple(shape), tuple(_layer(number, row, classes) for number, row in enumerate(layers, start=1)))


def _layer(number: int, row: Any, classes: int | None) -> Layer:  # noqa: ANN401 - whatever the file held
    if not isinstance(row, Mapping) or not isinstance(row.get("layer"), str):
        raise NetworkError(f"layer {number} is {row!r}, expected a table with a 'layer' such as \"Dense\"")
    kind = row["layer"]
    if kind not in LAYERS:
        raise NetworkError(f"layer {number} is an unknown '{kind}'", did_you_mean(kind, LAYERS))
    settings = {key: _initializer(value) if key in ("weights", "biases") else value for key, value in row.items()}
    del settings["layer"]
    # A file may leave the last layer's size open, so that one network serves data sets with any number of classes.
    if settings.get("units") == "classes" and classes is not None:
        settings["units"] = classes
    where = f"layer {number} ({kind})"
    try:
        return from_plain(LAYERS[kind], settings, where, NetworkError)
    except NetworkError as error:
        # Errors of from_plain name the layer already; those of the layer itself do not.
        if error.message.startswith(where):
            raise
        raise error.within(where) from None


def _initializer(value: Any) -> Any:  # noqa: ANN401
    """Let a bare name stand for a distribution with the default scale."""
    return {"distribution": value} if isinstance(value, str) else value
