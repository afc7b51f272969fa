"""The commands as a user types them."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from inklings import preset

OWN = """
[[layers]]
layer = "Flatten"
[[layers]]
layer = "Dense"
units = "classes"
activation = "softmax"
"""
QUICK = ("--steps", "60", "--engine", "numpy", "--quiet")


def test_a_network_is_trained_kept_listed_and_shown(answer, tmp_path):
    code, out, _ = answer("train", "softmax", *QUICK)
    assert code == 0
    assert "95 % interval" in out
    (folder,) = (tmp_path / "inklings-runs").iterdir()
    code, out, _ = answer("runs")
    assert code == 0
    assert folder.name in out
    code, _, err = answer("train", "--continue", "softmax")
    assert (code, "has no checkpoint (it finished)" in err) == (7, True)
    code, out, _ = answer("runs", "show", "softmax")
    assert code == 0
    assert "inklings train softmax --steps 60" in out


def test_every_setting_reaches_the_recipe(answer, tmp_path):
    answer(
        *(
            "train",
            "mlp",
            "--hidden-units",
            "12,8",
            "--dropout",
            "--l2",
            "0.01",
            "--epochs",
            "1",
            "--batch-size",
            "100",
        ),
        *("--optimiser", "adam", "--learning-rate", "0.002", "--schedule", "cosine", "--early-stopping", "3"),
        *("--label-smoothing", "0.1", "--shift", "1", "--class-weights", "balanced", "--seed", "4", "--quiet"),
    )
    (path,) = (tmp_path / "inklings-runs").glob("*/run.json")
    facts = json.loads(path.read_text())
    recipe = facts["recipe"]
    assert recipe["l2"] == 0.01
    assert recipe["schedule"]["kind"] == "cosine"
    assert (recipe["learning_rate"], recipe["batch_size"], recipe["seed"]) == (0.002, 100, 4)
    assert recipe["augmentation"]["shift"] == 1
    assert [layer["units"] for layer in facts["network"]["layers"] if layer["layer"] == "Dense"] == [12, 8, 10]
    assert facts["split"]["seed"] == 4


def test_a_schedule_keeps_where_the_file_lets_it_end(answer, tmp_path):
    (tmp_path / "own.toml").write_text(f"{OWN}[recipe]\nschedule = {{kind = 'cosine', final = 0.2}}")
    answer("train", "own.toml", *QUICK, "--schedule", "exponential")
    (path,) = (tmp_path / "inklings-runs").glob("*/run.json")
    assert json.loads(path.read_text())["recipe"]["schedule"] == {"kind": "exponential", "final": 0.2}


def test_progress_goes_to_standard_error_as_plain_lines(answer):
    _, out, err = answer("train", "softmax", "--steps", "110", "--engine", "numpy")
    assert "softmax: epoch 1/2" in err
    assert "epoch 1/2" not in out
    assert "\x1b" not in out + err


def test_comparing_prints_the_table_and_writes_the_report(answer, tmp_path):
    code, out, _ = answer("compare", "softmax", "naive", "--quick", "--quiet", "--out", "report")
    assert code == 0
    assert "naive (random weights)" in out
    assert "report: report/report.html" in out
    assert len(json.loads((tmp_path / "report" / "results.json").read_text())) == 3
    assert (tmp_path / "report" / "report.html").exists()


def test_data_are_described_and_shown_as_a_picture(answer, tmp_path):
    code, out, _ = answer("data", "show", "digits", "--out", "grid.png")
    assert code == 0
    assert "5,000 of 20 x 20" in out
    assert "512f5847b905213025c8c1fccdeded497650028db948662f02ec0409b6cb2395" in out
    assert (tmp_path / "grid.png").stat().st_size > 10_000


def test_of_best_it_is_said_that_mirroring_is_tried_on_pictures_of_things(answer, tmp_path):
    for file, names in (("digits.npz", ["3", "5"]), ("things.npz", ["shoe", "boat"])):
        images = np.random.default_rng(0).random((40, 12, 12))
        np.savez(tmp_path / file, images=images, labels=np.repeat(names, 20))
    for typed, told in [
        (("best",), "`train` tries it on pictures of things"),
        (("best", "--data", "things.npz"), "`train` tries it on these images"),
        (("best", "--data", "digits.npz"), None),
        (("mlp",), None),
    ]:
        code, out, err = answer("networks", "show", *typed)
        assert code == 0, err
        assert ("mirroring" in out) == (told is not None)
        assert told is None or told in " ".join(out.split())


def test_networks_are_listed_and_their_layers_shown(answer, tmp_path):
    assert "cnn2" in answer("networks")[1]
    _, out, _ = answer("networks", "show", "cnn2")
    assert "1,701,770" in out
    (tmp_path / "own.toml").write_text(OWN)
    _, out, _ = answer("networks", "show", "own.toml", "--data", "digits28")
    assert "28 x 28 x 1" in out
    assert "7,850" in out
    _, out, _ = answer("networks", "show", "softmax", "--input", "32x24x3", "--classes", "2")
    assert "32 x 24 x 3" in out
    assert "4,610" in out
    assert "sgd, 1000 steps" in out
    rows = "\n".join(f"{row % 2},{','.join(map(str, range(row, row + 40)))}" for row in range(20))
    (tmp_path / "flat.csv").write_text(f"label,{','.join(f'p{k}' for k in range(40))}\n{rows}\n")
    assert "4 x 10 x 1" in answer("networks show softmax --data flat.csv --shape 4x10")[1]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["trian"], 2, "did you mean 'train'"),
        (["train", "--hidden-units", "9"], 4, "best has no --hidden-units; mlp has it"),
        (["train", "mpl"], 4, "did you mean 'mlp'"),
        (["train", "softmax", "--data", "digist"], 3, "digits"),
        (["train", "softmax", "--dropout"], 4, "has no --dropout"),
        (["train", "mlp", "--hidden-units", "many"], 5, "--hidden-units is 'many'"),
        (["train", "mlp", "--learning-rate", "fast"], 2, "--learning-rate"),
        (["train", "mlp", "--learning-rate", "-1"], 5, "inklings: --learning-rate is -1.0, expected a number above 0"),
        (["train", "mlp", "--epochs", "0"], 5, "inklings: --epochs is 0, expected a whole number of at least 1"),
        (["train", "mlp", "--l2", "-1"], 5, "inklings: --l2 is -1.0"),
        (["train", "mlp", "--shift", "-1"], 5, "inklings: --shift is -1.0"),
        (["train", "mlp", "--dropout", "--optimiser", "bfgs"], 5, "found a network with Dropout"),
        (["train", "mlp", "--class-weights", "1,x"], 5, "--class-weights is '1,x'"),
        (["train", "mlp", "--class-weights", "1,2"], 5, "2 class weights for 10 classes"),
        (["train", "--continue", "gone"], 7, "no run 'gone'"),
        (["train", "--continue", "gone", "--epochs", "9"], 2, "takes everything from the run; leave --epochs out"),
        (["train", "mlp", "--continue", "gone"], 2, "leave NETWORK out"),
        (["train", "missing.toml"], 4, "no such file"),
        (["compare", "softmax", "mpl"], 4, "did you mean 'mlp'"),
        (["compare", "softmax", "--seed", "-1"], 2, "--seed"),
        (["compare", "softmax", "--repeats", "0"], 2, "--repeats"),
        (["runs", "show", "gone"], 7, "no run 'gone'"),
        (["data", "show", "digits", "--size", "big"], 3, "--size is 'big'"),
        (["data", "show", "gone.mat"], 3, "no file is called 'gone.mat'"),
        (["networks", "show", "mlp", "--input", "28"], 2, "'28' is not height x width"),
        (["networks", "show", "cnn3"], 4, "did you mean"),
        (
            ["networks", "show", "mlp", "--data", "digits", "--classes", "5"],
            2,
            "--classes has no effect: the data",
        ),
        (["networks", "show", "mlp", "--size", "9"], 2, "--size has no effect: no data are read; leave it out, or add"),
        (["predict", "x.png", "--probabilities"], 2, "--probabilities is for a CSV file; add --out FILE.csv"),
        (["predict", "x.png", "--columns", "a,b", "--out", "a.json"], 2, "--columns is for a CSV file"),
        (["train", "mlp", "--pictures", "whole"], 2, "--pictures is of the saved model, and none is saved"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_answered_in_one_line_with_its_exit_code_and_leaves_no_run(
    answer, tmp_path, arguments, exit_code, words
):
    code, out, err = answer(*arguments)
    assert not (tmp_path / "inklings-runs").exists()
    assert (code, out) == (exit_code, "")
    assert words in err
    assert len(err.strip().splitlines()) == 1
    assert err.startswith("inklings: ")


def test_debug_shows_where_an_error_came_from(answer):
    code, _, err = answer("--debug", "train", "mpl")
    assert code == 4
    assert "Traceback" in err


def test_runs_that_are_damaged_are_listed_apart_and_refused_by_name(answer, tmp_path):
    for name, facts in (("cut-off", '{"name": '), ("a-list", "[]"), ("bare", '{"name": "mlp"}')):
        (tmp_path / "inklings-runs" / name).mkdir(parents=True)
        (tmp_path / "inklings-runs" / name / "run.json").write_text(facts)
    code, _, err = answer("runs")
    assert code == 0
    assert [line.split()[1] for line in err.splitlines()] == ["a-list", "bare", "cut-off"]
    for name in ("cut-off", "a-list", "bare"):
        code, out, err = answer("runs", "show", name)
        assert (code, out) == (7, "")
        assert f"{name}/run.json" in err


def test_a_training_that_diverges_keeps_what_was_learnt_and_says_what_to_try(answer, tmp_path):
    code, out, err = answer("train", "mlp", "--optimiser", "sgd", "--learning-rate", "1e30", "--quiet")
    assert code == 6
    assert "epoch 1" in err
    assert "try --learning-rate 0.1" in err
    assert "run " in out


def test_without_the_extra_jax_a_training_that_fails_says_why(answer, monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    code, _, err = answer("train", "mlp", "--optimiser", "sgd", "--learning-rate", "1e30", "--quiet")
    assert (code, "fault in Inklings" in err) == (6, False)


def test_a_training_that_is_interrupted_goes_on_to_the_same_end(answer, tmp_path):
    arguments = ["train", "softmax", "--epochs", "40", "--engine", "numpy"]
    process = subprocess.Popen(
        [sys.executable, "-m", "inklings", *arguments],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    histories = tmp_path / "inklings-runs"
    deadline = time.monotonic() + 60
    while not any(path.read_text().count("\n") > 3 for path in histories.glob("*/history.jsonl")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--continue softmax-" in err
    code, out, _ = answer("train", "--continue", "softmax", "--quiet")
    assert code == 0
    code, whole, _ = answer(*arguments, "--runs", "other", "--quiet")
    assert code == 0
    assert [line for line in out.splitlines() if line.startswith(("test", "training"))] == [
        line for line in whole.splitlines() if line.startswith(("test", "training"))
    ]


def test_output_that_nobody_reads_to_the_end_is_no_error(tmp_path):
    command = f"{sys.executable} -m inklings networks | head -c 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.stderr == ""


def test_without_a_network_the_best_one_is_trained(answer, tmp_path):
    code, out, _ = answer("train", "--filters", "8", "--steps", "3", "--data", "digits", "--size", "6")
    assert code == 0
    assert out.splitlines()[0].split(maxsplit=1)[1].startswith("best (8 filters), ")
    code, out, _ = answer("train", "--dry-run")
    assert code == 0
    assert out.splitlines()[0].split(maxsplit=1)[1].startswith("best, ")
    assert f"in {preset('best', (20, 20, 1), 10).recipe.epochs} epochs" in out
