"""Trained networks, ready to use: predict, look inside, save and load."""

from inklings.models.model import Model, load
from inklings.models.predict_pictures import Prediction, ReadPage, read_page, read_picture
from inklings.models.preparation import Preparation

__all__ = ["Model", "Prediction", "Preparation", "ReadPage", "load", "read_page", "read_picture"]
