"""``--augment``: how much training images are changed at random, by what they show."""

import json

import numpy as np
import pytest

from inklings.training.augment_strength import augmentation_of


@pytest.fixture
def facts(answer, tmp_path):
    """Trains; returns what the run keeps, and what was printed on standard error."""

    def run(*arguments):
        code, _, err = answer("train", *arguments, "--quiet")
        assert code == 0, err
        newest = max(tmp_path.glob("inklings-runs/*/run.json"), key=lambda path: path.stat().st_mtime_ns)
        return json.loads(newest.read_text()), err

    return run


@pytest.fixture
def pets(tmp_path):
    """A folder's worth of tiny colour images whose classes are called by words."""
    random, labels = np.random.default_rng(0), np.arange(80) % 2
    images = random.random((80, 6, 6, 3)) / 2 + labels[:, None, None, None] / 2
    np.savez(tmp_path / "pets.npz", images=images, labels=np.array(["rabbit", "kitten"])[labels])
    return "pets.npz"


def test_digits_are_changed_as_characters_are_and_never_mirrored(facts):
    kept, err = facts("--filters", "8", "--steps", "2", "--size", "8")
    assert kept["recipe"]["augmentation"] == augmentation_of("auto", (8, 8, 1), "characters").to_dict()
    assert kept["choices"] == [
        "augment full, as for characters, never mirrored: the classes are called by single letters or digits"
    ]
    assert f"note: {kept['choices'][0]}\n" in err


@pytest.mark.parametrize("network", ["best", "cnn2"])
@pytest.mark.parametrize("strength", ["none", "light", "full"])
def test_a_strength_is_for_any_network(facts, network, strength):
    kept, _ = facts(network, "--augment", strength, "--steps", "2", "--size", "8")
    expected = augmentation_of(strength, (8, 8, 1), "characters").to_dict()
    assert kept["recipe"].get("augmentation", {}) == expected


def test_what_is_typed_besides_comes_on_top_of_it(facts):
    kept, _ = facts("mlp", "--hidden-units", "5", "--augment", "light", "--shift", "3", "--epochs", "1", "--size", "8")
    assert kept["recipe"]["augmentation"] == augmentation_of("light", (8, 8, 1), "characters").to_dict() | {"shift": 3}


def test_other_networks_are_left_alone_unless_asked(facts):
    kept, err = facts("softmax", "--steps", "60")
    assert "augmentation" not in kept["recipe"]
    assert kept["choices"] == []
    assert err == ""


def test_whether_things_may_be_mirrored_is_tried_said_and_kept(facts, pets):
    kept, err = facts("--data", pets, "--filters", "8", "--epochs", "16")
    assert kept["choices"][0].startswith("augment full, as for pictures of things")
    assert "in trials of 2 epochs the validation loss was" in kept["choices"][1]
    assert f"note: {kept['choices'][1]}\n" in err
    mirrored = kept["choices"][1].startswith("half of the images mirrored")
    assert kept["recipe"]["augmentation"].get("flip", 0) == (0.5 if mirrored else 0)


def test_nothing_is_tried_where_it_was_said_or_nothing_is_to_be_changed(facts, pets):
    for arguments in (("--flip", "0.3"), ("--augment", "none"), ("cnn1", "--shift", "1")):
        kept, err = facts(*arguments, "--data", pets, "--steps", "2")
        assert "trials" not in err
        assert kept["recipe"].get("augmentation", {}).get("flip", 0) == (0.3 if "0.3" in arguments else 0)


@pytest.mark.parametrize("network", ["best", "cnn1"])
def test_what_is_mirrored_because_it_was_asked_for_is_not_said_to_be_never_mirrored(facts, network):
    kept, err = facts(network, "--augment", "light", "--flip", "0.5", "--steps", "2", "--size", "8")
    assert kept["recipe"]["augmentation"]["flip"] == 0.5
    assert kept["choices"][0].startswith(
        "augment light, as for characters, but mirrored with probability 0.5 as asked: "
    )
    assert f"note: {kept['choices'][0]}\n" in err


def test_an_unknown_strength_is_refused(answer):
    code, _, err = answer("train", "--augment", "much")
    assert code == 2
    assert "'much' is not one of 'none', 'light', 'full', 'auto'" in err
