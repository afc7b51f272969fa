"""The engine for browsers computes what the native engine does: the same answers, layers and trainings."""

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from inklings import Model, from_arrays, open_dataset, preset
from inklings.engines import get_engine
from inklings.engines.native import bindings
from inklings.engines.native.source_hash import source_hash
from inklings.models.ensemble import Ensemble, join_parameters
from inklings.networks import (
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    Initializer,
    MaxPool2D,
    Network,
    initial_parameters,
    network_to_plain,
)
from inklings.networks.folding import fold_batch_norms
from inklings.training import Recipe, Schedule, fit
from inklings.web.browser_model import browser_model

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed, which runs the engine for browsers here")
STATIC = files("inklings.web") / "static"
DIGITS = [str(digit) for digit in range(10)]


def run_in_node(folder, images, *, models=None, labels=None, trainings=(), refused=()):
    np.asarray(images, "<f4").tofile(folder / "images.bin")
    if labels is not None:
        np.asarray(labels, "<i4").tofile(folder / "labels.bin")
    for name, made in (models or {}).items():
        (folder / f"{name}.json").write_text(json.dumps(made.header))
        (folder / f"{name}.bin").write_bytes(made.weights)
    work = {"static": str(STATIC), "models": list(models or ()), "trainings": list(trainings), "refused": list(refused)}
    (folder / "work.json").write_text(json.dumps(work))
    command = [NODE, str(Path(__file__).with_name("engine_in_node.mjs")), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def with_random_statistics(network, seed=0):
    """Weights as if something had been learnt: averages and scales of batch normalisation are not 0 and 1."""
    random = np.random.default_rng(seed)
    parameters = initial_parameters(network, seed)
    for name, values in parameters.items():
        if not name.endswith("weights"):
            parameters[name] = values + random.uniform(0, 0.3, values.shape)
    return {name: values.astype(np.float32) for name, values in parameters.items()}


ALL_LAYERS = Network(
    (20, 20, 1),
    (
        Conv2D(6, (5, 3), stride=2, activation="elu"),
        BatchNorm(),
        Activation("leaky_relu"),
        Conv2D(9, 3, padding="valid", biases=None),
        BatchNorm(),
        Activation("tanh"),
        Conv2D(8, 2),
        MaxPool2D(3, stride=2, padding="same"),
        Dropout(0.3),
        GlobalPool("max"),
        Dense(12, "sigmoid"),
        Dense(10, "sigmoid"),
    ),
)


@pytest.fixture(scope="module")
def models():
    networks = {name: preset(name, (20, 20, 1), 10).network for name in ("mlp", "cnn2", "best")} | {"all": ALL_LAYERS}
    made = {name: Model(network, with_random_statistics(network), DIGITS) for name, network in networks.items()}
    small = Network((20, 20, 1), (Flatten(), Dense(7, "relu"), Dense(10, "softmax")))
    members = join_parameters([initial_parameters(small, seed) for seed in range(3)])
    return made | {"ensemble": Model(Ensemble(small, 3, 0.5), members, DIGITS)}


@pytest.fixture(scope="module")
def images():
    return open_dataset("digits").split().test.images[:1000]


@pytest.fixture(scope="module")
def done(models, images, tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    return run_in_node(folder, images, models={name: browser_model(model) for name, model in models.items()})


def test_the_module_in_the_package_was_compiled_from_the_c_sources_beside_it():
    """Else: make wasm."""
    module = (STATIC / "engine/inklings.wasm").read_bytes()
    assert source_hash(bindings.FOLDER).encode() in module, "inklings.wasm is of other C sources: run `make wasm`"


@needs_node
def test_the_engine_says_which_sources_it_is_of(done):
    assert done["sources"] == source_hash(bindings.FOLDER)


@needs_node
@pytest.mark.parametrize("name", ["mlp", "cnn2", "best", "all", "ensemble"])
def test_a_thousand_images_get_the_probabilities_that_python_gives(models, images, done, name):
    number = list(models).index(name)
    found = np.array(done["models"][number]["probabilities"]).reshape(-1, 10)
    expected = models[name].predict_proba(images, prepared=True)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert (found.argmax(1) != expected.argmax(1)).sum() <= 2


@needs_node
@pytest.mark.parametrize("name", ["mlp", "cnn2", "best", "all"])
def test_every_layer_puts_out_what_the_native_engine_does(models, images, done, name):
    layers = done["models"][list(models).index(name)]["layers"]
    folded = fold_batch_norms(models[name].network)
    expected = get_engine("native").activations(folded.network, folded.parameters(models[name].parameters), images[:1])
    assert [layer["name"] for layer in layers] == ["input", *expected]
    np.testing.assert_array_equal(layers[0]["values"], images[0].ravel())
    for layer, values in zip(layers[1:], expected.values(), strict=True):
        assert layer["shape"] == list(values.shape[1:])
        np.testing.assert_allclose(layer["values"], values.ravel(), rtol=1e-4, atol=1e-5)


@needs_node
def test_networks_that_come_and_go_leave_the_memory_as_it_was(done):
    assert done["grown"] <= 1 << 20


def plan(network, **recipe):
    return network, Recipe(**recipe)


def dense(*hidden, last="softmax", start=None):
    start = start or Initializer("glorot_uniform")
    return Network((20, 20, 1), (Flatten(), *hidden, Dense(10, last, start)))


PLANS = {
    "dropout, penalty, smoothing": plan(
        dense(Dropout(0.2), Dense(40, "relu"), Dropout(0.5)),
        optimiser="nesterov",
        learning_rate=0.01,
        epochs=3,
        l2=1e-3,
        regularise="hidden",
        label_smoothing=0.1,
        seed=3,
    ),
    "convolution, adam, a schedule": plan(
        Network(
            (20, 20, 1),
            (
                Conv2D(6, 5, activation="relu", weights=Initializer("truncated_normal", 0.1)),
                MaxPool2D(2),
                Flatten(),
                Dense(10, "softmax", Initializer("he_normal")),
            ),
        ),
        optimiser="adam",
        reduction="sum",
        epochs=3,
        schedule=Schedule("cosine", warm_up=4),
    ),
    "batch normalisation, adamw": plan(
        Network((20, 20, 1), (Conv2D(4, 3), BatchNorm(), Activation("relu"), GlobalPool(), Dense(10, "softmax"))),
        optimiser="adamw",
        learning_rate=1e-3,
        epochs=3,
        seed=2**40,
        order_seed=9,
    ),
    "sigmoids, momentum, weights of classes": plan(
        dense(Dense(20, "sigmoid"), last="sigmoid"),
        optimiser="momentum",
        learning_rate=0.05,
        loss="binary_crossentropy",
        l1=1e-4,
        epochs=3,
        class_weights=tuple(np.linspace(1, 2, 10)),
    ),
    "plain descent, some steps": plan(dense(), optimiser="sgd", learning_rate=0.1, batch_size=32, steps=25),
}


@pytest.fixture(scope="module")
def split():
    return open_dataset("digits").take(np.arange(0, 5000, 15)).split()


@pytest.fixture(scope="module")
def trained(split, tmp_path_factory):
    trainings = [
        {"network": network_to_plain(network), "recipe": recipe.to_dict()} for network, recipe in PLANS.values()
    ]
    refused = [
        {"network": network_to_plain(dense()), "recipe": {"optimiser": "bfgs"}},
        {"network": network_to_plain(dense()), "recipe": {"augmentation": {"shift": 1}}},
        {"network": network_to_plain(dense(last="sigmoid"))},
        {"network": network_to_plain(dense()), "recipe": {"epoch": 3}},
    ]
    folder, train = tmp_path_factory.mktemp("training"), split.train
    return run_in_node(folder, train.images, labels=train.labels, trainings=trainings, refused=refused)


@needs_node
@pytest.mark.parametrize("name", PLANS)
def test_a_training_from_a_seed_is_that_of_the_native_engine_in_python(split, trained, name):
    """The same initial weights, order of images, dropout masks and learning rates: so the same curve."""
    network, recipe = PLANS[name]
    history = fit(network, recipe, split, engine="native").history
    found = trained["trainings"][list(PLANS).index(name)]
    assert len(found["rows"]) == len(history)
    for row, loss, record in zip(found["rows"], found["losses"], history, strict=True):
        assert row["loss"] == pytest.approx(record.train_loss, rel=1e-3)
        assert row["accuracy"] == pytest.approx(record.train_accuracy, abs=0.011)
        assert loss == (None if record.loss is None else pytest.approx(record.loss, rel=1e-3))


@needs_node
@pytest.mark.parametrize("name", PLANS)
def test_a_training_sent_back_and_taken_step_by_step_ends_in_the_same_weights(trained, name):
    assert trained["trainings"][list(PLANS).index(name)]["isSame"]


@needs_node
def test_what_a_page_cannot_train_is_refused_in_a_line(trained):
    said = trained["refused"]
    assert "cannot train by bfgs" in said[0]
    assert "cannot change its training images" in said[1]
    assert said[2] == "the loss crossentropy expects softmax as the last activation, found sigmoid"
    assert said[3] == "the recipe has no setting 'epoch'"


@needs_node
def test_images_in_colour_are_read_as_in_python(tmp_path):
    random = np.random.default_rng(0)
    pictures = random.uniform(0, 1, (30, 8, 6, 3)).astype(np.float32)
    network = Network((8, 6, 3), (Conv2D(5, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(2, "softmax")))
    model = Model(network, with_random_statistics(network), from_arrays(pictures, [0, 1] * 15).class_names)
    found = run_in_node(tmp_path, pictures, models={"colour": browser_model(model)})["models"][0]["probabilities"]
    np.testing.assert_allclose(found, model.predict_proba(pictures, prepared=True).ravel(), atol=1e-5)
