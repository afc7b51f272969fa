"""Layers with their shape rules, and networks made of them; how they are computed is the engines' business."""

from inklings.networks.config import network_from_plain, network_to_plain
from inklings.networks.image_layers import Conv2D, GlobalPool, MaxPool2D
from inklings.networks.initializer import Initializer
from inklings.networks.layer import ACTIVATIONS, Layer
from inklings.networks.layers import LAYERS, Activation, BatchNorm, Dense, Dropout, Flatten
from inklings.networks.network import Network
from inklings.networks.parameters import Parameters, initial_parameters, parameters_of

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
