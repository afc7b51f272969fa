"""What a network is: layers with their shape rules, and networks made of them. No arithmetic on images here."""

from inklings.networks.config import network_from_plain, network_to_plain
from inklings.networks.initializer import Initializer, initial_parameters
from inklings.networks.layer import ACTIVATIONS, Layer
from inklings.networks.layers import (
    LAYERS,
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    MaxPool2D,
)
from inklings.networks.network import Network, Parameters, parameters_of

__all__ = [
    "ACTIVATIONS",
    "LAYERS",
    "Activation",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalPool",
    "Initializer",
    "Layer",
    "MaxPool2D",
    "Network",
    "Parameters",
    "initial_parameters",
    "network_from_plain",
    "network_to_plain",
    "parameters_of",
]
