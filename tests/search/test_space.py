import numpy as np
import pytest

from inklings.errors import NetworkError, RecipeError
from inklings.networks import BatchNorm, Conv2D
from inklings.search.dimensions import Choice, Range, read_dimension
from inklings.search.draws import distinct
from inklings.search.made_spaces import check_without_images, find_space, make_space
from inklings.search.plans import PlanMaker
from inklings.search.run import run_search
from inklings.search.space import read_space, space_from_plain
from inklings.training import PRESETS, DataFacts

SHAPE, CLASSES = (20, 20, 1), 10
BLOCKS = """
kernel_size = [3, 5]
epochs = 2
[[layers]]
repeat = [0, 1, 2]
[[layers.block]]
layer = "Conv2D"
filters = [8, 16]
kernel_size = "$kernel_size"
[[layers.block]]
layer = "BatchNorm"
on = [true, false]
[[layers]]
layer = "Flatten"
[[layers]]
layer = "Dense"
units = "classes"
activation = "softmax"
"""


def maker(values):
    return PlanMaker(space_from_plain(values), SHAPE, CLASSES, DataFacts())


def test_a_list_is_a_choice_a_table_a_range_and_anything_else_fixed():
    space = space_from_plain(
        {"network": "mlp", "hidden_units": [25, [400, 200]], "l2": {"low": 0.0, "high": 0.1}, "epochs": 3}
    )
    assert space.dimensions["hidden_units"] == Choice((25, (400, 200)))
    assert space.dimensions["l2"] == Range(0.0, 0.1)
    assert space.fixed == {"network": "mlp", "epochs": 3}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("learning_rat = [1]", "did you mean 'learning_rate'"),
        ("seed = [1, 2]", "give repeats"),
        ("network = 'mpl'", "did you mean 'mlp'"),
        ("learning_rate = []", "is an empty list"),
        ("learning_rate = [0.1, 0.1]", "0.1 twice"),
        ("learning_rate = { low = 1, hihg = 2 }", "did you mean 'high'"),
        ("learning_rate = { low = 1 }", "has no 'high'"),
        ("learning_rate = { low = 0.0, high = 1.0, log = true }", "0 has no logarithm"),
        ("learning_rate = { low = 2, high = 1 }", "expected low below high"),
        ("learning_rate = { low = 0.1, high = 1.0, log = true, step = 0.1 }", "both log and step"),
        ("learning_rate = { low = 'a', high = 1 }", "expected a number"),
        ("learning_rate = { low = 0.1, high = inf }", "expected at most 2^53"),
        (f"batch_size = {{ low = 1, high = 1{'0' * 400} }}", "expected at most 2^53"),
        ("l2 = { low = 0, high = 1, step = 1e-300 }", "too small for so wide a range"),
        (f"epochs = 1{'0' * 400}", "expected at most 2^53"),
        ("repeats = 0", "repeats is 0"),
        ("repeats = true", "repeats is True"),
        ("network = 'mlp'\nlayers = []", "both given"),
        ("layers = []", "expected a list with at least one layer"),
        ("layers = [{ layer = 'Dens' }]", "did you mean 'Dense'"),
        ("layers = [{ layer = 'Dense', units = '$unit' }]", "there is no 'unit' at the top"),
        ("layers = [{ layer = 'Dense', block = [] }]", "either 'layer' or 'block'"),
        ("layers = [{ block = [{ layer = 'Flatten' }], repeat = -1 }]", "repeat is -1"),
        ("layers = [{ block = [{ layer = 'Flatten' }], repeat = [1, 2.5] }]", "repeat is 2.5"),
        ("layers = [{ block = [{ layer = 'Flatten' }], repeat = { low = 1, high = 1000000 } }]", "whole number from 0"),
        ("layers = [{ layer = 'Flatten', on = ['no', true] }]", "on is 'no'"),
        ("network = ", "is not TOML"),
        (f"learning_rate = {'[' * 500}", "too many brackets within each other"),
        (f"{'.'.join('a' * 300_000)} = 1", "keys of thousands of parts"),
        (f"layers = [{'{ repeat = 1000, block = [' * 3}{{ layer = 'Flatten' }}{']}' * 3}]", "1,000,000,000 layers"),
    ],
    ids=lambda text: text[:60],
)
def test_what_is_wrong_in_a_space_file_is_named(text, found, tmp_path):
    path = tmp_path / "space.toml"
    path.write_text(text)
    with pytest.raises((RecipeError, NetworkError)) as refused:
        read_space(path)
    assert found in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RecipeError, match=r"nowhere\.toml: cannot be read"):
        read_space(tmp_path / "nowhere.toml")


