import json

import numpy as np
import pytest

from inklings import Augmentation, BatchNorm, Dense, Dropout, Flatten, Network, RecipeError
from inklings.training import Recipe, Schedule

NETWORK = Network((2, 2, 1), (Flatten(), Dense(4, "relu"), Dense(3, "softmax")))
LABELS = np.array([0, 0, 0, 1, 1, 2])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimiser": "adm"}, "optimiser 'adm' is unknown; did you mean 'adam'?"),
        ({"optimiser": ["adam"]}, "is unknown"),
        ({"loss": "crosentropy"}, "loss 'crosentropy' is unknown; did you mean 'crossentropy'?"),
        ({"reduction": "avg"}, "reduction 'avg' is unknown; known are: mean, sum"),
        ({"regularise": "biases"}, "regularise 'biases' is unknown"),
        ({"learning_rate": 0}, "learning_rate is 0, expected a number above 0"),
        ({"learning_rate": -0.1}, "learning_rate is -0.1, expected a number above 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"learning_rate": float("inf")}, "learning_rate is inf"),
        ({"learning_rate": "fast"}, "learning_rate is 'fast', expected a number above 0"),
        ({"learning_rate": True}, "learning_rate is True"),
        ({"momentum": 1}, "momentum is 1, expected a number of at least 0 and below 1"),
        ({"momentum": -0.1}, "momentum is -0.1"),
        ({"label_smoothing": 1.0}, "label_smoothing is 1.0"),
        ({"weight_decay": -1}, "weight_decay is -1, expected a number of at least 0"),
        ({"l1": -1}, "l1 is -1"),
        ({"l2": None}, "l2 is None"),
        ({"batch_size": 0}, "batch_size is 0, expected a whole number of at least 1"),
        ({"batch_size": 2.5}, "batch_size is 2.5"),
        ({"epochs": 0}, "epochs is 0"),
        ({"epochs": None}, "epochs is None"),
        ({"steps": 0}, "steps is 0"),
        ({"early_stopping": 0}, "early_stopping is 0"),
        ({"seed": -1}, "seed is -1, expected a whole number of at least 0"),
        ({"seed": "one"}, "seed is 'one'"),
        ({"order_seed": -1}, "order_seed is -1, expected a whole number of at least 0"),
        ({"class_weights": "even"}, "class_weights is 'even', expected 'balanced' or a number of at least 0 per class"),
        ({"class_weights": 3}, "class_weights is 3"),
        ({"class_weights": (1, "a")}, "class_weights is"),
        ({"class_weights": (1, -1)}, "class_weights is"),
        ({"class_weights": (0, 0)}, "expected at least one number above 0"),
        ({"schedule": "cosine"}, "schedule is 'cosine', expected Schedule"),
        ({"augmentation": 2}, "augmentation is 2, expected Augmentation"),
    ],
)
def test_an_impossible_setting_is_refused_in_one_line(settings, message):
    with pytest.raises(RecipeError, match=message.replace("?", "\\?").replace("(", "\\(")) as refusal:
        Recipe(**settings)
    assert "\n" not in str(refusal.value)


def test_an_unknown_setting_is_answered_with_the_nearest():
    with pytest.raises(RecipeError, match="did you mean 'learning_rate'"):
        Recipe.from_dict({"learning_rte": 0.1})
    with pytest.raises(RecipeError, match="did you mean 'epochs'"):
        Recipe().with_settings(epoch=3)
    with pytest.raises(RecipeError, match=r"schedule has the unknown setting 'kin'; did you mean 'kind'"):
        Recipe.from_dict({"schedule": {"kin": "cosine"}})


def test_epochs_that_are_asked_for_replace_steps():
    counted = Recipe(steps=1000)
    assert counted.with_settings(epochs=3).steps is None
    assert counted.with_settings(epochs=3, steps=7).steps == 7
    assert counted.with_settings(l2=0.1).steps == 1000


@pytest.mark.parametrize("value", ["3", 2.5, [1], {}, True, None])
def test_a_value_of_the_wrong_kind_in_a_file_is_refused(value):
    with pytest.raises(RecipeError, match=r"epochs is .*, expected a whole number"):
        Recipe.from_dict({"epochs": value})


def test_a_number_too_large_for_a_float_is_refused():
    with pytest.raises(RecipeError, match="learning_rate is"):
        Recipe.from_dict({"learning_rate": 10**400})


