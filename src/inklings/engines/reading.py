"""How many images the compiled engine reads at once.

Parts of a data set do not depend on each other, so two programs read side by side. Measured on two cores, 10,000 images
of 20 x 20 by experiment 5's network: 0.82 s one after the other, 0.72 s by two threads.
"""

from __future__ import annotations

from inklings.networks import Network

READERS = 2
"""Threads."""

# Enough to fill the cores, few enough that a convolution's outputs stay near the cache.
_READ_AT_ONCE, _CONVOLVED_AT_ONCE = 1000, 125


def reading_size(network: Network, images: int) -> int:
    """Say how many images a program reads.

    The last part begins early enough to be whole, and so reads some images twice. Parts of dense networks are therefore
    about equal; rounded, so that data sets of about the same size share a program.
    """
    if network.is_convolutional:
        return min(images, _CONVOLVED_AT_ONCE)
    parts = -(-images // _READ_AT_ONCE)
    unit = _READ_AT_ONCE // 8
    return min(images, unit * -(-images // (unit * max(1, parts))))


def images_in_flight(network: Network, images: int) -> int:
    """Say how many images' outputs stand in memory together."""
    return min(images, READERS * reading_size(network, images))
