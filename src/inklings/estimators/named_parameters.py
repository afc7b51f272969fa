"""Parameters that are set by their names, as searches do: an unknown one is answered with the one that was meant."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import BaseEstimator

from inklings.errors import EstimatorError
from inklings.synonyms import hint_of_name


class NamedParameters(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """scikit-learn's way to set parameters, with an error of ours for an unknown name."""

    def set_params(self, **parameters: Any) -> Self:  # noqa: ANN401 - as scikit-learn has it
        """Set parameters by their names, as searches do."""
        known = self._get_param_names()
        for name in parameters:
            if "__" not in name and name not in known:
                hint = self._hint_of(name) or hint_of_name(name, known)
                raise EstimatorError(f"{type(self).__name__} has no argument '{name}'", hint, found=name)
        super().set_params(**parameters)
        return self

    def _hint_of(self, name: str) -> str:
        """Return what to write in place of a name, where the estimator knows better than by its spelling."""
        return ""
