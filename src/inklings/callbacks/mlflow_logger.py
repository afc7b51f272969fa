"""Trainings in MLflow."""

from __future__ import annotations

from math import isnan
from typing import Any

from inklings.arguments import checks_call
from inklings.callbacks.history_logger import HistoryLogger
from inklings.errors import RecipeError
from inklings.extras import importing
from inklings.networks import Network
from inklings.training.epoch_record import EpochRecord
from inklings.training.recipe import Recipe

METRICS = ("loss", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "learning_rate")


class MLflowLogger(HistoryLogger):
    """Log a training to MLflow: the recipe as parameters, each epoch's figures as metrics.

    It needs the extra ``inklings[mlflow]``. Where runs are kept is MLflow's own matter: ``mlflow.set_tracking_uri`` or
    the environment variable ``MLFLOW_TRACKING_URI``. A run that is active when training starts is used and left open;
    otherwise one is started, and ended with the training.

    Parameters
    ----------
    name : str, optional
        Name of the run that is started.
    experiment : str, optional
        Name of the experiment that it belongs to.

    Attributes
    ----------
    run : str or None
        The run's id.
    problem : RunError or None
        Why something could not be logged, if it could not. The log warns once, and training goes on.

    Raises
    ------
    MissingDependencyError
        MLflow is not installed, or cannot be imported.
    RunError
        MLflow cannot be reached, or refuses the run, before training starts.

    Examples
    --------
    >>> from inklings.callbacks import MLflowLogger
    >>> logger = MLflowLogger("first try", experiment="digits")  # doctest: +SKIP
    >>> fitted = inklings.fit(network, recipe, split, callbacks=[logger])  # doctest: +SKIP
    """

    @checks_call(RecipeError)
    def __init__(self, name: str | None = None, *, experiment: str | None = None) -> None:
        # Its own errors, its server's and the network's have no root in common.
        super().__init__("MLflow", Exception)
        self.name: str | None = name
        self.experiment: str | None = experiment
        self.run: str | None = None
        self._mlflow = _find_mlflow()
        self._is_own = False

    def on_start(self, network: Network, recipe: Recipe, epochs: int) -> None:
        """Start a run if none is active, and log the recipe."""
        with self.beginning("see mlflow.set_tracking_uri"):
            # A run that the user has begun is theirs to end; the training is logged into it.
            active = self._mlflow.active_run()
            if active is None:
                if self.experiment is not None:
                    self._mlflow.set_experiment(self.experiment)
                active = self._mlflow.start_run(run_name=self.name)
                self._is_own = True
            self.run = active.info.run_id
            self._mlflow.log_params({**_flat(recipe.to_dict()), "parameters": network.parameter_count})

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Log the epoch's figures."""
        values = {name: getattr(record, name) for name in METRICS}
        known = {name: float(value) for name, value in values.items() if value is not None and not isnan(value)}
        with self.going_on():
            self._mlflow.log_metrics(known, step=record.epoch)

    def on_end(self) -> None:
        """End the run, if it was started here."""
        if self._is_own:
            self._is_own = False
            with self.going_on():
                self._mlflow.end_run()


def _flat(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Return settings within settings by names with a dot: ``schedule.kind``."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return flat


def _find_mlflow() -> Any:  # noqa: ANN401 - a module without types
    with importing("mlflow", "MLflowLogger needs mlflow", "'inklings[mlflow]'"):
        import mlflow
    return mlflow
