"""Small files that would take hours or gigabytes: each is refused at once, whatever it claims."""

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import time
import zipfile
import zlib
from contextlib import contextmanager

import numpy as np
import pytest

from fuzzing.targets import _trained
from inklings import DataError, Dense, Flatten, Model, Network, NetworkError, RunError, RunStore, load, open_dataset
from inklings import read_plan as read
from inklings.data.readers.repetition import RepetitionWatch
from inklings.networks import initial_parameters

MAT_HEADER = b"MATLAB 5.0".ljust(124) + b"\0\1IM"


@contextmanager
def at_once(seconds=3.0):
    """The processor's time of this process: what waits for others is not counted."""
    started = time.process_time()
    yield
    assert time.process_time() - started < seconds


@pytest.mark.parametrize("length", [0, 2**64 - 16, 1 << 40])
def test_a_list_of_texts_that_leads_nowhere_is_refused_and_one_whose_texts_were_changed_is_not(tmp_path, length):
    """The HDF5 library goes by the lengths alone: free space of length 0 keeps it at one place for ever."""
    h5py = pytest.importorskip("h5py")
    path, digits = tmp_path / "x.h5", open_dataset("digits").take(range(0, 5000, 100))
    with h5py.File(path, "w") as file:
        file["images"] = digits.images[..., 0]
        names = file.create_dataset("labels", (50,), h5py.string_dtype())
        for times in (1, 300, 20):  # of which the longer leave space behind
            names[:] = [str(label) * times for label in digits.labels]
    assert open_dataset(path).class_names[3] == 20 * "3"
    content = bytearray(path.read_bytes())
    begin = content.find(b"GCOL")
    at, end = begin + 16, begin + struct.unpack_from("<Q", content, begin + 8)[0]
    while struct.unpack_from("<H", content, at)[0]:
        at += 16 + -(-struct.unpack_from("<Q", content, at + 8)[0] // 8) * 8
        assert at < end
    struct.pack_into("<Q", content, at + 8, length)
    path.write_bytes(content)
    with at_once(), pytest.raises(DataError, match="holds a damaged list of texts"):
        open_dataset(path)


@pytest.mark.parametrize(
    "content",
    [
        b".".join([b"a"] * 300_000) + b" = 1\n",
        b"x = 1\n[" + b".".join([b"a"] * 990) + b"]\n" + b"".join(b"k%d=1\n" % number for number in range(110_000)),
        b"a = " + b"[" * 100_000,
    ],
    ids=["a key of 300,000 parts", "a table of 990 parts and 110,000 keys", "brackets within brackets"],
)
def test_toml_that_would_take_minutes_is_refused(tmp_path, content):
    (tmp_path / "plan.toml").write_bytes(content)
    with at_once(), pytest.raises(NetworkError, match="not TOML"):
        read(tmp_path / "plan.toml", (8, 8, 1), 3)


def test_a_network_with_many_numbers_is_none_of_these(tmp_path):
    weights = ", ".join(["0.125"] * 2000)
    layers = '[[layers]]\nlayer = "Flatten"\n[[layers]]\nlayer = "Dense"\nunits = 2000\nactivation = "softmax"\n'
    (tmp_path / "plan.toml").write_text(f"{layers}[recipe]\nclass_weights = [{weights}]\n")
    assert len(read(tmp_path / "plan.toml", (8, 8, 1), 2000).recipe.class_weights) == 2000


@pytest.mark.parametrize("name", ["run.json", "history.jsonl"])
def test_facts_of_a_gigabyte_are_not_read(tmp_path, name):
    (tmp_path / "run").mkdir()
    for each in ("run.json", "history.jsonl"):
        (tmp_path / "run" / each).write_bytes((_trained()[1] / each).read_bytes())
    with (tmp_path / "run" / name).open("r+b") as file:
        file.truncate(1 << 30)  # of which the disk holds none
    with at_once(), pytest.raises(RunError, match="has 1,073,741,824 bytes, expected"):
        _ = RunStore(tmp_path).load("run").history


def test_a_model_file_of_a_hundred_thousand_arrays_is_refused(tmp_path):
    empty = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    names = {f"a{number}": empty for number in range(100_001)}
    header = json.dumps({"__metadata__": {"sha256": "0" * 64, "values": "{}"}, **names}).encode()
    (tmp_path / "m.inkling").write_bytes(struct.pack("<Q", len(header)) + header)
    with at_once(), pytest.raises(RunError, match="expected a saved model"):
        load(tmp_path / "m.inkling")


def test_a_matlab_variable_is_unpacked_as_far_as_its_array_goes(tmp_path):
    stream = zlib.compress(struct.pack("<2I", 14, 64) + bytes(256 << 20))
    (tmp_path / "x.mat").write_bytes(MAT_HEADER + struct.pack("<2I", 15, len(stream)) + stream)
    with at_once(0.5), pytest.raises(DataError, match="goes on behind its array"):
        open_dataset(tmp_path / "x.mat")


def test_a_matlab_file_of_zeros_is_none(tmp_path):
    # SciPy takes it for one array without entries (scipy issue 22444).
    (tmp_path / "x.mat").write_bytes(bytes(100_000))
    with pytest.raises(DataError):
        open_dataset(tmp_path / "x.mat")


def test_what_a_group_of_an_hdf5_file_claims_is_added_up_before_any_is_read(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "x.h5", "w") as file:
        for number in range(50):
            file.create_dataset(f"v{number}", (100, 1024, 1024), "u1", chunks=(1, 1024, 1024))
    with at_once(0.5), pytest.raises(DataError, match=r"up to variable 'v\d+', claims 4\.0 GiB"):
        open_dataset(tmp_path / "x.h5")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda values: values + 1j, "holds complex64, expected real numbers"),
        (lambda values: values > 0, "holds bool, expected real numbers"),
        (lambda values: values * np.inf, "holds NaN or infinity"),
        (lambda values: values.astype("U8"), "expected real numbers"),
    ],
)
def test_parameters_that_are_no_real_numbers_are_refused(change, found):
    network = Network((2, 2, 1), (Flatten(), Dense(3, "softmax")))
    parameters = {name: value.astype(np.float32) for name, value in initial_parameters(network, 0).items()}
    with np.errstate(invalid="ignore"):
        parameters["dense_1/weights"] = change(parameters["dense_1/weights"])
    with pytest.raises(NetworkError, match=found):
        Model(network, parameters, ["a", "b", "c"])


