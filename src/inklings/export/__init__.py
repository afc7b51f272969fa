"""Trained networks for others: ONNX, scripts that rebuild them in Keras and PyTorch, a page that anyone can open."""

from inklings.command_names import named_as_a_command
from inklings.export.graph import to_onnx
from inklings.export.page import write_page
from inklings.export.scripts import SCRIPTS, write_script

__all__ = ["SCRIPTS", "to_onnx", "write_page", "write_script"]

named_as_a_command(__name__, "model.to_onnx(), model.write_page(path) or model.write_script(path, to=library)")
