"""What training minimises: a loss on the last layer's outputs, and penalties on the weights."""

from __future__ import annotations

from dataclasses import dataclass

from inklings.errors import RecipeError
from inklings.networks import Network
from inklings.serialise import did_you_mean

# Which last activation each loss is the negative log-likelihood of. Both are computed from the values before that
# activation (the logits): exact where a probability would round to 0 or 1, and its gradient is a plain difference.
ACTIVATION_OF_LOSS = {"crossentropy": "softmax", "binary_crossentropy": "sigmoid"}
REDUCTIONS = ("mean", "sum")


@dataclass(frozen=True)
class Objective:
    """The number that training makes small, for a batch of m images with K classes.

    ::

        crossentropy          L = -sum_k q_k log softmax(z)_k
        binary_crossentropy   L = -sum_k [q_k log sigmoid(z_k) + (1 - q_k) log(1 - sigmoid(z_k))]
        objective             (1/m or 1) sum_images v c L + l1 sum |w| + l2 sum w^2

    with logits z, targets q (1 for the image's class, else 0, smoothed), the class's weight c and the image's
    own weight v (1 unless the engine is given some). The mean is over the images, not over their weights.

    Parameters
    ----------
    loss : {"crossentropy", "binary_crossentropy"}
        For a softmax and for sigmoids as the last activation.
    reduction : {"mean", "sum"}
        Over the batch; the penalties are added after it.
    l1, l2 : float
        Strengths of the penalties.
    penalised : tuple of str
        Names of the parameters that they apply to.
    label_smoothing : float
        The share s of each target that is spread evenly: ``q (1 - s) + s / K``, or ``s / 2`` for binary_crossentropy
        (Szegedy and others, 2016, section 7).
    class_weights : tuple of float, optional
        One a class.

    Examples
    --------
    >>> import inklings
    >>> from inklings.engines import Objective
    >>> Objective(l2=0.001, penalised=("dense_1/weights",)).plain_loss().l2
    0.0
    """

    loss: str = "crossentropy"
    reduction: str = "mean"
    l1: float = 0.0
    l2: float = 0.0
    penalised: tuple[str, ...] = ()
    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] | None = None

    def check(self, network: Network) -> None:
        """Refuse a network that this objective does not suit, with a RecipeError."""
        if self.loss not in ACTIVATION_OF_LOSS:
            raise RecipeError(f"unknown loss '{self.loss}'", did_you_mean(self.loss, ACTIVATION_OF_LOSS))
        expected = ACTIVATION_OF_LOSS[self.loss]
        if network.output_activation != expected:
            raise RecipeError(
                f"the loss {self.loss} expects {expected} as the last activation, found {network.output_activation}",
                f"end the network with Dense({network.output_count}, '{expected}') or choose another loss",
            )
        if self.class_weights is not None and len(self.class_weights) != network.output_count:
            raise RecipeError(f"{len(self.class_weights)} class weights for {network.output_count} classes")

    def plain_loss(self) -> Objective:
        """Return the loss alone, which evaluates every network: a mean without penalties, smoothing and weights."""
        return Objective(self.loss)
