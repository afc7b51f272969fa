"""A training as Learn follows it, and how its page names classes."""

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


NAMES = """
import { pathToFileURL } from "node:url";
const { aOrAn, isolated } = await import(pathToFileURL(process.argv[1]));
console.log(JSON.stringify([aOrAn("8"), aOrAn("7"), isolated("sun"), isolated("\\u0634\\u0645\\u0633")]));
"""


def test_a_name_from_right_to_left_stays_apart_from_the_sentence_around_it():
    naming = Path(inklings.web.__file__).parent / "static" / "parts" / "naming.js"
    command = [NODE, "--input-type=module", "--eval", NAMES, naming]
    ran = subprocess.run(command, capture_output=True, timeout=60, check=True)
    assert json.loads(ran.stdout) == ["an 8", "a 7", "sun", "\u2068\u0634\u0645\u0633\u2069"]
