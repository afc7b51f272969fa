"""A data set larger than a small machine's memory, from its file to trained weights."""

import struct
import subprocess
import sys

import numpy as np
import pytest

COUNT = 10_000_000

# In a process of its own, whose greatest memory, pages of the mapped file included, is its own.
TRAIN = """
import resource, sys
from inklings import fit, open_dataset, preset

split = open_dataset(sys.argv[1]).split(test=100_000, validation=50_000)
plan = preset("softmax", split.dataset.image_shape, split.dataset.class_count)
recipe = plan.recipe.with_settings(epochs=1, steps=None, batch_size=500)
row = fit(plan.network, recipe, split).history[-1]
unit = 1 if sys.platform == "darwin" else 1024
print(row.step, row.train_accuracy, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured as Unix does")
def test_an_epoch_of_ten_million_images_takes_less_than_3_gb(tmp_path):
    """7.84 GB of pixels, most of them a hole in the file: empty images, and of each class one that is white."""
    labels = (np.arange(COUNT) % 10).astype(np.uint8)
    with (tmp_path / "many-images-idx3-ubyte").open("wb") as file:
        file.write(struct.pack(">HBB3I", 0, 8, 3, COUNT, 28, 28) + b"\xff" * 784 * 10)
        file.truncate(16 + COUNT * 784)
    (tmp_path / "many-labels-idx1-ubyte").write_bytes(struct.pack(">HBBI", 0, 8, 1, COUNT) + labels.tobytes())
    command = [sys.executable, "-c", TRAIN, str(tmp_path / "many-images-idx3-ubyte")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    steps, accuracy, most = done.stdout.split()
    assert int(steps) == (COUNT - 150_000) // 500
    assert 0.05 < float(accuracy) < 0.15
    assert float(most) < 3e9
