"""A package that is installed and broken is not said to be missing."""

import sys
from pathlib import Path

import pytest

from inklings import Model, get_engine, open_dataset
from inklings.callbacks import MLflowLogger, TensorBoardLogger
from inklings.cli import main
from inklings.data.readers.picture_kinds import why_unreadable
from inklings.errors import MissingDependencyError
from inklings.export.graph import to_onnx
from inklings.extras import importing, is_installed
from inklings.networks import Dense, Flatten, Network, initial_parameters
from inklings.notebook import to_frame
from inklings.search.importance import why_unavailable
from inklings.search.made_spaces import make_space
from inklings.search.open_workers import check_dask
from inklings.search.samplers import make_sampler
from inklings.training import DataFacts

BREAKS = {
    "lacks one of its own": ("import google.protobuf_that_is_not_there", "No module named 'google"),
    "lacks a part": ("from {name}.core import missing", "No module named '{name}.core'"),
    "lacks a library": ("raise ImportError('libcudart.so.12: cannot open shared object')", "ImportError: libcudart"),
    "was built for another NumPy": ("raise ValueError('numpy.dtype size changed')", "ValueError: numpy.dtype size"),
    "uses what is gone": ("import numpy; numpy.float_that_was", "AttributeError: module 'numpy'"),
}


@pytest.fixture
def breaking(tmp_path, monkeypatch):
    """Put a package in front of whatever has its name, which raises when it is imported."""

    def breaking(name, code):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(code.format(name=name))
        monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.syspath_prepend(tmp_path)

    return breaking


@pytest.mark.parametrize("kind", BREAKS)
def test_a_package_that_cannot_be_imported_is_said_to_be_there_and_why_it_is_of_no_use(kind, breaking):
    code, said = BREAKS[kind]
    breaking("fragile", code)
    assert is_installed("fragile")
    with pytest.raises(MissingDependencyError) as told, importing("fragile", "this needs fragile", "'inklings[some]'"):
        import fragile  # noqa: F401
    line = str(told.value)
    assert line.startswith("this needs fragile, which is installed, but cannot be imported (")
    assert said.format(name="fragile") in line
    assert line.endswith("; pip install --force-reinstall fragile")


def test_one_that_is_missing_is_said_to_be_missing():
    assert not is_installed("no_such_package")
    told = r"^x, which is not installed; pip install y, or z$"
    with pytest.raises(MissingDependencyError, match=told), importing("no_such_package", "x", "y", otherwise="z"):
        import no_such_package  # noqa: F401


@pytest.mark.parametrize("problem", [MemoryError(), ImportError("libx.so: failed to map segment from shared object")])
def test_want_of_memory_is_no_fault_of_the_package(problem):
    with pytest.raises(type(problem)), importing("fragile", "x", "y"):
        raise problem


def open_hdf5(folder):
    (folder / "some.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(600))
    open_dataset(folder / "some.h5")


def open_parquet(folder):
    (folder / "some.parquet").write_bytes(b"PAR1" + bytes(60) + b"PAR1")
    open_dataset(folder / "some.parquet")


def open_zstandard(folder):
    (folder / "some.csv.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(60))
    open_dataset(folder / "some.csv.zst")


def open_heic(folder):
    why_unreadable.cache_clear()
    (folder / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200))
    open_dataset(folder / "photo.heic")


def export_onnx(folder):
    network = Network((2, 2, 1), (Flatten(), Dense(2, "softmax")))
    to_onnx(Model(network, initial_parameters(network, 0), ("ant", "bee")))


PLACES = {
    "onnx": export_onnx,
    "mlflow": lambda folder: MLflowLogger(),
    "tensorboardX": lambda folder: TensorBoardLogger(folder / "log"),
    "optuna": lambda folder: make_sampler("tpe", make_space("softmax", (20, 20, 1), 10, DataFacts()), 0),
    "distributed": lambda folder: check_dask("several workers need Dask"),
    "h5py": open_hdf5,
    "pyarrow": open_parquet,
    "pillow_heif": open_heic,
    "jax": lambda folder: get_engine("jax"),
    "pandas": lambda folder: to_frame({"epoch": [0, 1]}),
}


@pytest.mark.parametrize("package", PLACES)
def test_each_place_that_needs_a_package_says_that_it_is_broken(package, breaking, tmp_path):
    breaking(package, BREAKS["lacks one of its own"][0])
    with pytest.raises(MissingDependencyError, match=r"installed, but cannot be imported \(.*No module named 'google"):
        PLACES[package](tmp_path)
    why_unreadable.cache_clear()


def test_what_only_one_python_has_needs_pyarrow_in_the_others(breaking, tmp_path):
    if is_installed("compression"):
        pytest.skip("this Python reads zstandard itself")
    breaking("pyarrow", "raise OSError('no libarrow')")
    with pytest.raises(MissingDependencyError, match=r"installed, but cannot be imported \(OSError: no libarrow\)"):
        open_zstandard(tmp_path)


def test_a_page_of_a_study_says_why_it_lacks_importances(breaking):
    assert why_unavailable() == ""
    breaking("optuna", "raise ImportError('half of it')")
    assert why_unavailable().startswith("Importance by fANOVA needs Optuna, which is installed, but cannot be imported")


def test_the_command_line_says_so_in_a_line(breaking, tmp_path, monkeypatch, capsys):
    breaking("h5py", "raise ImportError('libhdf5.so.310: no version information')")
    monkeypatch.chdir(tmp_path)
    Path("some.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(600))
    monkeypatch.setattr(sys, "argv", ["inklings", "data", "show", "some.h5"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == MissingDependencyError.exit_code
    assert said.count("\n") == 1
    assert "cannot be imported (ImportError: libhdf5.so.310: no version information)" in said
