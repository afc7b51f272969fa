import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from inklings.errors import InterruptedWarning
from inklings.training.interruption import Interruption, signals_deferred

ends_with_a_warning = pytest.mark.filterwarnings("ignore::inklings.errors.InterruptedWarning")
TRAINING = """
import sys
from inklings import Dense, Flatten, Network, open_dataset
from inklings.training import Callback, Recipe, fit

class Tell(Callback):
    def on_epoch_end(self, row):
        print("epoch", row.epoch, flush=True)

network = Network((20, 20, 1), (Flatten(), Dense(100, "relu"), Dense(10, "softmax")))
recipe = Recipe("sgd", 0.01, epochs=100_000)
result = fit(network, recipe, open_dataset("digits").split(), engine=sys.argv[1], callbacks=[Tell()],
             checkpoints=sys.argv[2])
print(result.stop_reason.value)
print(result.message)
print(len(result.history), result.parameters["dense_1/weights"].shape)
"""


@pytest.fixture
def training(engine, tmp_path):
    """A training in a process of its own that would go on for an hour."""
    command = [sys.executable, "-c", TRAINING, engine, str(tmp_path / "checkpoint.safetensors")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("engine", "number"),
    [("auto", signal.SIGINT), ("auto", signal.SIGTERM), ("numpy", signal.SIGINT)],
)
def test_a_signal_ends_training_with_what_was_learnt(training, number, tmp_path):
    while training.stdout.readline() != "epoch 1\n":
        assert training.poll() is None
    training.send_signal(number)
    output, errors = training.communicate(timeout=30)
    assert training.returncode == 0
    assert "<string>:12: InterruptedWarning: Ctrl-C or SIGTERM asked to stop" in errors, "the line that called fit"
    *_, ending, message, kept = output.splitlines()
    assert ending == "interrupted"
    assert message.endswith(f"what was learnt is kept; resume from {tmp_path / 'checkpoint.safetensors'} to go on")
    assert int(kept.split()[0]) >= 2
    names = {path.name for path in tmp_path.iterdir()}
    assert names - {"checkpoint-before.safetensors"} == {"checkpoint.safetensors"}


def test_whoever_goes_on_after_a_signal_is_warned_once():
    with pytest.warns(InterruptedWarning, match="goes on with it") as warned, Interruption(), Interruption():
        signal.raise_signal(signal.SIGINT)
    assert len(warned) == 1
    assert warned[0].filename == __file__


def test_whoever_raises_after_a_signal_is_not_warned():
    def interrupted_twice():
        for _ in range(2):
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), Interruption():
        interrupted_twice()


@ends_with_a_warning
def test_the_first_signal_is_noted_and_the_second_raises():
    with Interruption() as interruption:
        assert not interruption.requested
        signal.raise_signal(signal.SIGINT)
        assert interruption.requested
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@ends_with_a_warning
def test_one_within_another_shares_its_signals():
    with Interruption() as outer:
        with Interruption() as inner:
            signal.raise_signal(signal.SIGTERM)
            assert inner.requested
        assert outer.requested
        with Interruption() as later:
            assert later.requested
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)


def test_signals_do_afterwards_what_they_did_before():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Interruption():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_signals_are_left_alone_when_asked_so():
    before = signal.getsignal(signal.SIGINT)
    with Interruption(enabled=False):
        assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            assert not interruption.requested
    finally:
        signal.signal(signal.SIGINT, before)


def test_in_another_thread_nothing_is_caught_and_nothing_fails():
    outcome = []

    def enter():
        with Interruption() as interruption:
            outcome.append(interruption.requested)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert outcome == [False]


@ends_with_a_warning
def test_signals_that_arrive_while_they_are_deferred_are_handled_afterwards():
    done = []

    def interrupted_twice():
        with signals_deferred():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            done.append(interruption.requested)

    with Interruption() as interruption, pytest.raises(KeyboardInterrupt):
        interrupted_twice()
    assert done == [False]
    assert interruption.requested
