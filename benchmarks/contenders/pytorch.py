"""PyTorch, with each of its settings that may be the fastest on a processor.

A setting is a list of words: ``channels-last``, ``bfloat16`` (autocast), ``compile`` (torch.compile), ``one-thread``.
The optimiser is always the fused one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from pytorch_augment import Distort
from torch import nn
from turns import Contest, Task, serve


def mlp(task: Task) -> nn.Module:
    """400-800-10 with dropout of a fifth of the input and half of the hidden units."""
    pixels = task.train_images[0].size
    network = nn.Sequential(
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(pixels, task.hidden_units),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(task.hidden_units, 10),
    )
    for layer in network:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return network


def cnn2(task: Task) -> nn.Module:
    """Two convolutions with pooling, 1,024 rectified units with dropout."""
    side = -(-task.train_images.shape[1] // 4)
    network = nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Conv2d(32, 64, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Flatten(),
        nn.Linear(64 * side * side, 1024),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(1024, 10),
    )
    for layer in network:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.trunc_normal_(layer.weight, std=0.1, a=-0.2, b=0.2)
            nn.init.constant_(layer.bias, 0.1)
    return network


def best(task: Task) -> nn.Module:
    """Five convolutions with batch normalisation, two poolings between them and one of the whole image behind."""
    layers: list[nn.Module] = []
    channels = task.train_images.shape[3]
    for number, filters in enumerate((32, 32, 64, 64, 128)):
        if number in (2, 4):
            layers.append(nn.MaxPool2d(2))
        convolution = nn.Conv2d(channels, filters, 3, padding=1, bias=False)
        nn.init.xavier_uniform_(convolution.weight)
        layers += [convolution, nn.BatchNorm2d(filters, eps=1e-3), nn.ReLU()]
        channels = filters
    output = nn.Linear(channels, 10)
    nn.init.xavier_uniform_(output.weight)
    nn.init.zeros_(output.bias)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), output)


class Trainer:
    """A network, an optimiser, and images in memory as PyTorch likes them."""

    def __init__(self, task: Task, network: nn.Module, build: Callable[..., torch.optim.Optimizer]) -> None:
        torch.set_num_threads(1 if "one-thread" in task.setting else task.threads)
        torch.manual_seed(task.seed)
        self.task, self.network = task, network
        layout = torch.channels_last if "channels-last" in task.setting else torch.contiguous_format
        self.network.to(memory_format=layout)
        self.images, self.test = (self._place(images, layout) for images in (task.train_images, task.test_images))
        self.labels, self.answers = (torch.from_numpy(labels) for labels in (task.train_labels, task.test_labels))
        self.optimiser = build(self.network.parameters(), fused=True)
        self.loss = nn.CrossEntropyLoss()
        compiles = "compile" in task.setting
        self.forward = torch.compile(self.network) if compiles else self.network
        self.change: Callable[[torch.Tensor], torch.Tensor] = lambda images: images
        if "augmentation" in task.options:
            change = Distort(task.train_images.shape[1:3], task.augmentation)
            self.change = torch.compile(change) if compiles else change
        self.scheduler = cosine(self.optimiser, task) if "epochs" in task.options else None

    @staticmethod
    def _place(images: Any, layout: torch.memory_format) -> torch.Tensor:  # noqa: ANN401 - a NumPy array
        return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(memory_format=layout)

    def precision(self) -> AbstractContextManager[Any]:
        """Compute in bfloat16 where the setting says so."""
        return torch.autocast("cpu", torch.bfloat16) if "bfloat16" in self.task.setting else nullcontext()

    def train(self) -> None:
        """Take the steps of a turn."""
        self.network.train()
        rows, start = torch.empty(0, dtype=torch.int64), 0
        size = self.task.batch_size
        for _ in range(self.task.steps):
            if start + size > len(rows):
                rows, start = torch.randperm(len(self.images)), 0
            batch = rows[start : start + size]
            start += size
            self.optimiser.zero_grad(set_to_none=True)
            images = self.change(self.images[batch])
            with self.precision():
                loss = self.loss(self.forward(images), self.labels[batch])
            loss.backward()
            self.optimiser.step()
            if self.scheduler:
                self.scheduler.step()

    @torch.inference_mode()
    def accuracy(self) -> float:
        """Read the test images."""
        self.network.eval()
        with self.precision():
            outputs = torch.cat([self.network(part) for part in self.test.split(500)])
        return (outputs.argmax(1) == self.answers).float().mean().item()

    @torch.inference_mode()
    def predict(self, images: torch.Tensor, size: int = 500) -> torch.Tensor:
        """Give probabilities."""
        with self.precision():
            return torch.cat([self.forward(part).float().softmax(1) for part in images.split(size)])


def nesterov(parameters: Any, **settings: Any) -> torch.optim.Optimizer:  # noqa: ANN401
    """Build the optimiser of the multi-layer perceptron."""
    return torch.optim.SGD(parameters, lr=0.01, momentum=0.9, nesterov=True, **settings)


def cosine(optimiser: torch.optim.Optimizer, task: Task) -> torch.optim.lr_scheduler.LambdaLR:
    """Give each step the task's learning rate; made only where it changes, since making it asks for a rate at once."""
    return torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: task.rate(step) / task.rate(0))


def adam(rate: float) -> Callable[..., torch.optim.Optimizer]:
    """Build that of the convolutional network."""
    return lambda parameters, **settings: torch.optim.Adam(parameters, lr=rate, **settings)


def adamw(rate: float) -> Callable[..., torch.optim.Optimizer]:
    """Build that of the network with batch normalisation, whose weights alone decay."""

    def build(parameters: Any, **settings: Any) -> torch.optim.Optimizer:  # noqa: ANN401
        weights, others = [], []
        for parameter in parameters:
            (weights if parameter.ndim > 1 else others).append(parameter)
        groups = [{"params": weights, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=rate, **settings)

    return build


def train_mlp(task: Task) -> Contest:
    trainer = Trainer(task, mlp(task), nesterov)
    return Contest(trainer.train, trainer.accuracy)


def train_cnn2(task: Task) -> Contest:
    trainer = Trainer(task, cnn2(task), adam(1e-4))
    return Contest(trainer.train, trainer.accuracy)


def train_best(task: Task) -> Contest:
    trainer = Trainer(task, best(task), adamw(task.rate(0)))
    return Contest(trainer.train, trainer.accuracy)


def build(task: Task) -> Trainer:
    """Prepare the network that a task names, with the settings that need the fewest steps."""
    if task.network == "mlp":
        return Trainer(task, mlp(task), nesterov)
    if task.network == "best":
        return Trainer(task, best(task), adamw(task.rate(0)))
    return Trainer(task, cnn2(task), adam(1e-3))


def predict(task: Task) -> Contest:
    """Read as many images as a turn says, with a network that was trained a little."""
    trainer = build(task)
    trainer.train()
    trainer.network.eval()
    images = trainer.images[: task.count]
    return Contest(lambda: [trainer.predict(images).numpy() for _ in range(task.repeats)], trainer.accuracy)


def reach(task: Task) -> Contest:
    """Train until the accuracy that is asked for is reached on the test images."""
    trainer = build(task)

    def run() -> None:
        for _ in range(task.most):
            trainer.train()
            if trainer.accuracy() >= task.accuracy:
                return

    return Contest(run, trainer.accuracy)


if __name__ == "__main__":
    works = {"mlp": train_mlp, "cnn2": train_cnn2, "best": train_best, "predict": predict, "reach": reach}
    serve(works, lambda: f"PyTorch {torch.__version__}")
