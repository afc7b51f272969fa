"""Extreme pixels, learning rates, shapes and weights: never a silent NaN, always a told one."""

import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest

from inklings import Recipe, fit, preset
from inklings.data.build import from_arrays
from inklings.errors import DataError, NetworkError
from inklings.models import Model, load
from inklings.training import StopReason

PIXELS = np.random.default_rng(0).random((60, 8, 8)).astype(np.float32)
LABELS = np.arange(60) % 3
HOLED = PIXELS.copy()
HOLED[3, 2, 2] = np.nan


def split_of(images, labels=LABELS):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ink and paper, which random pixels have none of
        return from_arrays(images, labels).split()


def train(split, name, engine="auto", **settings):
    plan = preset(name, split.dataset.image_shape, split.dataset.class_count).with_recipe(**settings)
    return fit(plan.network, plan.recipe, split, engine=engine)


def check_told(fitted):
    """Weights and losses are finite, or training says that it diverged."""
    finite = all(np.isfinite(value).all() for value in fitted.parameters.values())
    if fitted.stop_reason is StopReason.DIVERGED:
        assert fitted.message
    else:
        assert finite
        assert np.isfinite(fitted.history[-1].train_loss)


@pytest.mark.parametrize(
    "images",
    [
        PIXELS * 1e38,
        PIXELS.astype(np.float64) * 1e308,
        PIXELS * 1e-40,
        np.full_like(PIXELS, 0.3),
        np.zeros_like(PIXELS),
    ],
    ids=["huge", "huge float64", "tiny", "constant", "zero"],
)
@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_extreme_pixels_train_or_are_told(images, engine):
    for name in ("softmax", "mlp"):
        check_told(train(split_of(images), name, engine, epochs=2))
    check_told(train(split_of(images), "best", engine, epochs=1))


def test_missing_pixels_are_refused_with_the_first_image():
    with pytest.raises(DataError, match=r"image 3 .* NaN or infinity"):
        from_arrays(HOLED, LABELS)


def test_images_in_half_precision_are_read_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        images = from_arrays(PIXELS.astype(np.float16), LABELS).images
        wide = from_arrays((PIXELS * 60_000).astype(np.float16), LABELS).images
    assert np.isfinite(images).all()
    assert np.isfinite(wide).all()


def test_one_image_a_class_and_a_thousand_classes():
    check_told(train(split_of(PIXELS[:3], np.arange(3)), "mlp", epochs=2))
    images = np.random.default_rng(1).random((2000, 4, 4)).astype(np.float32)
    check_told(train(split_of(images, np.arange(2000) % 1000), "softmax", steps=3))


@pytest.mark.parametrize("name", ["softmax", "mlp", "best"])
def test_a_learning_rate_of_a_million_is_told(name):
    fitted = train(split_of(PIXELS), name, epochs=3, learning_rate=1e6)
    assert fitted.stop_reason is StopReason.DIVERGED
    assert "the learning rate 1e+06 is most likely too high" in fitted.message


@pytest.mark.parametrize("name", ["softmax", "mlp", "best"])
def test_a_learning_rate_that_changes_nothing_is_told(name):
    fitted = train(split_of(PIXELS), name, epochs=2, learning_rate=1e-30)
    assert "training changed nothing in" in fitted.message
    assert "learning rate 1e-30 is too small for float32" in fitted.message
    assert not train(split_of(PIXELS), name, epochs=2).message


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000)])
@pytest.mark.parametrize("name", ["softmax", "naive", "mlp"])
def test_images_of_one_pixel_and_of_one_row(shape, name):
    images = np.random.default_rng(2).random((24, *shape)).astype(np.float32)
    check_told(train(split_of(images, np.arange(24) % 3), name, epochs=1))


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_a_network_whose_weights_are_all_zero_trains(engine):
    split = split_of(PIXELS)
    plan = preset("mlp", split.dataset.image_shape, 3)
    zero = {name: np.zeros(shape, np.float32) for name, shape in plan.network.parameter_shapes.items()}
    check_told(fit(plan.network, Recipe("adam", 0.01, epochs=2), split, engine=engine, start=zero))


def test_weights_of_1e30_in_a_sound_file_are_told(tmp_path):
    split = split_of(PIXELS)
    model = Model.from_fit(train(split, "mlp", epochs=1), split)
    large = {name: np.full_like(value, 1e30) for name, value in model.parameters.items()}
    replace(model, parameters=large).save(tmp_path / "large.inkling")
    with pytest.raises(NetworkError, match=r"NaN or infinite .*1e\+30"):
        load(tmp_path / "large.inkling").predict(split.test.images, prepared=True)


@pytest.mark.skipif(sys.platform != "linux", reason="needs ulimit -v")
@pytest.mark.parametrize("command", ["train hog-svm", "train best --epochs 1"])
def test_little_address_space_is_refused_at_once(tmp_path, command):
    limited = f"ulimit -v 300000; exec {sys.executable} -m inklings {command}"
    done = subprocess.run(["sh", "-c", limited], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == 7, done.stderr
    assert done.stderr.startswith("inklings: `ulimit -v` allows 307 MB of address space, expected at least")
    assert len(done.stderr.splitlines()) == 1
