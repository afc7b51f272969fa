import time
from dataclasses import replace

import numpy as np
import pytest

from inklings import Augmentation, BatchNorm, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network
from inklings.errors import RunError
from inklings.storage import read_checksummed, write_checksummed
from inklings.training import Callback, Checkpoint, Recipe, Schedule, StopReason, fit
from inklings.training.checkpoint_file import CheckpointFile, before_of, find_checkpoint
from inklings.training.recipe import OPTIMISERS

CONVOLUTIONAL = Network(
    (6, 6, 1), (Conv2D(4, 3), BatchNorm(), MaxPool2D(2), Flatten(), Dropout(0.2), Dense(3, "softmax"))
)


class StopAfter(Callback):
    """Asks to stop when asked so often after an epoch's row: once a batch, or once for some compiled together."""

    def __init__(self, epoch=0, questions=0):
        self.epoch, self.left, self.begun = epoch, questions, False

    def on_epoch_end(self, row):
        self.begun = row.epoch >= self.epoch

    def should_stop(self):
        self.left -= self.begun
        return self.left < 0


def interrupt(network, recipe, split, engine, path, epoch=0, questions=1):
    stop = StopAfter(epoch, questions)
    result = fit(network, recipe, split, engine=engine, callbacks=[stop], checkpoints=path)
    assert result.stop_reason is StopReason.INTERRUPTED
    return Checkpoint.load(path)


def check_same(resumed, whole, engine):
    tolerance = 1e-5 if engine == "jax" else 0
    assert resumed.stop_reason == whole.stop_reason
    assert len(resumed.history) == len(whole.history)
    for mine, yours in zip(resumed.history, whole.history, strict=True):
        mine, yours = mine.to_dict(), yours.to_dict()
        for key in mine.keys() - {"seconds"}:
            assert mine[key] == yours[key] or mine[key] == pytest.approx(yours[key], rel=tolerance), key
    for name, value in whole.parameters.items():
        np.testing.assert_allclose(resumed.parameters[name], value, rtol=tolerance, atol=tolerance, err_msg=name)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "checkpoint.safetensors"


@pytest.mark.parametrize(("epoch", "questions"), [(0, 0), (0, 1), (1, 0), (2, 2)])
def test_training_goes_on_from_anywhere_as_if_it_had_not_stopped(
    network, recipe, split, engine, path, epoch, questions
):
    recipe = recipe.with_settings(augmentation=Augmentation(shift=1), schedule=Schedule("cosine"), batch_size=3)
    whole = fit(network, recipe, split, engine=engine)
    checkpoint = interrupt(network, recipe, split, engine, path, epoch, questions)
    assert 0 < checkpoint.step < whole.history[-1].step
    check_same(fit(network, recipe, split, engine=engine, resume=checkpoint), whole, engine)


@pytest.mark.parametrize(
    ("engine", "optimiser"),
    [(engine, optimiser) for engine in ("numpy", "auto") for optimiser in OPTIMISERS]
    + [("jax", optimiser) for optimiser in ("nesterov", "adam", "lbfgs")],  # the others keep no other arrays
)
def test_every_optimiser_remembers(engine, optimiser, plain, split, path):
    recipe = Recipe(optimiser, 0.01, batch_size=3, epochs=8)
    whole = fit(plain, recipe, split, engine=engine)
    checkpoint = interrupt(plain, recipe, split, engine, path, epoch=3)
    check_same(fit(plain, recipe, split, engine=engine, resume=checkpoint), whole, engine)


def test_running_averages_go_on_too(split, engine, path):
    recipe = Recipe(batch_size=10, epochs=3)
    whole = fit(CONVOLUTIONAL, recipe, split, engine=engine)
    checkpoint = interrupt(CONVOLUTIONAL, recipe, split, engine, path, epoch=1)
    assert 11 < checkpoint.step <= 22  # the native engine takes so small an epoch at once
    check_same(fit(CONVOLUTIONAL, recipe, split, engine=engine, resume=checkpoint), whole, engine)


def test_training_goes_on_twice(network, recipe, split, engine, path):
    recipe = recipe.with_settings(batch_size=2)
    whole = fit(network, recipe, split, engine=engine)
    checkpoint = interrupt(network, recipe, split, engine, path)
    again = fit(network, recipe, split, engine=engine, resume=checkpoint, checkpoints=path, callbacks=[StopAfter(2)])
    assert again.stop_reason is StopReason.INTERRUPTED
    check_same(fit(network, recipe, split, engine=engine, resume=Checkpoint.load(path)), whole, engine)


