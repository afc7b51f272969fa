"""Networks as scikit-learn has its classifiers: ``fit``, ``predict``, and every tool that builds on these."""

from inklings.estimators.classifier import NetworkClassifier
from inklings.estimators.dense import DenseClassifier

__all__ = ["DenseClassifier", "NetworkClassifier"]
