import pytest

from inklings import RecipeError, open_dataset, preset
from inklings.hardware import Memory
from inklings.training import fit
from inklings.training.memory import check_memory, describe_bytes, training_bytes

SIZES = (2750, 1000)


def plan(name, **settings):
    chosen = preset(name, (20, 20, 1), 10)
    return chosen.network, chosen.recipe.with_settings(**settings)


# How often the images stand in memory besides the data set: once in the parts of the split, and once more in JAX.
@pytest.mark.parametrize(("engine", "copies"), [("native", 1), ("jax", 2), ("numpy", 1)])
def test_images_batches_and_moments_all_count(engine, copies):
    network, recipe = plan("cnn2")
    usual = training_bytes(network, recipe, SIZES, engine)
    assert training_bytes(network, recipe, (27_500, 10_000), engine) - usual == pytest.approx(copies * 4 * 400 * 33_750)
    assert training_bytes(network, recipe.with_settings(batch_size=1000), SIZES, engine) > usual
    assert training_bytes(network, recipe.with_settings(optimiser="sgd"), SIZES, engine) < usual


@pytest.mark.parametrize(("engine", "free"), [("native", 200_000_000), ("jax", 300_000_000)])
def test_a_batch_that_does_not_fit_is_refused_with_one_that_does(engine, free):
    network, recipe = plan("cnn2", batch_size=2750)
    with pytest.raises(RecipeError, match=rf"found {free // 10**6} MB free; .*; try batch_size=\d+$") as refused:
        check_memory(network, recipe, SIZES, free, engine)
    check_memory(network, recipe.with_settings(**refused.value.suggested), SIZES, free, engine)


@pytest.mark.parametrize("engine", ["native", "jax"])
def test_bfgs_with_a_long_memory_is_refused_in_favour_of_lbfgs(engine):
    network, recipe = plan("cnn2", optimiser="bfgs", epochs=500, steps=None, reduction="mean")
    with pytest.raises(RecipeError, match="enough with another optimiser; try optimiser=lbfgs"):
        check_memory(network, recipe, SIZES, 8_000_000_000, engine)


def test_an_engine_that_takes_less_memory_trains_where_another_is_refused():
    (network, recipe), images = plan("mlp"), (27_500, 10_000)
    check_memory(network, recipe, images, 100_000_000, "native")
    with pytest.raises(RecipeError, match=r"training needs 1[0-9]0 MB of memory, found 100 MB free"):
        check_memory(network, recipe, images, 100_000_000, "jax")


def test_amounts_are_worded_in_two_digits_or_so():
    assert [describe_bytes(count) for count in (5.4e6, 1.14e8, 3.26e9)] == ["5 MB", "110 MB", "3.3 GB"]


def test_what_no_setting_helps_is_said():
    network, recipe = plan("cnn2")
    with pytest.raises(RecipeError, match="no batch size and no optimiser helps"):
        check_memory(network, recipe, SIZES, available=1_000_000)


def test_training_is_refused_before_it_begins(monkeypatch):
    network, recipe = plan("mlp")
    split = open_dataset("digits").split()
    little = Memory(None, None, 5_000_000)
    monkeypatch.setattr("inklings.training.memory.memory", lambda: little)
    with pytest.raises(RecipeError, match="found 5 MB free"):
        fit(network, recipe, split, engine="numpy")