def test_a_recipe_comes_back_from_json_and_says_only_what_is_not_the_default():
    recipe = Recipe(
        "nesterov",
        0.01,
        schedule=Schedule("cosine", warm_up=10),
        class_weights=(1, 2, 3),
        augmentation=Augmentation(shift=1),
        steps=100,
    )
    written = json.loads(json.dumps(recipe.to_dict()))
    assert Recipe.from_dict(written) == recipe
    assert "momentum" not in written
    assert Recipe().to_dict() == {}


def test_numpys_numbers_are_taken_and_written_as_json():
    recipe = Recipe(epochs=np.int64(3), learning_rate=np.float32(0.5), seed=np.uint8(7))
    assert json.loads(json.dumps(recipe.to_dict())) == {"epochs": 3, "learning_rate": 0.5, "seed": 7}


def test_balanced_class_weights_count_each_class_the_same():
    weights = Recipe(class_weights="balanced").objective(NETWORK, LABELS).class_weights
    np.testing.assert_allclose(np.multiply(weights, [3, 2, 1]), [2, 2, 2])


def test_balanced_class_weights_bear_a_class_without_images():
    weights = Recipe(class_weights="balanced").objective(NETWORK, np.array([0, 0, 1])).class_weights
    assert np.isfinite(weights).all()


def test_as_many_class_weights_as_classes_are_asked_for():
    with pytest.raises(RecipeError, match="2 class weights for 3 classes"):
        Recipe(class_weights=(1, 2)).objective(NETWORK, LABELS)


def test_a_penalty_is_on_weights_alone_and_on_hidden_ones_if_so_asked():
    assert Recipe(l2=1).objective(NETWORK, LABELS).penalised == ("dense_1/weights", "dense_2/weights")
    assert Recipe(l2=1, regularise="hidden").objective(NETWORK, LABELS).penalised == ("dense_1/weights",)


def test_a_loss_that_does_not_suit_the_last_activation_is_refused():
    with pytest.raises(RecipeError, match="expects sigmoid as the last activation, found softmax"):
        Recipe(loss="binary_crossentropy").objective(NETWORK, LABELS)


@pytest.mark.parametrize(
    ("layer", "settings", "found"),
    [
        (Dropout(0.5), {}, "Dropout"),
        (BatchNorm(), {}, "BatchNorm"),
        (Flatten(), {"augmentation": Augmentation(1)}, "augm"),
    ],
)
def test_a_full_batch_optimiser_refuses_what_changes_between_iterations(layer, settings, found):
    network = Network((2, 2, 1), (Flatten(), layer, Dense(3, "softmax")))
    with pytest.raises(RecipeError, match=f"bfgs expects the same objective at every iteration, found .*{found}"):
        Recipe("bfgs", **settings).objective(network, LABELS)
    Recipe("adam", **settings).objective(network, LABELS)


def test_class_weights_may_be_numpys():
    assert Recipe(class_weights=np.array([1, 2.5])).class_weights == (1.0, 2.5)


@pytest.mark.parametrize(
    ("make", "setting", "found"),
    [
        (lambda: Recipe(batch_size=0), "batch_size", 0),
        (lambda: Recipe(optimiser="adm"), "optimiser", "adm"),
        (lambda: Recipe.from_dict({"augmentation": {"shift": -1}}), "shift", -1),
        (lambda: Recipe.from_dict({"schedule": {"final": 2}}), "final", 2),
    ],
)
def test_what_is_refused_says_for_programs_which_setting_it_is_about(make, setting, found):
    with pytest.raises(RecipeError) as refusal:
        make()
    assert (refusal.value.setting, refusal.value.found) == (setting, found)
    assert refusal.value.expected


def test_the_earlier_name_of_a_setting_is_accepted_with_a_warning_that_says_the_new_one():
    with pytest.warns(FutureWarning, match=r"^the recipe's setting 'penalise' is now 'regularise'$"):
        recipe = Recipe.from_dict({"l2": 0.5, "penalise": "hidden"})
    assert recipe == Recipe(l2=0.5, regularise="hidden")
    with pytest.warns(FutureWarning, match="is now 'regularise'"):
        assert Recipe(l2=0.5).with_settings(penalise="hidden") == recipe
