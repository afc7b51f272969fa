import json

import pytest

from inklings import Dense, Flatten, InklingsError, Network, NetworkError, RecipeError
from inklings.networks import network_to_plain
from inklings.training import Recipe, Schedule, fit, preset, read_plan

TOML = """
[[layers]]
layer = "Flatten"
[[layers]]
layer = "Dense"
units = 12
activation = "relu"
weights = "he_normal"
[[layers]]
layer = "Dense"
units = "classes"
activation = "softmax"

[recipe]
optimiser = "sgd"
learning_rate = 0.3
epochs = 2
schedule = {kind = "cosine"}
"""


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refusal(path, error=InklingsError):
    with pytest.raises(error) as caught:
        read_plan(path, (6, 6, 1), 3)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def test_a_toml_file_adapts_to_the_data_and_trains(write, split):
    plan = read_plan(write("mine.toml", TOML), (6, 6, 1), 3)
    assert plan.title == "mine"
    assert plan.recipe == Recipe("sgd", 0.3, epochs=2, schedule=Schedule("cosine"))
    assert plan.network.parameter_count == 37 * 12 + 13 * 3
    assert fit(plan.network, plan.recipe, split, engine="numpy").history[-1].epoch == 2


def test_a_json_file_says_the_same(write):
    plan = preset("cnn2", (20, 20, 3), 7)
    written = {**network_to_plain(plan.network), "recipe": plan.recipe.to_dict()}
    read = read_plan(write("net.json", json.dumps(written)), (1, 1, 1), 2)
    assert (read.network, read.recipe) == (plan.network, plan.recipe)


def test_without_a_recipe_the_default_one_is_taken(write):
    network = Network((6, 6, 1), (Flatten(), Dense(3, "softmax")))
    read = read_plan(write("net.json", json.dumps(network_to_plain(network))), (6, 6, 1), 3)
    assert (read.network, read.recipe) == (network, Recipe())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('layer = "Flatten"', "layer = Flatten", "not TOML: Invalid value (at line 3, column 9)"),
        ('layer = "Flatten"', 'layer = "Flaten"', "layer 1 is an unknown 'Flaten'; did you mean 'Flatten'?"),
        ("units = 12", "unit = 12", "layer 2 (Dense) has the unknown setting 'unit'; did you mean 'units'?"),
        ("units = 12", 'units = "many"', "layer 2 (Dense): units is 'many', expected a whole number"),
        ("units = 12", "units = 0", "layer 2 (Dense): Dense units is 0"),
        ('"he_normal"', '"he_nrmal"', "layer 2 (Dense): weights: unknown distribution 'he_nrmal' of initial values"),
        ('layer = "Flatten"', 'layer = "Flatten"\nsize = 3', "layer 1 (Flatten) has the unknown setting 'size'"),
        ("[[layers]]", "[[layer]]", "unknown key 'layer'; did you mean 'layers'?"),
        ("epochs = 2", "epoch = 2", "the recipe has the unknown setting 'epoch'; did you mean 'epochs'?"),
        ("epochs = 2", "epochs = -2", "epochs is -2, expected a whole number of at least 1"),
        ("0.3", '"fast"', "the recipe: learning_rate is 'fast', expected a number"),
        ("0.3", "nan", "the recipe: learning_rate is nan, expected a number"),
        ('"cosine"', '"cosin"', "schedule: kind 'cosin' is unknown; did you mean 'cosine'?"),
    ],
)
def test_a_mistake_is_answered_with_the_file_and_the_place(write, old, new, message):
    assert message in refusal(write("mine.toml", TOML.replace(old, new)))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("net.json", '{"layers": [}', "not JSON: Expecting value: line 1 column 13"),
        ("net.json", "", "not JSON"),
        ("net.json", "[1, 2]", "holds a list, expected an object with 'layers'"),
        ("net.json", "[" * 100_000, "too many brackets"),
        ("net.json", '{"layers": 3}', "the network's layers are 3, expected a list"),
        ("net.json", '{"layers": ["Flatten"]}', "layer 1 is 'Flatten', expected a table with a 'layer'"),
        ("net.json", '{"layers": [], "input_shape": 3}', "input_shape is 3, expected [height, width, channels]"),
        ("net.json", '{"layers": []}', "the network has no layers"),
        ("net.json", '{"layers": [{"layer": "Flatten"}], "recipe": []}', "recipe is [], expected a table of settings"),
        ("net.toml", "", "the network's layers are None, expected a list"),
        ("net.toml", b"\xff\xfe", "byte 0 is not UTF-8, expected text"),
        ("net.toml", "#" * 1_100_000, "1,100,000 bytes, expected at most 1,048,576"),
        ("net.yaml", "layers:", "ends in '.yaml', expected a .toml or .json file"),
        ("net", "", "ends in '', expected a .toml or .json file"),
    ],
)
def test_what_is_no_plan_is_refused(write, name, content, message):
    assert message in refusal(write(name, content))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    assert "no such file" in refusal(tmp_path / "none.toml", NetworkError)
    (tmp_path / "folder.toml").mkdir()
    assert "not a file" in refusal(tmp_path / "folder.toml", NetworkError)


def test_errors_keep_their_kind(write):
    refusal(write("a.toml", TOML.replace("epochs = 2", "epochs = 0")), RecipeError)
    refusal(write("b.toml", TOML.replace("units = 12", "units = 0")), NetworkError)