LAYERS = [{"layer": "Flatten"}, {"layer": "Dense", "units": "classes", "activation": "softmax"}]


@pytest.mark.parametrize("value", ["high", -1, 0])
def test_an_impossible_value_is_refused_before_anything_is_trained(value):
    with pytest.raises(RecipeError, match="learning_rate"):
        maker({"network": "mlp", "learning_rate": [0.1, value]}).check()


@pytest.mark.parametrize(
    ("space", "found"),
    [
        (
            {"hidden_units": [10, 25]},
            "hidden_units has no effect where network is best, expected network = naive or mlp",
        ),
        ({"hidden_units": 25}, "hidden_units has no effect where network is best"),
        ({"network": "best", "momentum": [0.1, 0.9]}, "momentum has no effect with the optimiser adamw"),
        ({"network": "mlp", "steps": 10, "epochs": [1, 2]}, "epochs has no effect beside the others"),
        ({"layers": LAYERS, "hidden_units": [3, 5]}, r"hidden_units has no effect .*in a layer as '\$hidden_units'"),
    ],
)
def test_a_setting_that_nothing_uses_is_refused(space, found):
    with pytest.raises(RecipeError, match=found):
        maker(space).check()


def test_a_setting_that_one_network_or_optimiser_uses_is_not():
    maker({"network": ["softmax", "mlp"], "hidden_units": [10, 25], "epochs": 1}).check()
    maker({"network": "mlp", "optimiser": ["adam", "nesterov"], "momentum": [0.1, 0.9]}).check()


@pytest.mark.parametrize(
    ("space", "found"),
    [
        ({"network": "mlp", "learning_rate": [0.1, -1]}, "learning_rate = -1: learning_rate is -1"),
        ({"network": ["mlp", "naive"], "hidden_units": [10], "epochs": 1}, "cannot be compared"),
        ("sofmax", "did you mean 'softmax'"),
    ],
)
def test_what_no_images_could_make_possible_is_refused_before_they_are_read(space, found, tmp_path):
    with pytest.raises((RecipeError, NetworkError), match=found):
        run_search(space, tmp_path / "nowhere.npz", out=tmp_path / "study")


def test_what_depends_on_the_images_waits_for_them():
    kernel = {"layer": "Conv2D", "filters": 2, "kernel_size": [3, 100]}
    check_without_images(find_space({"layers": [kernel, *LAYERS], "epochs": 1}), "loss")


def test_a_range_has_all_that_is_drawn_from_it_though_its_last_digits_are_rounded():
    found = Range(0.12345678901234, 0.9, step=0.1)
    assert found.grid[0] < found.low
    assert all(found.has(value) for value in found.grid)
    assert not any(map(found.has, (0.1234, 0.91, True, "0.5", float("nan"))))


def test_losses_that_cannot_be_compared_are_refused():
    plans = maker({"network": ["mlp", "naive"], "hidden_units": [10], "epochs": 1})
    with pytest.raises(
        RecipeError, match=r"cannot be compared between crossentropy .* and binary_crossentropy"
    ) as found:
        plans.check()
    assert found.value.suggested == {"measure": "accuracy"}
    plans.check("accuracy")


def test_an_empty_file_is_no_space(tmp_path):
    path = tmp_path / "space.toml"
    path.write_text("# nothing yet\n")
    with pytest.raises(RecipeError, match=r"space.toml: is empty, expected settings"):
        read_space(path)


def test_layers_are_there_as_often_as_chosen(tmp_path):
    path = tmp_path / "blocks.toml"
    path.write_text(BLOCKS)
    space = read_space(path)
    assert set(space.dimensions) == {"block_1.repeat", "batchnorm_1.on", "conv2d_1.filters", "kernel_size"}
    plans = PlanMaker(space, SHAPE, CLASSES, DataFacts())
    plans.check()
    settings = {"block_1.repeat": 2, "batchnorm_1.on": False, "conv2d_1.filters": 16, "kernel_size": 5}
    layers = plans.plan(settings).network.layers
    assert [(layer.filters, layer.kernel_size) for layer in layers if isinstance(layer, Conv2D)] == [(16, (5, 5))] * 2
    assert not any(isinstance(layer, BatchNorm) for layer in layers)
    assert plans.plan(settings).recipe.epochs == 2


