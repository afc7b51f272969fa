"""Contenders: the augmentation that all share, learning rates, and our own one's works."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from contenders.distortion import spline_basis
from contenders.turns import Task
from rows import BEST, WORKS

from inklings.data.warps import spline_basis as own_spline_basis
from inklings.training import preset

CONTENDERS = Path(__file__).parents[2] / "benchmarks" / "contenders"


@pytest.mark.parametrize("length", [8, 20, 28])
def test_peers_bend_images_by_the_splines_that_inklings_does(length):
    np.testing.assert_allclose(spline_basis(length), own_spline_basis(length), atol=1e-6)


def test_the_race_trains_best_as_the_preset_does():
    recipe = preset("best", (20, 20, 1), 10).recipe
    assert (BEST["batch_size"], BEST["learning_rate"]) == (recipe.batch_size, recipe.learning_rate)
    # The digits are characters, which the preset is told by their names.
    assert set(BEST["augmentation"]) == {"shift", "rotate", "scale", "shear", "elastic", "stroke"}


def test_learning_rates_fall_along_a_cosine_where_there_are_epochs():
    constant = Task("best", "", {}, {"learning_rate": 0.01, "steps": 5})
    assert constant.rate(0) == constant.rate(1000) == 0.01
    falling = Task("reach", "", {}, {"learning_rate": 0.01, "steps": 5, "epochs": 4, "final": 0.1})
    found = [falling.rate(step) for step in (0, 10, 20, 30)]
    assert found == pytest.approx([0.01, 0.0055, 0.001, 0.001])


@pytest.mark.parametrize("name", ["mlp-plain", "best", "reach-best", "predict-best", "search"])
def test_inklings_does_its_works(tmp_path, name):
    random = np.random.default_rng(0)
    images = random.random((128, 20, 20, 1), np.float32)
    labels = np.arange(128) % 10
    data = tmp_path / "few.npz"
    np.savez(data, train_images=images, train_labels=labels, test_images=images[:20], test_labels=labels[:20])
    work = WORKS[name]
    few = {"steps": 1, "seed": 0, "threads": 1, "count": 20, "most": 1, "setting": "float32"}
    few |= {"epochs": 1, "count": 2} if name == "search" else {}
    task = {"work": work.work, "data": str(data)} | dict(work.options) | few
    command = [sys.executable, CONTENDERS / "inklings_engine.py", json.dumps(task)]
    done = subprocess.run(command, input="go\n", capture_output=True, text=True, timeout=120)
    ready, turn = map(json.loads, done.stdout.splitlines())
    assert ready["ready"].startswith("Inklings ")
    assert turn["seconds"] > 0
    assert 0 <= turn["accuracy"] <= 1
