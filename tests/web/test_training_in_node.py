"""A training as Learn follows it, and how its page names classes."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import inklings.web
from inklings.lab.wanted import read_wanted
from inklings.networks import network_to_plain

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def test_a_training_that_is_over_before_its_first_event_has_its_whole_curve():
    script, static = Path(__file__).with_name("training_in_node.mjs"), Path(inklings.web.__file__).parent / "static"
    ran = subprocess.run([NODE, script, static], capture_output=True, timeout=60, check=True)
    assert json.loads(ran.stdout) == [0, 1, 2, 3, 4]


SETTINGS = """
import { pathToFileURL } from "node:url";
const { settingsOf, toRequest } = await import(pathToFileURL(process.argv[1]));
const { settings = [], described = [] } = JSON.parse(process.argv[2]);
console.log(JSON.stringify([settings.map((each) => toRequest(each, "")), described.map(settingsOf)]));
"""


def test_settings_are_found_again_in_what_a_lab_says_of_a_training(split):
    layers, page = "conv-8-5_conv-4-3_pool-2_dense-64_dense-5", Path(inklings.web.__file__).parent / "static"
    rich = {"layers": layers, "images": 500, "epochs": 20, "rate": 0.001, "dropout": 0.5, "l2": 0.003, "noise": 0.1}
    plain = {"layers": "none", "images": 40, "epochs": 40, "rate": 0.03, "dropout": 0.2, "l2": 0, "noise": 0}
    settings = [{**rich, "augment": "lot", "seed": 7}, {**plain, "augment": "none", "seed": 0}]

    def ask(**values):
        command = [NODE, "--input-type=module", "--eval", SETTINGS, page / "learn/settings.js", json.dumps(values)]
        return json.loads(subprocess.run(command, capture_output=True, timeout=60, check=True).stdout)

    requests, _ = ask(settings=settings)
    wanted = [read_wanted(each, split) for each in requests]
    plans = [(network_to_plain(each.plan.network), each.plan.recipe.to_dict()) for each in wanted]
    described = [
        {"network": network, "recipe": recipe, "data": each["data"]}
        for (network, recipe), each in zip(plans, requests, strict=True)
    ]
    assert ask(described=[*requests, *described])[1] == [*settings, *settings]


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
