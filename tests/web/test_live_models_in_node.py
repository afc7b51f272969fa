"""The networks that a page has loaded: those that can be read, also such as were trained meanwhile."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import inklings.web
from inklings.web.browser_model import browser_model

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


@pytest.fixture(scope="module")
def done(small_model, tmp_path_factory):
    folder, made = tmp_path_factory.mktemp("live"), browser_model(small_model)
    (folder / "header.json").write_text(json.dumps(made.header))
    (folder / "weights").write_bytes(made.weights)
    script, static = Path(__file__).with_name("live_models_in_node.mjs"), Path(inklings.web.__file__).parent / "static"
    command = [NODE, script, static, folder / "header.json", folder / "weights"]
    ran = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return json.loads(ran.stdout)


def test_a_damaged_network_leaves_the_others_and_new_ones_appear_once(done):
    assert done["told"] == [["m1"], ["m1", "m3"], ["m1", "m3", "m6"]]


def test_a_network_that_the_address_names_is_waited_for(done):
    assert done["awaited"] == ["m1", "m3", "m6"]


def test_what_was_loaded_in_vain_is_let_go(done):
    assert done["kept"] == ["m1", "m3", "m6"]
    assert done["grown"] == 0
