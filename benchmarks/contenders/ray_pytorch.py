"""Ray Tune over PyTorch: trials in processes that are started anew for each search, as ours are."""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import Any

import ray
import torch
from pytorch_trial import train_trial
from ray import tune
from turns import Contest, Task, serve


def search(task: Task) -> Contest:
    at = {"best": 0.0}

    def objective(config: dict[str, Any], arrays: Any, options: Any) -> dict[str, float]:  # noqa: ANN401 - from Ray's store
        return {"accuracy": train_trial(config["rate"], arrays, options)}

    def run() -> None:
        with TemporaryDirectory() as folder:
            ray.init(num_cpus=task.threads, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
            tuner = tune.Tuner(
                # The images are put into Ray's store once, and taken from there by each trial.
                tune.with_parameters(objective, arrays=task.arrays, options=task.options),
                param_space={"rate": tune.loguniform(task.low, task.high)},
                tune_config=tune.TuneConfig(num_samples=task.count, metric="accuracy", mode="max"),
                run_config=tune.RunConfig(storage_path=folder, verbose=0),
            )
            found = tuner.fit()
            ray.shutdown()
        # A trial that failed would count as a fast one.
        if found.num_errors or found.num_terminated != task.count:
            raise RuntimeError(f"{found.num_terminated} of {task.count} trials ended well")
        at["best"] = found.get_best_result().metrics["accuracy"]

    return Contest(run, lambda: at["best"])


if __name__ == "__main__":
    serve({"search": search}, lambda: f"Ray Tune {ray.__version__} over PyTorch {torch.__version__}")
