"""What the documentation shows, runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def blocks(name, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / name).read_text(), re.S)


@pytest.mark.parametrize("name", ["docs/guide.md", "README.md"])
def test_the_python_in_it_runs(name, tmp_path):
    code = "\n".join(blocks(name, "python"))
    assert "inklings" in code
    code = code.replace('"cnn2"], "digits")', '"cnn2"], "digits", quick=True)')
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, timeout=120)


def test_the_network_in_the_guide_trains(tmp_path):
    (tmp_path / "mine.toml").write_text(blocks("docs/guide.md", "toml")[0])
    command = [sys.executable, "-m", "inklings", "train", "mine.toml", "--epochs", "1", "--quiet"]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=120)
    assert "network      mine" in done.stdout


def test_the_example_tells_the_whole_story(tmp_path):
    example = ROOT / "examples" / "digits.py"
    assert len(example.read_text().splitlines()) < 60
    command = [sys.executable, str(example), "--quick"]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=240)
    assert "cnn2" in done.stdout
    assert (tmp_path / "digits-report" / "report.html").exists()
