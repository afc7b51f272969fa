"""What is compared: the works, what each contender is told, and what is to be reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MODULES = {
    "inklings_engine": ("inklings",),
    "optuna_pytorch": ("optuna", "torch"),
    "ray_pytorch": ("ray", "torch"),
    "pytorch": ("torch",),
    "keras_tensorflow": ("keras", "tensorflow"),
    "scikit_learn": ("sklearn",),
    "scipy_bfgs": ("scipy",),
}
"""What each contender imports."""

MLP_SETTINGS = {
    "pytorch": ("eager", "one-thread", "compile", "bfloat16", "compile bfloat16"),
    "keras_tensorflow": ("fit", "fit jit", "function", "function jit", "epoch jit", "function jit bfloat16"),
    "scikit_learn": ("no dropout", "no dropout one-thread"),
}
CNN_SETTINGS = {
    "pytorch": ("eager", "channels-last", "channels-last compile", "channels-last bfloat16", "compile bfloat16"),
    "keras_tensorflow": ("fit", "fit jit", "function", "function jit", "function bfloat16", "function jit bfloat16"),
}
BEST_SETTINGS = CNN_SETTINGS | {
    # Augmentation is within the step that is compiled, and fit's has none.
    "keras_tensorflow": ("function", "function jit", "function bfloat16", "function jit bfloat16"),
}
READ_SETTINGS = {
    "pytorch": ("eager", "channels-last", "channels-last compile", "channels-last bfloat16"),
    "keras_tensorflow": ("function", "function jit", "function jit bfloat16"),
}


@dataclass(frozen=True)
class Goal:
    """A ratio to stay under.

    Parameters
    ----------
    most : float
        Our seconds, or bytes, against those of the fastest, or leanest, peer.
    any_precision : bool
        Whether peers that compute in bfloat16 count.
    """

    most: float
    any_precision: bool = False


@dataclass(frozen=True)
class Work:
    """Something that every contender does.

    Parameters
    ----------
    title : str
        For people, with the unit that ``seconds`` are of.
    work : str
        As the contenders call it.
    data : str
        ``digits``, ``digits10`` (the same ten times over), ``digits-validation`` (judged by the validation images) or
        ``mnist``.
    options : mapping
        For every contender.
    units : float
        Divides a turn's seconds: how many epochs, steps or images a turn is.
    peer_units : float, optional
        The same for peers, where they do only a part.
    most_rounds : int, optional
        Fewer rounds than are asked for, where a turn takes minutes.
    rounds : int, optional
        As many, however many are asked for by default, where turns differ more than contenders do.
    peers : mapping of str to tuple of str
        The settings to try of each; the fastest goes into the rounds.
    goals : tuple of Goal
    own : mapping
        Options for Inklings alone.
    whole_process : bool
        Whether a turn is a process from its start to the end of its work.
    fixed_goal : float, optional
        In place of a peer: seconds to stay under.
    operations : float
        Floating-point operations of a unit in matrix products and convolutions; 0 to leave the limit out.
    """

    title: str
    work: str
    data: str
    options: Mapping[str, Any]
    units: float
    peers: Mapping[str, tuple[str, ...]]
    goals: tuple[Goal, ...]
    own: Mapping[str, Any] = field(default_factory=dict)
    peer_units: float | None = None
    most_rounds: int | None = None
    rounds: int | None = None
    whole_process: bool = False
    fixed_goal: float | None = None
    operations: float = 0


BOTH = (Goal(0.65), Goal(0.8, any_precision=True))
REACH = {"accuracy": 0.96, "batch_size": 50, "hidden_units": 800, "steps": 55}
REACH_ROUNDS = 9
"""After how many epochs an accuracy is reached is a matter of random numbers."""
BEST: dict[str, Any] = {
    "batch_size": 32,
    "steps": 85,
    "learning_rate": 3e-3,
    "augmentation": {"shift": 1.5, "rotate": 12, "scale": 0.12, "shear": 10, "elastic": 1, "stroke": 0.3},
}
"""The preset ``best`` on the bundled digits; a turn is an epoch."""
BEST_GOALS = (Goal(0.5), Goal(0.9, any_precision=True))
# Multiplications in the convolutions of an image: forward, by the kernels, and but for the first one by the inputs.
_BEST_PRODUCTS = 2 * 400 * 9 * 32 + 3 * 9 * (400 * 32 * 32 + 100 * 32 * 64 + 100 * 64 * 64 + 25 * 64 * 128)

WORKS: dict[str, Work] = {
    "naive": Work(
        "naive, 50 BFGS iterations",
        "naive",
        "digits",
        {"hidden_units": 25, "iterations": 2, "compared": 2, "warm_up_only": True},
        1,
        {"scipy_bfgs": ("2 iterations, times 25",)},
        (Goal(1 / 2000),),
        own={"iterations": 50},
        peer_units=2 / 50,
        most_rounds=3,
    ),
    "naive-mnist": Work(
        "naive on 60,000 images of 28 x 28, 30 hidden units, 50 BFGS iterations",
        "naive",
        "mnist",
        {"hidden_units": 30, "iterations": 50, "compared": 50},
        1,
        {},
        (Goal(1.0),),
        most_rounds=1,
        fixed_goal=60.0,
    ),
    "mlp": Work(
        "mlp 400-800-10, dropout, batch 50: an epoch",
        "mlp",
        "digits",
        {"hidden_units": 800, "batch_size": 50, "steps": 275},
        5,
        MLP_SETTINGS,
        (Goal(0.30, any_precision=True),),
        # A product forward, and two backward: by the weights and, but for the first layer, by the inputs.
        operations=55 * 50 * 2 * (2 * 400 * 800 + 3 * 800 * 10),
    ),
    "mlp-plain": Work(
        "mlp 400-800-10, no dropout, batch 50: an epoch",
        "mlp",
        "digits",
        {"hidden_units": 800, "batch_size": 50, "steps": 275, "dropout": False},
        5,
        {"scikit_learn": ("no dropout", "no dropout one-thread")},
        (Goal(0.30),),
        operations=55 * 50 * 2 * (2 * 400 * 800 + 3 * 800 * 10),
    ),
    "cnn2": Work(
        "cnn2, batch 50: a step",
        "cnn2",
        "digits",
        {"batch_size": 50, "steps": 55},
        55,
        CNN_SETTINGS,
        BOTH,
        operations=50 * 2 * (2 * 400 * 25 * 32 + 3 * 100 * 25 * 32 * 64 + 3 * 1600 * 1024 + 3 * 1024 * 10),
    ),
    "cnn2-60000": Work(
        "cnn2 on 60,000 images of 28 x 28, batch 128: an epoch",
        "cnn2",
        "mnist",
        {"batch_size": 128, "steps": 39},
        39 / 468,
        CNN_SETTINGS,
        (Goal(0.75),),
    ),
    "many": Work(
        "32 networks 400-25-10 with other seeds and learning rates side by side, against one: ten epochs",
        "many",
        "digits",
        {"hidden_units": 25, "batch_size": 50, "epochs": 10, "count": 32},
        1,
        {"inklings_engine": ("one alone",)},
        (Goal(6.0),),
    ),
    "reach-mlp": Work(
        "mlp with dropout: from process start to 96 % test accuracy",
        "reach",
        "digits",
        REACH | {"network": "mlp", "most": 400},
        1,
        {"pytorch": ("eager",), "keras_tensorflow": ("function",)},
        (Goal(1 / 3),),
        whole_process=True,
        rounds=REACH_ROUNDS,
    ),
    "reach-cnn2": Work(
        "cnn2: from process start to 96 % test accuracy",
        "reach",
        "digits",
        REACH | {"network": "cnn2", "most": 30},
        1,
        {"pytorch": ("channels-last", "channels-last bfloat16"), "keras_tensorflow": ("function", "function jit")},
        (Goal(1 / 3),),
        whole_process=True,
        rounds=REACH_ROUNDS,
    ),
    "best": Work(
        "best, batch 32, augmented: a step",
        "best",
        "digits",
        BEST,
        42,
        BEST_SETTINGS,
        BEST_GOALS,
        operations=32 * 2 * (_BEST_PRODUCTS + 3 * 128 * 10),
    ),
    "reach-best": Work(
        "best: from process start to 98.6 % test accuracy",
        "reach",
        "digits",
        BEST | {"network": "best", "accuracy": 0.986, "epochs": 30, "final": 0.01, "most": 40},
        1,
        {"pytorch": ("channels-last", "channels-last bfloat16"), "keras_tensorflow": ("function", "function jit")},
        (Goal(0.4), Goal(0.9, any_precision=True)),
        whole_process=True,
        rounds=REACH_ROUNDS,
    ),
    "predict-best": Work(
        "classify 10,000 images with best",
        "predict",
        "digits10",
        BEST | {"network": "best", "count": 10_000, "repeats": 1},
        1,
        READ_SETTINGS,
        BEST_GOALS,
    ),
    "predict": Work(
        "predict 10,000 images with cnn2",
        "predict",
        "digits10",
        {"network": "cnn2", "batch_size": 50, "steps": 55, "count": 10_000, "repeats": 1},
        1,
        READ_SETTINGS,
        (Goal(0.75),),
    ),
    "predict-one": Work(
        "predict one image with cnn2",
        "predict",
        "digits",
        {"network": "cnn2", "batch_size": 50, "steps": 55, "count": 1, "repeats": 200},
        200,
        READ_SETTINGS,
        (Goal(0.75),),
    ),
    "search": Work(
        "search: 16 learning rates of 400-100-10, 20 epochs each, a thread to each trial: a trial",
        "search",
        "digits-validation",
        {"hidden_units": 100, "momentum": 0.9, "batch_size": 50, "epochs": 20, "low": 3e-3, "high": 3e-2, "count": 16},
        16,
        {"optuna_pytorch": ("threads",), "ray_pytorch": ("processes",)},
        (Goal(1.0),),
        most_rounds=3,
    ),
}
