"""What the documentation shows, runs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import inklings
from inklings.cli.main import COMMANDS

ROOT = Path(__file__).parents[1]
# The same calls, of less to train.
IN_SECONDS = {
    '["softmax", "mlp", "cnn2"], "digits")': '["softmax", "naive"], "digits", quick=True)',
    '["softmax", "mlp"], "digits", quick=True)': '["softmax", "naive"], "digits", quick=True)',
    "opponent_to_model(compared.opponents[0])": "opponent_to_model(compared.opponents[0], with_novelty=False)",
    "inklings.compare(data=split, quick=quick)": 'inklings.compare(["softmax", "naive"], split, quick=quick)',
}


def blocks(name, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / name).read_text(), re.S)


def run_python(code, folder, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    paths = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    environment = os.environ | {"PYTHONPATH": paths}
    done = subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


PAGES = [
    "docs/guide.md",
    "docs/export.md",
    "docs/estimators.md",
    "docs/insight.md",
    "docs/start/python.md",
    "README.md",
]
LEARN = [f"docs/learn/{path.name}" for path in sorted((ROOT / "docs" / "learn").glob("*.md")) if path.stem != "index"]
LINKED = [path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md")))]
STORY = json.loads((ROOT / "docs" / "story.ipynb").read_text())["cells"]


# Before a program: figures are left blank, and the measure of novelty is a small one.
LESS_BESIDE = """
from contextlib import ExitStack
from blank_figures import blank_figures
from small_novelty import small_novelty
less_beside = ExitStack()
less_beside.enter_context(blank_figures())
less_beside.enter_context(small_novelty())
"""

# In one process, each page with names and a folder of its own: most of a page's time goes into starting one.
ALL_IN_TURN = """
import json, os, sys
for name, code in json.loads(sys.argv[1]).items():
    folder = name.replace("/", "-")
    os.mkdir(folder)
    os.chdir(folder)
    exec(compile(code, name, "exec"), {"__name__": "__main__"})
    os.chdir("..")
    print("ran", name)
"""


def test_the_python_of_every_page_runs(tmp_path):
    codes = {name: "\n".join(blocks(name, "python")) for name in (*PAGES, *LEARN)}
    assert len(LEARN) >= 6
    for name, code in codes.items():
        assert "inklings" in code, name
        for told, quick in IN_SECONDS.items():
            code = code.replace(told, quick)
        codes[name] = code
    said = run_python(LESS_BESIDE + ALL_IN_TURN, tmp_path, json.dumps(codes))
    assert re.findall(r"^ran (.+)$", said, re.M) == [*codes]


@pytest.mark.parametrize("name", LINKED)
def test_links_lead_to_files_that_are_there(name):
    page = ROOT / name
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"```.*?```", "", page.read_text(), flags=re.S))
    gone = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not gone


def test_the_guide_says_of_every_command_what_it_is_in_python():
    section = (ROOT / "docs" / "guide.md").read_text().partition("## The same in Python")[2].partition("\n## ")[0]
    rows = [row.split(" | ") for row in re.findall(r"^\| (`.*) \|$", section, re.M)]
    commands = {word.split()[0] for left, _ in rows for word in re.findall(r"`([^`]+)`", left)}
    assert {*COMMANDS} - commands == {"lab", "help"}
    # What stands there is found without importing any part; `model` and `fitted` are of these kinds.
    kinds = {"model": inklings.Model, "fitted": inklings.FitResult, "dataset": inklings.Dataset}
    for name in {name for _, right in rows for name in re.findall(r"`([a-z_.A-Z]+)", right)}:
        first, *rest = name.split(".")
        value = kinds.get(first) or getattr(inklings, first)
        for each in rest:
            value = getattr(value, each)
        assert value is not None, name


def test_every_cell_of_the_story_has_what_it_printed_or_drew():
    code = [cell for cell in STORY if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        drawn = [output for output in cell["outputs"] if "image/png" in output.get("data", {})]
        assert cell["outputs"]
        assert not [output for output in cell["outputs"] if output["output_type"] == "error"]
        # What a picture shows, for those who hear the page.
        assert len(drawn) == ("picture" in cell["metadata"])
    assert (ROOT / "docs" / "story.ipynb").stat().st_size < 300_000


@pytest.mark.slow
def test_the_story_runs(tmp_path):
    code = "\n".join("".join(cell["source"]) for cell in STORY if cell["cell_type"] == "code")
    for whole, short in {
        "epochs = 500": "epochs = 3",
        '["cnn1", "cnn2"], split': '["cnn1", "cnn2"], split, quick=True',
    }.items():
        assert whole in code
        code = code.replace(whole, short)
    said = run_python("import matplotlib\nmatplotlib.use('agg')\n" + code, tmp_path)
    assert "2750 images to learn from" in said
    assert "cnn2" in said


def test_a_saved_model_is_read_by_twenty_lines_without_inklings(tmp_path):
    making, reading = blocks("docs/models.md", "python")
    assert "inklings" not in re.findall(r"^(?:import|from) (\w+)", reading, re.M)
    assert len([line for line in reading.splitlines() if line]) <= 20
    said = run_python(making, tmp_path)
    images = inklings.open_dataset("digits").split().test.images[:5]
    np.save(tmp_path / "images.npy", images)
    names = run_python(reading, tmp_path, "plain.inkling", "images.npy")
    assert re.findall(r"\d", names) == re.findall(r"\d", said)


def test_the_network_in_the_guide_trains(tmp_path):
    (tmp_path / "mine.toml").write_text(blocks("docs/guide.md", "toml")[0])
    command = [sys.executable, "-m", "inklings", "train", "mine.toml", "--epochs", "1", "--quiet"]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=120)
    assert "network      mine" in done.stdout


def test_the_example_is_short_and_its_lines_run(tmp_path):
    code = (ROOT / "examples" / "digits.py").read_text()
    assert len(code.splitlines()) < 60
    shortened = "inklings.compare(data=split, quick=quick)"
    assert shortened in code
    said = run_python(LESS_BESIDE + code.replace(shortened, IN_SECONDS[shortened]), tmp_path, "--quick")
    assert "naive" in said
    assert (tmp_path / "digits-report" / "report.html").exists()


@pytest.mark.slow
def test_the_example_tells_the_whole_story(tmp_path):
    command = [sys.executable, str(ROOT / "examples" / "digits.py"), "--quick"]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=240)
    assert "cnn2" in done.stdout
    assert (tmp_path / "digits-report" / "report.html").exists()


SCRIPTS = {
    "own_arrays": (["mine.inkling"], r"[89]\d\.\d% of 2,500 new images are right"),
    "comparison_as_frame": (["accuracies.png"], r"softmax"),
    "grid_search": (["searched.inkling"], r"9\d\.\d% of the test images"),
    "watch_training": (["best.inkling", "history.csv"], r"stopped by LargeWeights after"),
    "use_elsewhere": (["digits.inkling", "digits.onnx", "in_torch.npz"], r"same probabilities: True"),
}


QUICK, SLOW = ("own_arrays", "watch_training"), ("comparison_as_frame", "grid_search", "use_elsewhere")


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_an_example_does_what_it_says(name, tmp_path):
    files, said = SCRIPTS[name]
    code = (ROOT / "examples" / f"{name}.py").read_text()
    assert len(code.splitlines()) < 60
    assert re.search(said, run_python(LESS_BESIDE + code, tmp_path))
    assert [file for file in files if not (tmp_path / file).exists()] == []


def test_every_example_is_run():
    found = {path.stem for path in (ROOT / "examples").glob("*.py")}
    assert found == {"digits", *SCRIPTS}