def test_the_best_epoch_before_the_interruption_is_not_forgotten(dots, engine, path):
    split = dots(90, 3, noise=1.2).split()
    network = Network((6, 6, 1), (Flatten(), Dense(40, "relu"), Dense(3, "softmax")))
    recipe = Recipe("sgd", 0.3, batch_size=10, epochs=200, early_stopping=12)
    whole = fit(network, recipe, split, engine=engine)

    class StopLate(Callback):
        late = False

        def on_epoch_end(self, row):
            self.late = row.epoch == whole.history[-1].epoch - 2

        def should_stop(self):
            return self.late

    stopped = fit(network, recipe, split, engine=engine, callbacks=[StopLate()], checkpoints=path)
    assert stopped.stop_reason is StopReason.INTERRUPTED
    check_same(fit(network, recipe, split, engine=engine, resume=Checkpoint.load(path)), whole, engine)


def test_seconds_go_on_too(network, recipe, split, engine, path):
    checkpoint = interrupt(network, recipe.with_settings(batch_size=3), split, engine, path, epoch=1)
    resumed = fit(network, recipe.with_settings(batch_size=3), split, engine=engine, resume=checkpoint)
    assert resumed.history[: len(checkpoint.history)] == checkpoint.history
    assert resumed.history[len(checkpoint.history)].seconds > checkpoint.seconds > checkpoint.history[-1].seconds


def test_callbacks_see_only_the_rows_that_are_new(network, recipe, split, engine, path):
    class Watch(Callback):
        epochs = ()

        def on_epoch_end(self, row):
            self.epochs = (*self.epochs, row.epoch)

    recipe, watch = recipe.with_settings(batch_size=3), Watch()
    checkpoint = interrupt(network, recipe, split, engine, path, epoch=1)
    fit(network, recipe, split, engine=engine, resume=checkpoint, callbacks=[watch])
    assert watch.epochs == tuple(range(checkpoint.epoch + 1, 5))


@pytest.fixture
def checkpoint(network, recipe, split, path):
    return interrupt(network, recipe, split, "numpy", path, epoch=1)


def test_another_recipe_is_refused_with_both_values(checkpoint, network, recipe, split):
    with pytest.raises(RunError, match=r"made with recipe\.learning_rate 0\.05, found 0\.07"):
        fit(network, recipe.with_settings(learning_rate=0.07), split, engine="numpy", resume=checkpoint)
    with pytest.raises(RunError, match=r"recipe\.l2 not given, found 0\.5"):
        fit(network, recipe.with_settings(l2=0.5), split, engine="numpy", resume=checkpoint)


def test_another_network_is_refused_with_both_values(checkpoint, recipe, split):
    other = Network((6, 6, 1), (Flatten(), Dropout(0.1), Dense(13, "relu"), Dropout(0.3), Dense(3, "softmax")))
    with pytest.raises(RunError, match=r"made with network\.layers\.2\.units 12, found 13"):
        fit(other, recipe, split, engine="numpy", resume=checkpoint)


def test_other_images_and_another_split_are_refused(checkpoint, network, recipe, split, dots):
    with pytest.raises(RunError, match="made with data "):
        fit(network, recipe, dots(seed=1).split(), engine="numpy", resume=checkpoint)
    with pytest.raises(RunError, match="made with split "):
        fit(network, recipe, split.dataset.split(seed=1), engine="numpy", resume=checkpoint)


def test_the_other_engine_is_refused(checkpoint, network, recipe, split):
    with pytest.raises(RunError, match="made with engine numpy, float32, found jax, float32"):
        fit(network, recipe, split, engine="jax", resume=checkpoint)


@pytest.mark.parametrize(
    ("old", "new", "optimiser"),
    [("numpy", "numpy", "adam"), ("jax", "jax", "momentum"), ("jax", "jax", "adamw")],
)
def test_a_checkpoint_of_an_engine_by_its_old_name_goes_on(old, new, optimiser, plain, split, path):
    """The engine that is now ``jax`` named its state by optax's places in it."""
    recipe = Recipe(optimiser, 0.01, batch_size=10, epochs=4)
    checkpoint = interrupt(plain, recipe, split, new, path, epoch=2)
    places = {"trace": ".trace", "count": "[0].count", "mean": "[0].mu", "square": "[0].nu"}

    def renamed(key):
        kind, _, name = key.partition("/")
        return places[kind] + (f"['{name}']" if name else "")

    state = checkpoint.state
    if old == "jax":
        state = {renamed(key): value for key, value in state.items()}
    replace(checkpoint, origin={**checkpoint.origin, "engine": f"{old}, float32"}, state=state).save(path)
    resumed = fit(plain, recipe, split, engine=new, resume=Checkpoint.load(path))
    check_same(resumed, fit(plain, recipe, split, engine=new), new)


