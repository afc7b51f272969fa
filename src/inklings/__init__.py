"""Train small neural networks on labelled images, compare them honestly, look inside."""

__version__ = "0.1.0"
