"""Arguments that a public class or function cannot take are refused in one line that says what was meant."""

import inspect

import pytest
from sklearn.base import clone

import inklings
from inklings import DataError, EstimatorError, NetworkError, RecipeError, RunError


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (
            lambda: inklings.Recipe(optimizer="adam"),
            RecipeError,
            "Recipe has no argument 'optimizer'; did you mean 'optimiser'?",
        ),
        (lambda: inklings.Recipe(learning_rate_init=0.1), RecipeError, "did you mean 'learning_rate'?"),
        (lambda: inklings.Recipe(max_iter=10), RecipeError, "did you mean 'epochs'?"),
        (lambda: inklings.Recipe(bath_size=10), RecipeError, "did you mean 'batch_size'?"),
        (
            lambda: inklings.Dense(10, activaton="relu"),
            NetworkError,
            "Dense has no argument 'activaton'; did you mean 'activation'?",
        ),
        (lambda: inklings.Conv2D(out_channels=3), NetworkError, "did you mean 'filters'?"),
        (lambda: inklings.Dropout(p=0.5), NetworkError, "did you mean 'rate'?"),
        (lambda: inklings.Augmentation(rotation=3), RecipeError, "did you mean 'rotate'?"),
        (lambda: inklings.Schedule("cosine", warmup=3), RecipeError, "did you mean 'warm_up'?"),
        (lambda: inklings.NetworkClassifier(optimizer="adam"), EstimatorError, "did you mean 'optimiser'?"),
        (lambda: inklings.DenseClassifier(max_iter=7), EstimatorError, "did you mean 'epochs'?"),
        (lambda: inklings.open_dataset(5), DataError, "data is of type int, expected a name or a path"),
        (lambda: inklings.compare(["softmax"], None), DataError, "data is of type NoneType"),
        (lambda: inklings.load(None), RunError, "a model is of type NoneType, expected a name or a path"),
        (lambda: inklings.fit("mlp", None, None), NetworkError, "the network is 'mlp', expected an inklings.Network"),
        (
            lambda: inklings.fit(inklings.preset("softmax", (8, 8, 1), 3).network, None, None),
            RecipeError,
            "the recipe is of type NoneType",
        ),
    ],
)
def test_the_name_that_was_meant_is_said(call, error, told):
    with pytest.raises(error) as raised:
        call()
    assert told in str(raised.value)


def test_what_tools_ask_of_the_classes_stays_as_it_was():
    assert "hidden_layer_sizes" in inspect.signature(inklings.DenseClassifier).parameters
    assert clone(inklings.DenseClassifier((5,), epochs=3)).get_params()["epochs"] == 3
    assert list(inspect.signature(inklings.Dense).parameters)[:2] == ["units", "activation"]
