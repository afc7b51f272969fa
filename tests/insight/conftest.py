import pytest

from handmade import make_opponent_model


@pytest.fixture(scope="session")
def opponent_model():
    return make_opponent_model()
