"""``--reproducible``: the same weights and history whatever the processor has; whoever cannot promise it is refused."""

import json
import os
import platform
import subprocess
import sys

import numpy as np
import pytest

import inklings
from inklings import RecipeError
from inklings.engines.native import bindings
from inklings.portable_math import power, sin_cos

SCRIPT = """
import hashlib, json
import numpy as np
import inklings
from inklings import Augmentation, BatchNorm, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network, Recipe, Schedule

digits = inklings.open_dataset("digits")
split = digits.take(range(0, len(digits), 10)).split()
dense = Network((20, 20, 1), (Flatten(), Dropout(0.2), Dense(60, "tanh"), Dense(10, "sigmoid")))
convolutional = Network(
    (20, 20, 1),
    (Conv2D(8, 3, "same", 1, "elu"), MaxPool2D(2), Conv2D(12, 3, "same"), BatchNorm(), Flatten(), Dense(10, "softmax")),
)
moved = Augmentation(shift=1, rotate=20, scale=0.1, shear=10, elastic=0.5, stroke=0.3, erase=0.1, flip=0.1)
trainings = {
    "dense": (dense, Recipe("adam", schedule=Schedule("cosine", warm_up=5), epochs=3, loss="binary_crossentropy")),
    "convolutional": (
        convolutional,
        Recipe("nesterov", learning_rate=0.02, schedule=Schedule("exponential", 0.01), augmentation=moved, epochs=2),
    ),
}
found = {}
for name, (network, recipe) in trainings.items():
    fitted = inklings.fit(network, recipe, split, engine="reproducible")
    weights = b"".join(np.ascontiguousarray(fitted.parameters[key]).tobytes() for key in sorted(fitted.parameters))
    rows = [{k: v for k, v in row.to_dict().items() if k != "seconds"} for row in fitted.history]
    found[name] = hashlib.sha256(weights).hexdigest(), repr(rows)
print(json.dumps(found))
"""


def trained(**environment):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the others have one level of instructions")
def test_a_processor_with_fewer_instructions_learns_the_same_bytes():
    """NumPy, OpenBLAS and glibc are told to take the code that they have for a processor of 2008."""
    from numpy._core._multiarray_umath import __cpu_dispatch__

    lesser = trained(
        NPY_DISABLE_CPU_FEATURES=" ".join(__cpu_dispatch__),
        OPENBLAS_CORETYPE="Nehalem",
        GLIBC_TUNABLES="glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL,-BMI1,-BMI2,-SSE4_1,-SSE4_2",
        OMP_NUM_THREADS="1",
    )
    assert trained(OMP_NUM_THREADS="3") == lesser


def test_the_library_that_every_processor_can_run_is_used():
    engine = inklings.get_engine("reproducible")
    network = inklings.preset("mlp", (20, 20, 1), 10).network
    assert engine.lower(network).layout.lanes * 4 == 16
    assert inklings.get_engine("native").lower(network).layout.level is None
    assert bindings.load("float32", 0).compiled_level() == 0


def test_full_batch_optimisers_are_refused():
    split = inklings.open_dataset("digits").split()
    naive = inklings.preset("naive", (20, 20, 1), 10)
    with pytest.raises(RecipeError, match="reproducible computes in float32, and bfgs, lbfgs and cg need float64"):
        inklings.fit(naive.network, naive.recipe, split, engine="reproducible")


def test_sines_and_powers_are_right_to_the_last_digits():
    angles = np.random.default_rng(0).uniform(-360, 360, 2000)
    for found, expected in zip(sin_cos(angles), (np.sin, np.cos), strict=True):
        np.testing.assert_allclose(found, expected(np.radians(angles)), atol=2e-15)  # radians round to 4e-16 of 6.3
    exponents = np.random.default_rng(1).random(2000)
    for base in (1e-300, 1e-4, 0.5, 0.999, 1.0):
        np.testing.assert_allclose(power(base, exponents), base**exponents, rtol=2e-13)
