from functools import cache

import pytest

from inklings import Dropout, InklingsError, NetworkError, RecipeError, open_dataset
from inklings.engines import get_engine, native
from inklings.networks import initial_parameters
from inklings.training import PRESETS, Plan, Recipe, fit, preset


@pytest.mark.parametrize(
    ("name", "settings", "parameters"),
    [
        ("softmax", {}, 4010),
        ("naive", {}, 10285),
        ("mlp", {}, 328810),
        ("mlp", {"hidden_units": 100}, 41110),
        ("mlp", {"hidden_units": [100, 50]}, 45660),
        ("cnn1", {}, 26 * 32 + 3201 * 1024 + 1025 * 10),
        ("cnn2", {}, 26 * 32 + (25 * 32 + 1) * 64 + 1601 * 1024 + 1025 * 10),
    ],
)
def test_the_experiments_networks_have_the_experiments_sizes(name, settings, parameters):
    assert preset(name, (20, 20, 1), 10, **settings).network.parameter_count == parameters


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("softmax", Recipe("sgd", 0.01, steps=1000, batch_size=50, reduction="sum")),
        ("naive", Recipe("bfgs", epochs=50, loss="binary_crossentropy")),
        ("mlp", Recipe("nesterov", 0.01, momentum=0.9, epochs=500, batch_size=50, regularise="hidden")),
        ("cnn1", Recipe("adam", 1e-4, steps=1000, batch_size=50, reduction="sum")),
        ("cnn2", Recipe("adam", 1e-4, steps=1000, batch_size=50, reduction="sum")),
    ],
)
def test_the_experiments_networks_come_with_the_experiments_recipes(name, recipe):
    assert preset(name, (20, 20, 1), 10).recipe == recipe


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize(("shape", "classes"), [((28, 28, 1), 10), ((7, 30, 3), 26), ((1, 1, 1), 2)])
def test_every_preset_adapts_to_images_and_classes(name, shape, classes):
    plan = preset(name, shape, classes)
    assert plan.name == name
    assert plan.network.input_shape == shape
    assert plan.network.output_count == classes
    plan.recipe.objective(plan.network, [0, 1])


def test_weights_start_as_in_the_experiments():
    softmax = initial_parameters(preset("softmax", (20, 20, 1), 10).network, 0)
    assert not softmax["dense_1/weights"].any()
    naive = initial_parameters(preset("naive", (20, 20, 1), 10).network, 0)
    for values in naive.values():
        assert 0.08 < abs(values).max() <= 0.12
    mlp = initial_parameters(preset("mlp", (20, 20, 1), 10).network, 0)
    assert abs(mlp["dense_1/weights"]).max() == pytest.approx((6 / 1200) ** 0.5, rel=1e-3)
    cnn = initial_parameters(preset("cnn2", (20, 20, 1), 10).network, 0)
    for name, values in cnn.items():
        if name.endswith("biases"):
            assert (values == 0.1).all()
        else:
            assert 0.15 < abs(values).max() <= 0.2


def test_dropout_silences_a_fifth_of_the_input_and_half_of_every_hidden_layer():
    network = preset("mlp", (20, 20, 1), 10, hidden_units=(80, 40), dropout=True).network
    assert [layer.rate for layer in network.layers if isinstance(layer, Dropout)] == [0.2, 0.5, 0.5]
    assert not preset("mlp", (20, 20, 1), 10).network.has_dropout


def test_l2_is_on_the_hidden_layers_weights_alone():
    plan = preset("mlp", (20, 20, 1), 10, l2=0.01)
    objective = plan.recipe.objective(plan.network, [0, 1])
    assert (objective.l2, objective.penalised) == (0.01, ("dense_1/weights",))


def test_a_variant_is_named_by_what_makes_it_one():
    def title(**settings):
        return preset("mlp", (20, 20, 1), 10, **settings).title

    assert title() == "mlp (plain)"
    assert title(dropout=True) == "mlp (dropout)"
    assert title(l2=0.001) == "mlp (L2)"
    assert title(dropout=True, l2=0.001, hidden_units=(400, 100)) == "mlp (dropout, L2, 400-100 hidden)"
    assert preset("cnn1", (20, 20, 1), 10).title == "cnn1"


