"""One trial of a search with PyTorch, as its tutorials train; Optuna and Ray Tune try learning rates of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from torch import nn


def train_trial(rate: float, arrays: Mapping[str, NDArray[Any]], options: Mapping[str, Any]) -> float:
    """Train one network on one thread; return its accuracy after the last epoch, as it is computed after each."""
    torch.set_num_threads(1)
    torch.manual_seed(options["seed"])
    images, others = (torch.from_numpy(arrays[f"{part}_images"]).flatten(1) for part in ("train", "test"))
    labels, right = (torch.from_numpy(arrays[f"{part}_labels"]) for part in ("train", "test"))
    hidden, accuracy = options["hidden_units"], 0.0
    network = nn.Sequential(nn.Linear(images.shape[1], hidden), nn.ReLU(), nn.Linear(hidden, 10))
    optimiser = torch.optim.SGD(network.parameters(), rate, momentum=options["momentum"], nesterov=True)
    criterion = nn.CrossEntropyLoss()
    for _ in range(options["epochs"]):
        for rows in torch.randperm(len(images)).split(options["batch_size"]):
            optimiser.zero_grad(set_to_none=True)
            criterion(network(images[rows]), labels[rows]).backward()
            optimiser.step()
        with torch.no_grad():
            accuracy = float((network(others).argmax(1) == right).float().mean())
    return accuracy
