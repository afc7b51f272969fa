"""A training as Learn follows it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import inklings.web

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def test_a_training_that_is_over_before_its_first_event_has_its_whole_curve():
    script, static = Path(__file__).with_name("training_in_node.mjs"), Path(inklings.web.__file__).parent / "static"
    ran = subprocess.run([NODE, script, static], capture_output=True, timeout=60, check=True)
    assert json.loads(ran.stdout) == [0, 1, 2, 3, 4]
