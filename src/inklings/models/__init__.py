"""Trained networks that people can use: read images, look inside, save and load."""

from inklings.models.file import load, save
from inklings.models.model import Model

__all__ = ["Model", "load", "save"]
