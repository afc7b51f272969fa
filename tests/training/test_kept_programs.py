"""What a training compiled is known to be kept for the next one."""

import pytest

from inklings import Dense, Flatten, Network, Recipe, fit, fit_many, forecast, open_dataset
from inklings.training.kept_programs import has_programs

NETWORK = Network((20, 20, 1), (Flatten(), Dense(12, "tanh"), Dense(10, "softmax")))
RECIPE = Recipe("sgd", 0.1, epochs=1)
IMAGES = (2750, 1000)


@pytest.fixture
def fresh_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("INKLINGS_CACHE", str(tmp_path))
    monkeypatch.setattr("inklings.engines.compilation.keep_compiled", lambda: tmp_path / "compiled")
    monkeypatch.setattr("inklings.engines.compilation._folder", lambda: tmp_path / "compiled")
    (tmp_path / "compiled").mkdir()


@pytest.mark.usefixtures("fresh_cache")
def test_a_second_training_is_forecast_to_load_what_the_first_compiled():
    first = forecast(NETWORK, RECIPE, IMAGES, engine="compiled")
    assert not has_programs(NETWORK, RECIPE, IMAGES)
    fit(NETWORK, RECIPE, open_dataset("digits").split(), engine="compiled")
    assert has_programs(NETWORK, RECIPE.with_settings(seed=7, learning_rate=0.3, epochs=9), IMAGES)
    second = forecast(NETWORK, RECIPE, IMAGES, engine="compiled")
    assert second.compiling < 0.7 * first.compiling
    assert second.seconds - second.compiling == pytest.approx(first.seconds - first.compiling)


@pytest.mark.usefixtures("fresh_cache")
def test_what_differs_in_its_programs_is_another_training():
    fit(NETWORK, RECIPE, open_dataset("digits").split(), engine="compiled")
    assert not has_programs(NETWORK, RECIPE.with_settings(batch_size=64), IMAGES)
    assert not has_programs(NETWORK, RECIPE.with_settings(optimiser="adam"), IMAGES)
    assert not has_programs(NETWORK, RECIPE, (3000, 1000))


@pytest.mark.usefixtures("fresh_cache")
@pytest.mark.parametrize("engine", ["native", "reference"])
def test_other_engines_compile_nothing(engine):
    fit(NETWORK, RECIPE, open_dataset("digits").split(), engine=engine)
    assert not has_programs(NETWORK, RECIPE, IMAGES)


@pytest.mark.usefixtures("fresh_cache")
def test_what_trains_side_by_side_is_another_program_than_one_training():
    fit_many(NETWORK, [RECIPE, RECIPE.with_settings(seed=1)], open_dataset("digits").split())
    assert not has_programs(NETWORK, RECIPE, IMAGES)


@pytest.mark.usefixtures("fresh_cache")
def test_a_training_outlives_a_cache_folder_that_vanished(tmp_path):
    (tmp_path / "compiled").rmdir()
    assert len(fit(NETWORK, RECIPE, open_dataset("digits").split(), engine="compiled").history) == 2
    assert not has_programs(NETWORK, RECIPE, IMAGES)


@pytest.mark.usefixtures("fresh_cache")
@pytest.mark.parametrize("setting", [("JAX_ENABLE_COMPILATION_CACHE", "False"), ("JAX_COMPILATION_CACHE_DIR", "/own")])
def test_where_jax_keeps_nothing_here_a_forecast_counts_on_nothing(setting, monkeypatch):
    fit(NETWORK, RECIPE, open_dataset("digits").split(), engine="compiled")
    monkeypatch.setenv(*setting)
    assert not has_programs(NETWORK, RECIPE, IMAGES)
