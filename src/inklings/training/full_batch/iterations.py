"""Training with an optimiser that reads all images for every iteration: BFGS, L-BFGS, conjugate gradients.

These see a function of one long vector, in float64. Here a network becomes one: its parameters one after the other, its
objective over all training images, its gradient from the engine.
"""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

from inklings.engines import Evaluation
from inklings.engines.base import Images, Labels
from inklings.networks import Network, Parameters
from inklings.training.fit_result import StopReason
from inklings.training.full_batch.quasi_newton import Minimisation, SolverStop
from inklings.training.recorder import Recorder
from inklings.training.training_job import TrainingJob

Vector = NDArray[np.float64]

ENDINGS = {
    SolverStop.CONVERGED: StopReason.CONVERGED,
    SolverStop.LINE_SEARCH: StopReason.CONVERGED,
    SolverStop.ITERATIONS: StopReason.FINISHED,
    SolverStop.NOT_FINITE: StopReason.DIVERGED,
}


def to_vector(network: Network, parameters: Parameters) -> Vector:
    """Lay parameters out one after the other, in the order of the layers; shape ``(network.parameter_count,)``."""
    return np.concatenate([np.ravel(parameters[name]) for name in network.trainable_shapes]).astype(np.float64)


def to_parameters(network: Network, vector: Vector) -> Parameters:
    """Undo :func:`to_vector`; the arrays are views of the vector."""
    shapes = network.trainable_shapes
    ends = np.cumsum([prod(shape) for shape in shapes.values()])[:-1]
    parts = np.split(vector, ends)
    return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


class Descent:
    """A network on its way down the objective of all training images.

    Parameters
    ----------
    job : TrainingJob
        What is being done.
    state : dict of str to array, optional
        Where an earlier descent was, and what its optimiser remembered; the job's start if not given.
    """

    def __init__(self, job: TrainingJob, state: Parameters | None = None) -> None:
        self._job = job
        self.minimisation = Minimisation(
            self._objective,
            to_vector(job.network, job.start_parameters),
            method=job.recipe.optimiser,
            iterations=job.epochs,
            state=state,
        )

    def _objective(self, vector: Vector) -> tuple[float, Vector]:
        job, train = self._job, self._job.split.train
        parameters = to_parameters(job.network, vector)
        value, gradients = job.engine.gradients(
            job.network, job.objective, parameters, train.images, train.labels, weights=train.weights
        )
        return value, to_vector(job.network, gradients)

    @property
    def loss(self) -> float:
        """What is minimised, as a mean an image."""
        return self._job.per_image(self.minimisation.current.value)

    @property
    def parameters(self) -> Parameters:
        """Copies of the parameters as they are now."""
        return to_parameters(self._job.network, self.minimisation.current.x.copy())

    @property
    def state(self) -> Parameters:
        """Copies of where it is and what the optimiser remembers."""
        return dict(self.minimisation.state)

    def evaluate(self, images: Images, labels: Labels) -> Evaluation:
        """Read images with the parameters as they are now."""
        job = self._job
        return job.engine.evaluate(job.network, job.objective, self.parameters, images, labels)


def run_iterations(log: Recorder) -> StopReason:
    """Train with a full-batch optimiser: an iteration is an epoch, and a step."""
    descent = Descent(log.job, log.resume.state if log.resume else None)
    if not log.rows and (ending := log.record(descent, 0, loss=descent.loss)):
        return ending
    for iteration in descent.minimisation:
        ending = log.record(descent, iteration.number, loss=descent.loss)
        if ending is None and descent.minimisation.reason is None:
            ending = log.pause(descent)
        if ending:
            return ending
    return ENDINGS[descent.minimisation.reason or SolverStop.ITERATIONS]
