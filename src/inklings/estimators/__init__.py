"""Networks as scikit-learn classifiers: with ``fit`` and ``predict``, and in every tool that builds on these."""

from inklings.estimators.classifier import NetworkClassifier
from inklings.estimators.dense import DenseClassifier

__all__ = ["DenseClassifier", "NetworkClassifier"]
