"""What it costs to share a batch among devices: the step on one, on two host devices, and the all-reduce alone.

    XLA_FLAGS=--xla_force_host_platform_device_count=2 python benchmarks/devices.py

Two host devices share one processor's cores, so no speed-up can show here: what shows is the price.
"""

from __future__ import annotations

from statistics import median
from time import perf_counter

import jax
import numpy as np

from inklings import open_dataset
from inklings.engines import get_engine
from inklings.engines.randomness import batch_order
from inklings.networks import initial_parameters
from inklings.training import preset
from inklings.training.optimisers import build_optimiser

ROUNDS, STEPS = 7, 20
LINKS = {"1 Gb/s Ethernet": 0.125e9, "10 Gb/s Ethernet": 1.25e9, "PCIe 4.0 x16": 25e9, "NVLink 4": 450e9}
"""Bytes per second in one direction, by their standards: none of these was measured here."""


def step_seconds(name: str, batch: int, devices: int | None) -> list[float]:
    """Return the seconds per step of some rounds, the first discarded."""
    split = open_dataset("digits").split()
    plan = preset(name, split.dataset.image_shape, split.dataset.class_count)
    train, engine = split.train, get_engine("jax", devices=devices)
    objective = plan.recipe.objective(plan.network, train.labels)
    start = initial_parameters(plan.network, 0)
    session = engine.session(plan.network, objective, build_optimiser(plan.recipe), start, seed=0)
    order = batch_order(0, 1, len(train), batch)[:STEPS]
    seconds = []
    for _ in range(ROUNDS + 1):
        begun = perf_counter()
        session.train(train.images, train.labels, order, np.full(len(order), 1e-3), 0, lambda: False)
        seconds.append((perf_counter() - begun) / len(order))
    return seconds[1:]


def all_reduce_seconds(count: int) -> list[float]:
    """Return the seconds of adding up ``count`` float32 of each of all devices."""
    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("batch",))
    split = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("batch"))
    whole = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    values = jax.device_put(np.ones((len(jax.devices()), count), np.float32), split)
    add = jax.jit(lambda x: x.sum(0), out_shardings=whole)
    seconds = []
    for _ in range(ROUNDS + 1):
        begun = perf_counter()
        add(values).block_until_ready()
        seconds.append(perf_counter() - begun)
    return seconds[1:]


def main() -> None:
    """Print the table."""
    print("milliseconds per step: median (range of", ROUNDS, "rounds)")
    for name, batch in (("mlp", 50), ("mlp", 500), ("cnn2", 50), ("cnn2", 250)):
        plan = preset(name, (20, 20, 1), 10)
        count = plan.network.parameter_count
        cells = {"1 device": step_seconds(name, batch, None), "2 devices": step_seconds(name, batch, 2)}
        cells["all-reduce"] = all_reduce_seconds(count)
        shown = [f"{k} {1e3 * median(v):.2f} ({1e3 * min(v):.2f} to {1e3 * max(v):.2f})" for k, v in cells.items()]
        # Of a ring of two, each sends and receives 2 (D - 1) / D = 1 times the gradients' bytes.
        computed = [f"{link} {1e3 * 4 * count / rate:.3g}" for link, rate in LINKS.items()]
        print(f"{name}, batch {batch}, {count:,} parameters:", "; ".join(shown), "| computed:", ", ".join(computed))


if __name__ == "__main__":
    main()
