"""Trials a minute: ``inklings search`` beside Optuna and Ray Tune over PyTorch, each on all cores, in turn.

    python benchmarks/search_peers.py          # 32 trials each
    python benchmarks/search_peers.py 100 inklings optuna

All try the same: a 400-100-10 network on the bundled digits, 20 epochs of Nesterov momentum with batches of 50, one
learning rate from 3e-3 to 3e-2 for each trial, the validation images evaluated after every epoch. Each trial has one
thread, and as many are under way as there are cores: in processes for Inklings and Ray Tune, in threads of one process
for Optuna (``n_jobs``), which is how they are used. A rate counts from asking to the last result, starting workers
included; imports stand beside it. The peers need PyTorch; what is not installed is left out.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

TRIALS, EPOCHS, BATCH, HIDDEN, MOMENTUM = 32, 20, 50, 100, 0.9
LOW, HIGH = 3e-3, 3e-2
Answer = tuple[float, float]
"""Seconds for all trials, and the best validation accuracy."""


def cores() -> int:
    from inklings.hardware import cores

    return cores().usable


def arrays() -> dict[str, Any]:
    """Return the images as PyTorch takes them, of the split that Inklings uses."""
    import inklings

    split = inklings.open_dataset("digits").split(seed=0)
    parts = {"train": split.train, "validation": split.validation}
    found = {name: part.images.reshape(len(part), -1) for name, part in parts.items()}
    return {**found, **{f"{name}_labels": part.labels for name, part in parts.items()}}


def train_torch(rate: float, data: dict[str, Any]) -> float:
    """Train one network with PyTorch, as its tutorials do; return its validation accuracy."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(0)
    tensors = {name: torch.from_numpy(values) for name, values in data.items()}
    images, labels = tensors["train"], tensors["train_labels"]
    network = nn.Sequential(nn.Linear(images.shape[1], HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10))
    optimiser = torch.optim.SGD(network.parameters(), rate, momentum=MOMENTUM, nesterov=True)
    criterion, accuracy = nn.CrossEntropyLoss(), 0.0
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(images)).split(BATCH):
            optimiser.zero_grad(set_to_none=True)
            criterion(network(images[rows]), labels[rows]).backward()
            optimiser.step()
        with torch.no_grad():
            right = network(tensors["validation"]).argmax(1) == tensors["validation_labels"]
        accuracy = float(right.float().mean())
    return accuracy


def run_inklings(trials: int) -> Answer:
    from inklings import run_search

    rate = {"low": LOW, "high": HIGH, "log": True}
    fixed = {"network": "mlp", "hidden_units": HIDDEN, "optimiser": "nesterov", "momentum": MOMENTUM, "dropout": False}
    space = {**fixed, "batch_size": BATCH, "epochs": EPOCHS, "learning_rate": rate}
    with tempfile.TemporaryDirectory() as folder:
        begun = perf_counter()
        out = Path(folder) / "study"
        study = run_search(space, out=out, trials=trials, sampler="random", workers=cores(), choose=0)
        seconds = perf_counter() - begun
    return seconds, max(trial.figure("accuracy") for trial in study.trials)


def run_optuna(trials: int) -> Answer:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    data = arrays()
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    begun = perf_counter()
    study.optimize(
        lambda trial: train_torch(trial.suggest_float("learning_rate", LOW, HIGH, log=True), data),
        n_trials=trials,
        n_jobs=cores(),
    )
    return perf_counter() - begun, study.best_value


def run_ray(trials: int) -> Answer:
    import ray
    from ray import tune

    data = arrays()
    with tempfile.TemporaryDirectory() as folder:
        begun = perf_counter()
        ray.init(num_cpus=cores(), include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        tuner = tune.Tuner(
            # The images are put into Ray's store once, and taken from there by each trial.
            tune.with_parameters(lambda config, data: {"accuracy": train_torch(config["rate"], data)}, data=data),
            param_space={"rate": tune.loguniform(LOW, HIGH)},
            tune_config=tune.TuneConfig(num_samples=trials, metric="accuracy", mode="max"),
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        )
        best = tuner.fit().get_best_result().metrics["accuracy"]
        seconds = perf_counter() - begun
        ray.shutdown()
    return seconds, best


CONTENDERS: dict[str, tuple[Callable[[int], Answer], tuple[str, ...]]] = {
    "inklings": (run_inklings, ("distributed",)),
    "optuna": (run_optuna, ("optuna", "torch")),
    "ray": (run_ray, ("ray", "torch")),
}


def main(arguments: list[str]) -> None:
    """Run each contender in a process of its own, one after the other."""
    if arguments[:1] == ["--here"]:
        _, name, count = arguments
        seconds, accuracy = CONTENDERS[name][0](int(count))
        rate = 60 * int(count) / seconds
        print(
            f"{name}: {rate:.0f} trials a minute ({seconds:.1f} s), best validation accuracy {accuracy:.1%}", flush=True
        )
        return
    trials = int(arguments.pop(0)) if arguments[:1] and arguments[0].isdigit() else TRIALS
    for name in arguments or CONTENDERS:
        if missing := [each for each in CONTENDERS[name][1] if find_spec(each) is None]:
            print(f"{name}: left out, since {' and '.join(missing)} is not installed")
            continue
        begun = perf_counter()
        subprocess.run(
            [sys.executable, __file__, "--here", name, str(trials)],
            check=True,
        )
        print(
            f"{name}: {perf_counter() - begun:.1f} s in all, imports and the reading of the images included", flush=True
        )


if __name__ == "__main__":
    main(sys.argv[1:])
