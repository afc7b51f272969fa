"""Pipes, devices and sockets in the place of files: refused at once, where opening one would wait for ever."""

import os
import signal
import socket
from pathlib import Path

import pytest

from inklings import Dense, Flatten, Model, Network, RunError
from inklings.networks import initial_parameters

NETWORK = Network((20, 20, 1), (Flatten(), Dense(10, "softmax")))

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")


@pytest.fixture(autouse=True)
def in_time():
    """Fail what waits for longer than half a minute, in place of waiting with it."""

    def fail(number, frame):
        raise TimeoutError("still waiting after 30 seconds")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def pipe(tmp_path):
    def make(name):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(path)
        return path

    return make


def refuses(answered, exit_code, name, kind="a pipe"):
    code, out, err = answered
    assert (code, out) == (exit_code, "")
    assert err == f"inklings: {name}: is {kind}, expected a file; copy what it holds into a file\n"


@pytest.mark.parametrize("suffix", ["", ".csv", ".csv.gz", ".npz", ".npy", ".mat", ".h5", ".parquet", "-idx3-ubyte"])
def test_data_from_a_pipe_are_refused(answer, pipe, suffix):
    pipe(f"digits{suffix}")
    refuses(answer("data", "show", f"digits{suffix}" if suffix else "./digits"), 3, f"digits{suffix}")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/urandom"])
def test_data_from_a_device_are_refused(answer, device):
    refuses(answer("train", "softmax", "--data", device), 3, device, "a device")


def test_data_from_a_socket_are_refused(answer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("digits.npz")
        refuses(answer("data", "show", "digits.npz"), 3, "digits.npz", "a socket")


def test_a_link_to_a_pipe_is_one(answer, pipe, tmp_path):
    (tmp_path / "digits.npz").symlink_to(pipe("there"))
    refuses(answer("data", "show", "digits.npz"), 3, "digits.npz")


def test_a_pipe_beside_the_data_is_no_file_of_labels(answer, pipe, tmp_path):
    (tmp_path / "images.npy").write_bytes(b"\x93NUMPY\x01\x00")
    pipe("labels.npy")
    code, _, err = answer("data", "show", "images.npy")
    assert code == 3
    assert "no labels, expected a file y.npy or labels.npy beside it" in err


def test_pictures_and_models_from_pipes_are_refused(answer, pipe, tmp_path):
    preprocessing = {"kind": "whole", "size": [20, 20], "channels": 1, "invert": True}
    Model(NETWORK, initial_parameters(NETWORK, 0), tuple("0123456789"), {}, preprocessing).save(tmp_path / "a.inkling")
    pipe("one.png")
    pipe("b.inkling")
    refuses(answer("predict", "a.inkling", "one.png"), 3, "one.png")
    refuses(answer("read", "a.inkling", "one.png"), 3, "one.png")
    refuses(answer("predict", "b.inkling", "one.png"), 7, "b.inkling")
    refuses(answer("predict", "/dev/zero", "one.png"), 7, "/dev/zero", "a device")


def test_a_network_from_a_pipe_is_refused(answer, pipe):
    for name in ("own.toml", "own.json"):
        pipe(name)
        code, out, err = answer("train", name)
        assert (code, out) == (4, "")
        assert err.startswith(f"inklings: {name}: not a file, expected a description of a network")


def test_runs_that_hold_pipes_are_listed_apart(answer, pipe):
    pipe("inklings-runs/odd/run.json")
    code, _, err = answer("runs")
    assert code == 0
    assert "odd cannot be read" in err
    refuses(answer("runs", "show", "odd"), 7, "inklings-runs/odd/run.json")


def test_nothing_is_written_to_a_pipe_nor_moved_over_a_device(answer, pipe):
    pipe("grid.png")
    code, _, err = answer("data", "show", "digits", "--out", "grid.png")
    assert (code, err) == (3, "inklings: grid.png: is a pipe, expected a file; choose another place\n")
    pipe("model.inkling")
    for name, kind in (("model.inkling", "a pipe"), ("/dev/null", "a device")):
        code, out, err = answer("train", "softmax", "--save", name)
        assert (code, out) == (7, "")
        assert err == f"inklings: {name}: is {kind}, expected a file; name one such as my.inkling\n"
    with pytest.raises(RunError, match=r"/dev/null: cannot be written \(it is a device\)"):
        Model(NETWORK, initial_parameters(NETWORK, 0), tuple("0123456789")).save("/dev/null")
    assert Path("/dev/null").is_char_device()
    assert answer("data", "show", "digits", "--out", "/dev/null")[0] == 0
