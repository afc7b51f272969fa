"""Parameters that are set by their names, as searches do: an unknown one is answered with the one that was meant."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import BaseEstimator

from inklings.arguments import hint_of_name
from inklings.errors import EstimatorError


class NamedParameters(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """scikit-learn's way to set parameters, with an error of ours for an unknown name."""

    def set_params(self, **parameters: Any) -> Self:  # noqa: ANN401 - as scikit-learn has it
        """Set parameters by their names, as searches do."""
        known = self._get_param_names()
        for name in parameters:
            if "__" not in name and name not in known:
                title = type(self).__name__
                raise EstimatorError(f"{title} has no argument '{name}'", hint_of_name(name, known), found=name)
        super().set_params(**parameters)
        return self
