"""The package's types reach the programs of its users."""

import json
import shutil
import subprocess
import sys

import pytest

SCRIPT = """
from pathlib import Path

import numpy as np

import inklings

split = inklings.open_dataset("digits").split(seed=3)
plan = inklings.preset("mlp", split.dataset.image_shape, split.dataset.class_count, dropout=True)
fitted = inklings.fit(plan.network, plan.recipe, split)
accuracy: float | None = fitted.history[-1].validation_accuracy
model = inklings.Model.from_fit(fitted, split)
model.save(Path("digits.inkling"))
again = inklings.load("digits.inkling")
graph = inklings.export.to_onnx(again)
answers = again.predict(split.test.images, prepared=True)
right = float(np.mean(answers == split.test.labels))
comparison = inklings.compare(["mlp", plan], split)
for result in comparison.results:
    print(result.title.upper(), result.interval)
inklings.write_report(comparison, "report")
"""
MISTAKES = {
    "seed=3": 'seed="three"',
    "result.title.upper()": "result.titel.upper()",
}


MYPY = ([sys.executable, "-m", "mypy", "--strict"], "error:", ("[arg-type]", "[attr-defined]"))
PYRIGHT = (
    ["pyright", "--pythonpath", sys.executable],
    " - error:",
    ("(reportArgumentType)", "(reportAttributeAccessIssue)"),
)
OFFERED = (
    *("inklings.callbacks.", "inklings.data.dataset.", "inklings.data.split.", "inklings.errors.", "inklings.export."),
    *("inklings.evaluation.", "inklings.experiments.", "inklings.insight.", "inklings.models.", "inklings.networks."),
    *("inklings.plots.", "inklings.report.", "inklings.training.fit_result.", "inklings.training.history."),
)
"""Where what users hold in their hands is defined. Estimators inherit from scikit-learn, which has no types."""
NEEDS_PYRIGHT = pytest.mark.skipif(not shutil.which("pyright"), reason="pyright is not installed (npm install pyright)")


def check(command, script, folder):
    (folder / "script.py").write_text(script)
    return subprocess.run([*command, "script.py"], cwd=folder, capture_output=True, text=True, timeout=240)


@pytest.mark.slow
@pytest.mark.parametrize(("command", "error", "kinds"), [MYPY, pytest.param(*PYRIGHT, marks=NEEDS_PYRIGHT)])
def test_a_users_script_is_typed_and_two_planted_mistakes_are_found(tmp_path, command, error, kinds):
    sound = check(command, SCRIPT, tmp_path)
    assert sound.returncode == 0, sound.stdout
    wrong = SCRIPT
    for right, mistake in MISTAKES.items():
        assert right in wrong
        wrong = wrong.replace(right, mistake)
    found = check(command, wrong, tmp_path)
    assert found.stdout.count(error) == len(MISTAKES), found.stdout
    assert [kind for kind in kinds if kind not in found.stdout] == []


@pytest.mark.slow
@NEEDS_PYRIGHT
def test_what_the_package_offers_is_typed_wherever_a_checker_would_guess(tmp_path):
    command = [
        "pyright",
        "--pythonpath",
        sys.executable,
        "--verifytypes",
        "inklings",
        "--ignoreexternal",
        "--outputjson",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    symbols = json.loads(done.stdout)["typeCompleteness"]["symbols"]
    assert any(symbol["name"] == "inklings.fit" for symbol in symbols)
    guessed = {symbol["name"] for symbol in symbols if symbol["isExported"] and symbol["isTypeAmbiguous"]}
    assert [name for name in guessed if name.startswith(OFFERED) and not name.endswith(".log")] == []
