"""Reports and comparisons of runs that were stored."""

import numpy as np
import pytest

import inklings


@pytest.fixture
def ids(answer, tmp_path):
    """Runs of two networks on one split, then of the same two on another."""
    for seed in (0, 1):
        for network in (("softmax", "--steps", "60"), ("naive", "--epochs", "2")):
            code, _, _ = answer("train", *network, "--seed", seed, "--runs", "out/runs", "--engine", "numpy", "--quiet")
            assert code == 0
    folders = sorted((tmp_path / "out" / "runs").iterdir(), key=lambda path: path.stat().st_mtime)
    assert len(folders) == 4
    return [folder.name for folder in folders]


def test_stored_runs_are_reported_and_compared_and_others_refused(answer, tmp_path, ids):
    runs = ("--runs", "out/runs")
    code, out, _ = answer("report", *runs, ids[0], ids[1], "--out", "again")
    assert (code, out) == (0, "report: again/report.html\n")
    assert (tmp_path / "again" / "results.json").exists()
    code, out, _ = answer("runs", *runs, "compare", ids[0], ids[1])
    assert code == 0
    assert "images that only one of them classifies correctly" in out
    code, out, err = answer("runs", *runs, "compare", ids[0], ids[2])
    assert (code, out) == (7, "")
    assert "have different split: seed 0" in err
    code, out, _ = answer("runs", *runs, "compare", ids[0], ids[2], "--anyway")
    assert code == 0
    assert ids[0] in out


def test_a_run_is_saved_where_its_images_are_not(answer, tmp_path):
    digits = inklings.open_dataset("digits").take(range(0, 5000, 20))
    np.savez(tmp_path / "few.npz", images=digits.images[..., 0], labels=digits.labels)
    assert answer("train softmax --steps 60 --data few.npz --engine numpy --quiet --runs runs")[0] == 0
    (tmp_path / "few.npz").unlink()
    code, _, err = answer("runs", "save", "softmax", "m.inkling", "--runs", "runs")
    assert code == 3
    assert "the images of softmax-" in err
    assert "add --without-data" in err
    save = ("runs", "--runs", "nowhere", "save", "softmax", "m.inkling", "--runs", "runs", "--without-data")
    code, _, err = answer(*save)
    assert (code, "--pictures is not known" in err) == (7, True)
    code, out, _ = answer(*save, "--pictures", "whole")
    assert code == 0
    assert "left out" in out
    assert inklings.load("m.inkling").training["sure"] is None


def test_repeats_are_told_in_sentences(answer):
    code, out, _ = answer(
        *(
            "compare",
            "softmax",
            "naive",
            "--repeats",
            "2",
            "--quick",
            "--quiet",
            "--engine",
            "numpy",
            "--out",
            "out",
        )
    )
    assert code == 0
    assert "no significant difference" in out or "more accurate than" in out