def test_weights_of_any_size_give_probabilities_or_a_refusal():
    network = Network((2, 2, 1), (Flatten(), Dense(40, "relu"), Dense(3, "softmax")))
    images = np.full((2, 2, 2, 1), 0.5, np.float32)
    for size in (1e10, 1e20, 1e30, 3e38):
        drawn = initial_parameters(network, 0).items()
        parameters = {name: np.sign(value).astype(np.float32) * np.float32(size) for name, value in drawn}
        try:
            probabilities = Model(network, parameters, ["a", "b", "c"]).predict_proba(images, prepared=True)
        except NetworkError as refused:
            assert "too large to compute with" in str(refused)  # noqa: PT017 - either of the two is right
        else:
            assert np.isfinite(probabilities).all()


ROWS = (b"0," * 784 + b"%d\n") * 100 % tuple(number % 10 for number in range(100))
TIMES = 900
"""140 MB of text: enough to be told by, though more than enough would be the same."""


def deflated(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("train.csv", content)
    return file.getvalue()


def in_a_tar(content):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
        info = tarfile.TarInfo("train.csv")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def zstandard(content):
    return pytest.importorskip("pyarrow").compress(content, "zstd", asbytes=True)


@pytest.mark.parametrize(
    ("ending", "compress"),
    [
        # Of these three, files that stand one after another are one.
        (".csv.gz", lambda content: gzip.compress(ROWS) * TIMES),
        (".csv.bz2", lambda content: bz2.compress(ROWS) * TIMES),
        (".csv.xz", lambda content: lzma.compress(ROWS) * TIMES),
        (".csv.zst", zstandard),
        (".csv.zip", deflated),
        (".tar.gz", in_a_tar),
    ],
)
def test_a_table_of_one_line_again_and_again_is_refused_while_it_is_unpacked(tmp_path, ending, compress):
    path = tmp_path / f"train{ending}"
    path.write_bytes(compress(ROWS * TIMES if ending in (".csv.zst", ".csv.zip", ".tar.gz") else b""))
    assert path.stat().st_size < 1_500_000
    with at_once(), pytest.raises(DataError, match=r"of text and more, nearly all lines of which are the same"):
        open_dataset(path)


def test_a_table_of_many_images_is_none_of_these_however_small_it_was(tmp_path):
    """As black and white images are once they are compressed: each line is another one."""
    random, watch = np.random.default_rng(0), RepetitionWatch(tmp_path, 400_000)
    for _ in range(140):
        rows = random.integers(48, 50, (1300, 800), np.uint8)
        rows[:, -1] = ord("\n")
        watch.see(rows.tobytes())
