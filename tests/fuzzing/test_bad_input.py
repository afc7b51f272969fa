"""Whatever is put in place of what a reader expects: it is read or refused in one line, and nothing else happens."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fuzzing.seeds import NETWORK, RECIPE
from fuzzing.targets import TARGETS, attempt
from inklings import InklingsError, Recipe, RunError
from inklings.networks import network_from_plain, network_to_plain
from inklings.training.history import History
from inklings.training.stored_facts import check_run

FOUND = sorted((Path(__file__).parent / "found").iterdir())
"""Inputs that once ended in something else, each after its target."""

# Each takes a tenth of a second or more: they load a model, train one, or do all that can be done with a run.
SLOW = (
    "model",
    "model-values",
    "run",
    "history",
    "checkpoint",
    "lab",
    "picture",
    "space",
    "study",
    "trials",
    "chosen",
)
TRIED = {name: 3 if name in SLOW else 25 for name in TARGETS}
quickly = settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("classes"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize("name", TARGETS)
def test_sound_inputs_are_taken(name):
    # Else what is changed about them would be tried on the first check alone.
    for content in TARGETS[name].seeds():
        TARGETS[name].run(content)


@pytest.mark.parametrize("name", TARGETS)
def test_changed_inputs_are_read_or_refused(name):
    target, choose = TARGETS[name], random.Random(name)
    sound = target.seeds()
    for _ in range(TRIED[name]):
        attempt(target, target.mutate(choose.choice(sound), choose))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_once_ended_in_something_else_is_refused(path):
    attempt(TARGETS[path.name.rpartition("-")[0]], path.read_bytes())


@quickly
@given(st.sampled_from(sorted(RECIPE)), plain)
@example("learning_rate", 10**400)
def test_a_recipe_with_any_value_is_one_or_is_refused(name, value):
    try:
        recipe = Recipe.from_dict({**RECIPE, name: value})
    except InklingsError:
        return
    assert Recipe.from_dict(recipe.to_dict()) == recipe


@quickly
@given(st.integers(0, len(NETWORK["layers"]) - 1), st.sampled_from(("units", "filters", "pool_size", "weights")), plain)
@example(2, "pool_size", 10**400)
@example(0, "stride", 10**400)
def test_a_network_with_any_value_is_one_or_is_refused(number, name, value):
    layers = [dict(layer) for layer in NETWORK["layers"]]
    layers[number][name] = value
    try:
        network = network_from_plain({**NETWORK, "layers": layers})
    except InklingsError:
        return
    assert network_from_plain(network_to_plain(network)) == network


@quickly
@given(plain)
def test_rows_of_any_kind_are_a_history_or_are_refused(rows):
    said = "row"
    try:
        History.from_plain(rows if isinstance(rows, list) else [rows], RunError)
    except RunError as refused:
        said = str(refused)
    assert "row" in said


@quickly
@given(st.dictionaries(st.sampled_from(("name", "data", "results", "split", "machine", "seed")), plain))
def test_facts_of_any_kind_are_those_of_a_run_or_are_refused(facts):
    with pytest.raises(RunError):
        check_run(facts, RunError)