def test_a_damaged_a_missing_and_a_foreign_file_are_refused(checkpoint, path, tmp_path):
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"checkpoint\.safetensors: .*not what was written"):
        Checkpoint.load(path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(RunError, match=r"checkpoint\.safetensors"):
        Checkpoint.load(path)
    with pytest.raises(RunError, match=r"none\.safetensors: cannot be read"):
        Checkpoint.load(tmp_path / "none.safetensors")
    write_checksummed(tmp_path / "model.safetensors", {"weights": np.ones(3)}, {"format": 1})
    with pytest.raises(RunError, match="expected 'inklings checkpoint 1'"):
        Checkpoint.load(tmp_path / "model.safetensors")


def test_a_folder_that_does_not_exist_is_refused_before_training(network, recipe, split, tmp_path):
    with pytest.raises(RunError, match="no folder"):
        fit(network, recipe, split, engine="numpy", checkpoints=tmp_path / "none" / "checkpoint.safetensors")


def test_a_training_that_ends_by_itself_quickly_writes_nothing(network, recipe, split, path):
    fit(network, recipe, split, engine="numpy", checkpoints=path)
    assert not path.exists()


def test_a_checkpoint_is_written_when_its_time_has_come(network, recipe, split, engine, path, monkeypatch):
    for name in ("SECONDS_BETWEEN", "SECONDS_AT_FIRST"):
        monkeypatch.setattr(f"inklings.training.checkpoint_file.{name}", 0.0)
    monkeypatch.setattr("inklings.training.checkpoint_file.SHARE_OF_WRITING", float("inf"))
    whole = fit(network, recipe, split, engine=engine)
    paused = fit(network, recipe, split, engine=engine, checkpoints=path)
    check_same(paused, whole, engine)
    assert Checkpoint.load(path).step >= 33  # after the last epoch but one, or within the last
    check_same(fit(network, recipe, split, engine=engine, resume=Checkpoint.load(path)), whole, engine)


def test_a_damaged_checkpoint_gives_way_to_the_one_before(network, recipe, split, engine, path):
    recipe = recipe.with_settings(batch_size=3)
    whole = fit(network, recipe, split, engine=engine)
    for epoch in (0, 2):
        interrupt(network, recipe, split, engine, path, epoch)
    newer, before = Checkpoint.load(path), Checkpoint.load(before_of(path))
    assert before.step < newer.step
    for damaged in (path.read_bytes()[:-1], path.read_bytes()[:100], b""):
        path.write_bytes(damaged)
        found = find_checkpoint(path)
        assert len(found.problems) == 1
        assert found.problems[0].path == path
        assert found.checkpoint.step == before.step
    path.unlink()  # killed between the two renamings
    found = find_checkpoint(path)
    assert not found.problems
    check_same(fit(network, recipe, split, engine=engine, resume=found.checkpoint), whole, engine)
    before_of(path).write_bytes(b"nothing")
    assert find_checkpoint(path).checkpoint is None


def test_writing_takes_a_fiftieth_of_the_time_at_most(tmp_path, monkeypatch, checkpoint):
    for name in ("SECONDS_BETWEEN", "SECONDS_AT_FIRST"):
        monkeypatch.setattr(f"inklings.training.checkpoint_file.{name}", 0.0)
    file = CheckpointFile(tmp_path / "checkpoint.safetensors")
    assert file.is_due

    def make():
        time.sleep(0.02)
        return checkpoint

    begun = time.monotonic()
    file.write(make)
    took = time.monotonic() - begun
    while not file.is_due:
        assert time.monotonic() - begun < 100 * took
        time.sleep(0.01)
    assert time.monotonic() - begun >= 50 * 0.02


def test_a_training_that_has_only_begun_is_saved_more_often(tmp_path, monkeypatch, checkpoint):
    now, written = [100.0], []
    monkeypatch.setattr("inklings.training.checkpoint_file.monotonic", lambda: now[0])
    file = CheckpointFile(tmp_path / "checkpoint.safetensors")
    while now[0] < 160:
        now[0] += 0.25
        if file.is_due:
            file.write(lambda: checkpoint)
            written.append(now[0] - 100)
    assert written == [1, 2, 4, 8, 16, 26, 36, 46, 56]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("history", []),
        ("history", [{"epoch": "one"}]),
        ("history", 3),
        ("seconds", "long"),
        ("origin", []),
        ("origin", {}),
    ],
)
def test_a_sound_file_with_other_values_is_refused(checkpoint, path, key, value):
    _, description = read_checksummed(path, "a checkpoint", RunError)
    arrays = {"losses": np.zeros(1)}
    write_checksummed(path, arrays, {**description, key: value})
    with pytest.raises(RunError, match=f"{path.name}: .*(expected|not what a checkpoint holds)"):
        Checkpoint.load(path)