def test_what_has_no_effect_is_left_out_of_the_settings(tmp_path):
    path = tmp_path / "blocks.toml"
    path.write_text(BLOCKS)
    space = read_space(path)
    all_of_them = {"block_1.repeat": 0, "batchnorm_1.on": True, "conv2d_1.filters": 8, "kernel_size": 3}
    assert space.without_idle(all_of_them) == {"block_1.repeat": 0}
    space = space_from_plain({"optimiser": ["adam", "momentum"], "momentum": [0.5, 0.9]})
    assert space.without_idle({"optimiser": "adam", "momentum": 0.5}) == {"optimiser": "adam"}
    space = space_from_plain({"network": ["softmax", "mlp"], "hidden_units": [10, 25]})
    assert space.without_idle({"network": "softmax", "hidden_units": 10}) == {"network": "softmax"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"network": "mlp", "optimiser": "adam", "momentum": {"low": 0.1, "high": 0.9}},
            "momentum has no effect where optimiser is adam, expected optimiser = momentum or nesterov",
        ),
        (
            {"network": ["softmax", "cnn1"], "hidden_units": [10, 25]},
            "hidden_units has no effect where network is softmax or cnn1, expected network = naive or mlp",
        ),
    ],
)
def test_what_never_has_an_effect_is_refused(values, message):
    with pytest.raises(RecipeError, match=message):
        space_from_plain(values)


@pytest.mark.parametrize(
    ("dimension", "low", "high"),
    [(Range(3, 8), 3, 8), (Range(1, 100, log=True), 1, 100), (Range(1e-4, 1e-1, log=True), 1e-4, 1e-1)],
)
def test_a_range_is_drawn_from_end_to_end(dimension, low, high):
    random = np.random.default_rng(0)
    drawn = np.array([dimension.draw(random) for _ in range(2000)])
    assert low <= drawn.min()
    assert drawn.max() <= high
    middle = np.sqrt(low * high) if dimension.log else (low + high) / 2
    assert 0.42 < (drawn < middle).mean() < 0.58
    assert (drawn % 1 == 0).all() == dimension.is_whole


def test_steps_include_both_ends():
    dimension = read_dimension("dropout", {"low": 0.0, "high": 0.3, "step": 0.1})
    assert dimension.grid == (0.0, 0.1, 0.2, 0.3)
    random = np.random.default_rng(0)
    assert {round(dimension.draw(random), 9) for _ in range(100)} == {0.0, 0.1, 0.2, 0.3}


def test_steps_of_any_size_are_told_apart_and_counted_without_being_listed():
    assert read_dimension("l2", {"low": 1e-14, "high": 3e-14, "step": 1e-14}).grid == (1e-14, 2e-14, 3e-14)
    values = {"network": "mlp", "l2": {"low": 0.0, "high": 1.0, "step": 1e-12}, "dropout": [True, False]}
    space = space_from_plain(values)
    assert space.grid_size == 2 * (10**12 + 1)


@pytest.mark.parametrize("network", PRESETS)
def test_a_space_is_made_for_every_named_network(network):
    space = make_space(network, (28, 28, 1), 26, DataFacts())
    assert space.dimensions
    PlanMaker(space, (28, 28, 1), 26, DataFacts()).check()


def test_an_opponent_has_no_space():
    with pytest.raises(NetworkError, match="hog-svm is not a network"):
        make_space("hog-svm", SHAPE, CLASSES, DataFacts())


def test_how_often_a_block_is_there_is_not_searched_where_its_layers_are_off():
    block = {"repeat": [1, 2], "block": [{"layer": "Dense", "units": "$width", "on": "$more"}]}
    ends = [{"layer": "Flatten"}, block, {"layer": "Dense", "units": "classes"}]
    space = space_from_plain({"width": [8, 16], "more": [True, False], "layers": ends})
    # With the layer: two widths, once or twice. Without it: one network, not one for each number of times.
    assert len(distinct(space)) == 5
    ends[1] = {**block, "repeat": [0, 1, 2]}
    space = space_from_plain({"width": [8, 16], "more": [True, False], "layers": ends})
    assert {"block_1.repeat": 0} in distinct(space)


def test_a_layer_that_is_off_is_not_repeated():
    layer = {"layer": "Dense", "units": 8, "on": [True, False], "repeat": [1, 2]}
    space = space_from_plain({"layers": [{"layer": "Flatten"}, layer, {"layer": "Dense", "units": "classes"}]})
    assert len(distinct(space)) == 3
