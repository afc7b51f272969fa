"""Scripts are read here, and run by the frameworks where there is a Python that has them."""

import ast
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from export.conftest import NETWORKS, RAW, images_for, model_of, trained_on
from inklings.errors import DataError
from inklings.export import SCRIPTS, write_script

RUN = """
import importlib.util, sys, numpy as np
for name in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location("network", f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    np.save(f"{name}-answers.npy", module.predict(np.load(f"{name}-images.npy")))
"""


def python_with_frameworks():
    named = os.environ.get("INKLINGS_BENCH_PYTHON")
    path = Path(named) if named else Path(__file__).parents[2] / ".venv-bench" / "bin" / "python"
    if not path.exists():
        pytest.skip("no .venv-bench (`make bench` makes it) and no INKLINGS_BENCH_PYTHON: nobody to run the scripts")
    return path


@pytest.mark.parametrize("to", SCRIPTS)
def test_a_script_is_short_and_names_every_layer(to, tmp_path):
    script, weights = write_script(model_of(NETWORKS["cnn2"]), to, tmp_path / "cnn2.py")
    text = script.read_text()
    ast.parse(text)
    assert weights == tmp_path / "cnn2.npz"
    assert len(text.splitlines()) < 65
    assert max(map(len, text.splitlines())) < 130
    assert "with an accuracy of 90.0% (" in text
    assert "on 1,250 test images" in text
    assert "<" not in text.replace("<=", "")
    assert text.count("Conv2") == 2


@pytest.mark.parametrize("to", SCRIPTS)
@pytest.mark.parametrize("kind", RAW)
def test_a_script_prepares_raw_pixels_as_the_model_does(to, kind, tmp_path):
    model, raw, prepared = trained_on(kind)
    script, _ = write_script(model, to, tmp_path / "raw.py")
    text = script.read_text()
    # The function alone, which needs neither library.
    (function,) = (
        each for each in ast.parse(text).body if isinstance(each, ast.FunctionDef) and each.name == "prepare"
    )
    names = {"np": np}
    exec(compile(ast.Module([function], []), "raw.py", "exec"), names)
    for given in (raw, raw.reshape(len(raw), -1)) if "resized" not in kind and raw.shape[-1] != 3 else (raw,):
        found = names["prepare"](given)
        assert (found.dtype, found.shape) == (np.float32, prepared.shape)
        np.testing.assert_allclose(found, prepared, atol=1e-6)
    assert "in predict(prepare(np.load(sys.argv[1]))):" in text


@pytest.mark.parametrize("to", SCRIPTS)
def test_a_class_may_be_called_as_a_place_in_the_template(to, tmp_path):
    model = replace(model_of(NETWORKS["cnn2"]), class_names=("<shape>", "<raw>", *"23456789"))

    script, _ = write_script(model, to, tmp_path / "cnn2.py")

    assert "['<shape>', '<raw>', '2'," in script.read_text()


def test_a_script_does_not_take_the_name_of_its_weights(tmp_path):
    with pytest.raises(DataError, match=r"net\.npz: is what the weights beside the script are called"):
        write_script(model_of(NETWORKS["cnn2"]), "torch", tmp_path / "net.npz")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("to", SCRIPTS)
def test_every_network_answers_there_as_it_does_here(to, tmp_path):
    python = python_with_frameworks()
    for number, network in enumerate(NETWORKS.values()):
        write_script(model_of(network), to, tmp_path / f"net{number}.py")
        np.save(tmp_path / f"net{number}-images.npy", images_for(network))
    names = [f"net{number}" for number in range(len(NETWORKS))]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([python, "-c", RUN, *names], cwd=tmp_path, env=environment, check=True, timeout=600)
    for number, (name, network) in enumerate(NETWORKS.items()):
        found = np.load(tmp_path / f"net{number}-answers.npy")
        expected = model_of(network).predict_proba(images_for(network), prepared=True)
        np.testing.assert_allclose(found, expected, atol=1e-5, err_msg=name)
