"""What training takes is given back."""

import pytest

from inklings import Conv2D, Dense, Flatten, Network
from inklings.engines import get_engine
from inklings.hardware import resident_memory

NETWORK = Network((20, 20, 1), (Conv2D(16, 3, "same", 1, "relu"), Flatten(), Dense(100, "relu"), Dense(10, "softmax")))


@pytest.mark.skipif(resident_memory() is None, reason="this system does not tell how much memory is taken")
def test_sessions_leave_nothing_behind(data, begin, take):
    images, labels = data(NETWORK)
    engine = get_engine("native")

    def train():
        session = begin(engine, NETWORK)  # some 10 MB
        take(session, images, labels, steps=1)
        session.evaluate(images, labels)

    for _ in range(20):
        train()
    before = resident_memory()
    for _ in range(200):
        train()
    assert resident_memory() - before < 20_000_000
