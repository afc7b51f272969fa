"""Training with an optimiser that uses all images in every iteration: BFGS, L-BFGS, conjugate gradients.

These minimise a function of one long vector, in float64. Here a network becomes such a function: of its parameters one
after the other, with its objective over all training images and the gradient from the engine.
"""

from __future__ import annotations

from functools import partial
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

# A failed line search counts as converged: it fails where the objective's precision is used up, which for a network
# is as far down as this optimiser gets.
STOP_REASONS = {
    SolverStop.CONVERGED: StopReason.CONVERGED,
    SolverStop.LINE_SEARCH: StopReason.CONVERGED,
    SolverStop.ITERATIONS: StopReason.FINISHED,
    SolverStop.NOT_FINITE: StopReason.DIVERGED,
}


def to_vector(network: Network, parameters: Parameters) -> Vector:
    """Concatenate parameters in the order of the layers; shape ``(network.parameter_count,)``."""
    # The network's order, not that of the dict: an engine may return gradients in any.
    return np.concatenate([np.ravel(parameters[name]) for name in network.trainable_shapes]).astype(np.float64)


def to_parameters(network: Network, vector: Vector) -> Parameters:
    """Undo :func:`to_vector`; the arrays are views of the vector."""
    shapes = network.trainable_shapes
    ends = np.cumsum([prod(shape) for shape in shapes.values()])[:-1]  # np.split takes the inner boundaries
    parts = np.split(vector, ends)
    return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def _objective(job: TrainingJob, vector: Vector) -> tuple[float, Vector]:
    train, parameters = job.split.train, to_parameters(job.network, vector)
    # No seed and no step: nothing about this objective is random, else the recipe would have been refused.
    value, gradients = job.engine.gradients(
        job.network, job.objective, parameters, train.images, train.labels, weights=train.weights
    )
    return value, to_vector(job.network, gradients)


class FullBatchSession:
    """A network under training by a full-batch optimiser; it is to such an optimiser what a session is to an engine.

    Parameters
    ----------
    job : TrainingJob
    state : dict of str to array, optional
        The :attr:`state` of an earlier session, to continue from; the job's start if not given.
    """

    def __init__(self, job: TrainingJob, state: Parameters | None = None) -> None:
        self._job = job
        self.minimisation = Minimisation(
            # Of the job, not a method of this session: each would hold the other, and with them all that the training
            # has used, until Python looks for such circles.
            partial(_objective, job),
            to_vector(job.network, job.start_parameters),
            method=job.recipe.optimiser,
            iterations=job.epochs,
            state=state,
        )

    @property
    def loss(self) -> float:
        """The objective as a mean per image."""
        return self._job.per_image(self.minimisation.current.value)

    @property
    def parameters(self) -> Parameters:
        """Copies of the current parameters."""
        # A copy, since the minimisation's own vector is read-only and a caller may keep or change these.
        return to_parameters(self._job.network, self.minimisation.current.x.copy())

    @property
    def state(self) -> Parameters:
        """Copies of the optimiser's point and memory."""
        return dict(self.minimisation.state)

    def evaluate(self, images: Images, labels: Labels) -> Evaluation:
        """Evaluate the current parameters on labelled images."""
        job = self._job
        return job.engine.evaluate(job.network, job.objective, self.parameters, images, labels)


def run_iterations(recorder: Recorder) -> StopReason:
    """Train with a full-batch optimiser, whose iterations count as epochs of one step."""
    # A checkpoint's state holds the point itself; the job's start is then ignored.
    session = FullBatchSession(recorder.job, recorder.resume.state if recorder.resume else None)
    if not recorder.history and (stop_reason := recorder.record(session, 0, loss=session.loss)):
        return stop_reason
    for iteration in session.minimisation:
        stop_reason = recorder.record(session, iteration.number, loss=session.loss)
        # The minimisation knows with its last iteration that it is over: then a checkpoint would be of no use.
        if stop_reason is None and session.minimisation.reason is None:
            stop_reason = recorder.pause(session)
        if stop_reason:
            return stop_reason
    return STOP_REASONS[session.minimisation.reason or SolverStop.ITERATIONS]
