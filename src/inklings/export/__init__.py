"""Trained networks for others: ONNX, scripts that rebuild them in Keras and PyTorch, a page that anyone can open."""

from inklings.export.graph import to_onnx
from inklings.export.page import write_page
from inklings.export.scripts import SCRIPTS, write_script

__all__ = ["SCRIPTS", "to_onnx", "write_page", "write_script"]
