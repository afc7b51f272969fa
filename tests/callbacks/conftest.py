import pytest

from inklings import open_dataset, preset


@pytest.fixture(scope="session")
def split():
    return open_dataset("digits").split(train=300, test=100, validation=100)


@pytest.fixture(scope="session")
def plan(split):
    recipe = {"epochs": 4, "steps": None, "batch_size": 50}
    return preset("mlp", split.dataset.image_shape, 10, hidden_units=8).with_recipe(**recipe)
