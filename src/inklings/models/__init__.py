"""Trained networks, ready to use: predict, look inside, save and load."""

from inklings.models.model import Model, load
from inklings.models.page_reading import ReadPage, read_page
from inklings.models.predict_pictures import read_picture
from inklings.models.prediction import Prediction
from inklings.models.preparation import Preparation

__all__ = ["Model", "Prediction", "Preparation", "ReadPage", "load", "read_page", "read_picture"]
