import sys

import onnx
import pytest

from inklings import Dense, Flatten, Model, Network
from inklings.data.interpretation import Interpretation
from inklings.models.preparation import Preparation
from inklings.networks import initial_parameters


@pytest.fixture
def saved(tmp_path):
    network = Network((2, 2, 1), (Flatten(), Dense(2, "softmax")))
    Model(network, initial_parameters(network, 0), ("ant", "bee")).save(tmp_path / "m.inkling")
    return tmp_path


def test_a_model_is_exported_for_each(answer, saved):
    assert answer("export", "m.inkling", "m.onnx")[0] == 0
    onnx.checker.check_model(str(saved / "m.onnx"), full_check=True)
    for to in ("keras", "torch"):
        code, out, _ = answer("export", "m.inkling", f"in_{to}.py", "--to", to)
        assert (code, (saved / f"in_{to}.npz").exists()) == (0, True)
        assert f"{to}.npz" in out
        assert (saved / f"in_{to}.py").read_text().startswith('"""A network. Trained by Inklings')


def test_without_the_extra_onnx_its_line_says_what_to_install_and_the_rest_is_exported(answer, saved, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    code, _, err = answer("export", "m.inkling", "m.onnx")
    assert (code, (saved / "m.onnx").exists()) == (8, False)
    assert "ONNX needs the package onnx, which is not installed; pip install 'inklings[onnx]'" in " ".join(err.split())
    assert answer("export", "m.inkling", "m.html")[0] == 0
    assert answer("export", "m.inkling", "in_torch.py", "--to", "torch")[0] == 0


def test_a_name_that_ends_in_html_makes_a_page(answer, saved):
    code, out, _ = answer("export", "m.inkling", "m.html")
    assert (code, "opens in any browser" in out, "m.html" in out) == (0, True, True)
    assert (saved / "m.html").read_text().startswith("<!doctype html>")


def test_a_page_that_trains_says_that_it_holds_images(answer, tmp_path):
    network = Network((20, 20, 1), (Flatten(), Dense(10, "softmax")))
    Model(network, initial_parameters(network, 0), [str(k) for k in range(10)]).save(tmp_path / "d.inkling")
    code, out, _ = answer("export", "d.inkling", "d.html", "--learn", "digits", "--images", "60")
    assert code == 0
    assert "of digits are part of the file: anyone who gets it can see them" in " ".join(out.split())
    assert '"parts": {"train": 60, "validation": 300, "test": 200}' in (tmp_path / "d.html").read_text()


@pytest.mark.parametrize(("shape", "values"), [((2, 3, 1), "grey"), ((2, 3, 3), "red, green and blue")])
def test_what_a_script_takes_is_told_of_a_model_of_pictures_too(answer, tmp_path, shape, values):
    network = Network(shape, (Flatten(), Dense(2, "softmax")))
    how = Preparation("whole", shape[:2], shape[2], interpretation=Interpretation(lowest=0.2, highest=0.9, border=0.6))
    Model(network, initial_parameters(network, 0), ("ant", "bee"), {}, how.to_plain()).save(tmp_path / "m.inkling")
    code, out, _ = answer("export", "m.inkling", "in_torch.py", "--to", "torch")
    told = f"{values} values of 0 to 1, of 2 x 3: pictures of 0 to 255 are to be made so first"
    assert code == 0
    assert f"`prepare` takes {told}" in " ".join(out.split())
    assert told in (tmp_path / "in_torch.py").read_text()


def test_nothing_is_written_over_and_what_is_unclear_is_asked(answer, saved):
    for arguments, code, said in [
        (("m.inkling", "m.onnx"), 0, ""),
        (("m.inkling", "m.onnx"), 7, "already exists"),
        (("m.inkling", "m.onnx", "--force"), 0, ""),
        (("m.inkling", "m.bin"), 2, "add --to"),
        (("m.inkling", "m.txt", "--to", "page"), 7, "a page ends in .html; name it m.html"),
        (("m.inkling", "n.onnx", "--learn", "digits"), 2, "--learn is for pages"),
        (("m.inkling", "m.html", "--images", "100"), 2, "--images is for --learn"),
        (("m.inkling", "m.html", "--learn", "digits"), 3, "the model does not know"),
        (("m.inkling", "m.onnx", "--to", "keras"), 7, "name it m.py"),
        (("m.inkling", "nowhere/m.onnx"), 7, "there is no folder nowhere"),
        (("m.inkling", "torch.py", "--to", "torch"), 7, "import it in place of the library torch; name it my_torch.py"),
        (("none.inkling", "x.onnx"), 7, "none.inkling: no such file"),
    ]:
        found, _, err = answer("export", *arguments)
        assert (found, said in err, len(err.splitlines())) == (code, True, int(bool(code))), err
