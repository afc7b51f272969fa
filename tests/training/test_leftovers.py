"""What a training leaves behind: nothing that waits for Python's collector."""

import gc

import pytest

from inklings import fit, open_dataset, preset


@pytest.mark.parametrize(
    ("name", "settings", "engine"),
    [
        ("naive", {"epochs": 2}, "auto"),
        ("naive", {"epochs": 2, "optimiser": "cg"}, "numpy"),
        ("mlp", {"epochs": 1}, "auto"),
        ("best", {"steps": 3}, "auto"),
    ],
)
def test_a_training_leaves_no_circle_of_objects(name, settings, engine):
    # Such a circle holds all that the training used, images too, until the collector comes by. That counts objects, not
    # bytes: memory then grows by megabytes from training to training.
    split = open_dataset("digits").take(range(0, 5000, 20)).split()
    plan = preset(name, split.dataset.image_shape, 10).with_recipe(**settings)

    def train():
        fit(plan.network, plan.recipe, split, engine=engine, catch_signals=False)

    train()  # what the first one makes is kept for the others
    # Again where there is something: threads of earlier tests may leave circles meanwhile, but not every time.
    left = left_by(train) and left_by(train) and left_by(train)
    assert left == []


def left_by(train):
    """Return the types of what only the collector of circles would have freed after a training."""
    gc.collect()
    gc.freeze()  # what there is already, much of it after many tests, is not looked through again
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        train()
        gc.collect()
        return [type(each).__name__ for each in gc.garbage]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.unfreeze()
        gc.enable()
