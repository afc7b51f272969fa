"""Whatever a public function is called with, the error is one of ours, and names the argument that does not fit."""

import inspect

import numpy as np
import pytest

import inklings
from inklings.annotated import find_misfit
from inklings.arguments import checks_call
from inklings.errors import DataError, InklingsError

FUNCTIONS = sorted(name for name in inklings.__all__ if inspect.isfunction(getattr(inklings, name)))


def required(function):
    parameters = inspect.signature(function).parameters.values()
    return [each.name for each in parameters if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD]


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if required(getattr(inklings, name))])
@pytest.mark.parametrize("wrong", [None, 1.5, object(), {"a": 1}], ids=["none", "float", "object", "dict"])
def test_each_public_function_refuses_arguments_of_wrong_types_by_our_errors(name, wrong, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    function = getattr(inklings, name)
    with pytest.raises(InklingsError) as refusal:
        function(**dict.fromkeys(required(function), wrong))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda data: data.split(train="a"), "Dataset.split: train is 'a', expected int"),
        (lambda data: inklings.Dataset("a", [0], ["a", "b"]), "Dataset: images is 'a', expected an array"),
        (lambda data: inklings.Dataset(data.images, None, data.class_names), "labels is of type NoneType"),
        (lambda data: inklings.Dataset(data.images, data.labels, 3.5), "class_names is 3.5, expected a list of str"),
        (lambda data: inklings.get_engine(["numpy"]), "get_engine: name is of type list, expected str"),
        (lambda data: inklings.findings.check_data(None), "dataset is of type NoneType, expected inklings.Dataset"),
        (lambda data: inklings.experiments.to_model("run-1", None), "run is 'run-1', expected inklings.Run"),
        (lambda data: inklings.experiments.comparison_of([1]), "runs is of type list, expected a list of inklings.Run"),
    ],
)
def test_the_argument_that_does_not_fit_is_named(call, said):
    with pytest.raises(InklingsError, match=said):
        call(inklings.open_dataset("digits").take(range(20)))


def test_a_fault_of_ours_stays_what_it_is():
    @checks_call(DataError)
    def faulty(images: np.ndarray, name: str = "") -> int:
        return images.shape + name  # a tuple and text

    with pytest.raises(TypeError, match="can only concatenate"):
        faulty(np.zeros(3))
    with pytest.raises(DataError, match="faulty: images is of type NoneType, expected"):
        faulty(None)


def test_what_passes_for_a_type_fits_it():
    def takes(count: int, share: float, names: "list[str] | None", pair: tuple[int, int], later: "NoSuchName") -> None:  # noqa: F821
        """Nothing."""

    good = {"count": np.int64(3), "share": 1, "names": ("a", "b"), "pair": (1, 2), "later": object()}
    assert find_misfit(takes, good) is None
    assert find_misfit(takes, {**good, "names": "ab"}).expected == "a list of str"
    assert find_misfit(takes, {**good, "pair": (1, 2, 3)}).name == "pair"