def test_every_preset_says_in_a_line_what_it_is_and_what_can_be_set():
    assert list(PRESETS) == ["softmax", "naive", "mlp", "cnn1", "cnn2", "best"]
    assert all(each.description and "\n" not in each.description for each in PRESETS.values())
    assert PRESETS["mlp"].settings == {"hidden_units": 800, "dropout": False, "l2": 0.0}
    assert PRESETS["cnn2"].settings == {}


@pytest.mark.parametrize(
    ("name", "settings", "error", "message"),
    [
        ("sofmax", {}, NetworkError, "unknown network 'sofmax'; did you mean 'softmax'?"),
        (
            "transformer",
            {},
            NetworkError,
            "unknown network 'transformer'; known are: softmax, naive, mlp, cnn1, cnn2, best",
        ),
        (["mlp"], {}, NetworkError, "unknown network"),
        ("mlp", {"hiden_units": 9}, NetworkError, "has no setting 'hiden_units'; did you mean 'hidden_units'?"),
        ("cnn1", {"dropout": True}, NetworkError, "the network cnn1 has no setting 'dropout'"),
        ("mlp", {"hidden_units": 0}, NetworkError, "Dense units is 0, expected a whole number of at least 1"),
        ("mlp", {"hidden_units": "100"}, NetworkError, "Dense units is '100'"),
        ("mlp", {"hidden_units": [100, -1]}, NetworkError, "Dense units is -1"),
        ("mlp", {"hidden_units": []}, NetworkError, "hidden_units is empty"),
        ("mlp", {"dropout": 0.5}, RecipeError, "dropout is 0.5, expected true or false"),
        ("mlp", {"l2": -1}, RecipeError, "l2 is -1, expected a number of at least 0"),
    ],
)
def test_a_wrong_name_or_setting_is_refused_in_one_line(name, settings, error, message):
    with pytest.raises(error) as refusal:
        preset(name, (20, 20, 1), 10, **settings)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_one_class_is_refused():
    with pytest.raises(InklingsError, match="at least 2"):
        preset("mlp", (20, 20, 1), 1)


def test_a_plan_is_a_value():
    assert preset("mlp", (20, 20, 1), 10) == preset("mlp", (20, 20, 1), 10)
    assert isinstance(hash(preset("cnn2", (20, 20, 1), 10)), int)
    assert isinstance(preset("naive", (20, 20, 1), 10), Plan)


@pytest.fixture(scope="module")
def losses_of():
    """The losses of three epochs of two small batches; those of the NumPy engine are computed once."""
    split = open_dataset("digits", size=6).split(test=4890, validation=50)

    @cache
    def train(plan, engine, dtype):
        recipe = plan.recipe.with_settings(steps=None, epochs=3, batch_size=25)
        history = fit(plan.network, recipe, split, engine=get_engine(engine, dtype=dtype)).history[1:]
        return [loss for row in history for loss in (row.loss, row.train_loss, row.validation_loss)]

    return train


PLANS = [*((name, {}) for name in PRESETS), ("mlp", {"dropout": True}), ("mlp", {"l2": 1e-3})]
PRECISIONS = [("float32", 1e-4), ("float64", 1e-9)]
NATIVE = [("native", *each) for each in PRECISIONS] if native.is_available() else []


# JAX in float64 alone, which tells more: what takes the time is that it compiles each, and seconds the deepest ones.
JAX = ("jax", "float64", 1e-9)
DEEP = ("cnn2", "best")
CASES = [
    pytest.param(name, settings, *each, marks=[pytest.mark.slow] * (each == JAX and name in DEEP))
    for name, settings in PLANS
    for each in (*NATIVE, JAX)
]


@pytest.mark.parametrize(("name", "settings", "engine", "dtype", "tolerance"), CASES)
def test_all_engines_give_the_same_losses_for_three_epochs(losses_of, name, settings, engine, dtype, tolerance):
    plan = preset(name, (6, 6, 1), 10, **settings)
    by_hand = losses_of(plan, "numpy", dtype)
    assert len(by_hand) == 9
    if plan.recipe.augmentation:  # changed images are float32, whatever the engine computes in
        tolerance = max(tolerance, 1e-6)
    assert losses_of(plan, engine, dtype) == pytest.approx(by_hand, rel=tolerance)
