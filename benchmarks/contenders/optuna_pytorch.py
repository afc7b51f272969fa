"""Optuna over PyTorch: trials in threads of one process (``n_jobs``), which is how it is used on one machine."""

from __future__ import annotations

import optuna
import torch
from pytorch_trial import train_trial
from turns import Contest, Task, serve


def search(task: Task) -> Contest:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    at = {"best": 0.0}

    def objective(trial: optuna.Trial) -> float:
        rate = trial.suggest_float("learning_rate", task.low, task.high, log=True)
        return train_trial(rate, task.arrays, task.options)

    def run() -> None:
        study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=task.seed))
        study.optimize(objective, n_trials=task.count, n_jobs=task.threads)
        at["best"] = study.best_value

    return Contest(run, lambda: at["best"])


if __name__ == "__main__":
    serve({"search": search}, lambda: f"Optuna {optuna.__version__} over PyTorch {torch.__version__}")
