"""Many characters framed at once are what each is when framed alone."""

import numpy as np
from numpy.testing import assert_allclose

from inklings.pages.mnist_framing import Framing, frame, frame_each, trim


def drawn(random):
    """Ink of many aspect ratios at any place, with holes; none symmetrical, which could be centred in two ways."""
    inks = np.zeros((60, 96, 96), bool)
    for ink in inks:
        top, left = random.integers(0, 60, 2)
        height, width = random.integers(3, 36, 2)
        ink[top : top + height, left : left + width] = random.random((height, width)) < 0.7
        ink[top, left] = True
    return inks


def test_many_at_once_are_each_as_alone():
    inks = drawn(np.random.default_rng(0))
    for framing in (Framing(), Framing(box=12, field=20)):
        alone = [frame(trim(ink.astype(np.float32)), framing)[1] for ink in inks]
        assert_allclose(frame_each(inks, framing), alone, atol=1e-5)


def test_a_canvas_without_ink_gives_a_blank_field():
    assert not frame_each(np.zeros((3, 96, 96), bool)).any()
