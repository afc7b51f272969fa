"""The package's types reach the programs of its users."""

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


def check(script, folder):
    path = folder / "script.py"
    path.write_text(script)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache"), str(path)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)


@pytest.mark.slow
def test_a_users_script_is_typed_and_two_planted_mistakes_are_found(tmp_path):
    sound = check(SCRIPT, tmp_path)
    assert sound.returncode == 0, sound.stdout
    wrong = SCRIPT
    for right, mistake in MISTAKES.items():
        assert right in wrong
        wrong = wrong.replace(right, mistake)
    found = check(wrong, tmp_path)
    assert found.stdout.count("error:") == len(MISTAKES), found.stdout
    assert "[arg-type]" in found.stdout
    assert "[attr-defined]" in found.stdout
