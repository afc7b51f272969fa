"""Trained networks for other programs: ONNX, and scripts that rebuild them in Keras and PyTorch."""

from inklings.export.graph import to_onnx
from inklings.export.scripts import SCRIPTS, write_script

__all__ = ["SCRIPTS", "to_onnx", "write_script"]
