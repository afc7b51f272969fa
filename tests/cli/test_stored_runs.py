"""Reports and comparisons of runs that were stored."""

import pytest

QUICK = ("softmax", "naive", "--quick", "--quiet", "--engine", "numpy", "--out", "out")


@pytest.fixture
def ids(inklings, tmp_path):
    for seed in (0, 1):
        done = inklings(
            "compare", "softmax", "naive", "--quick", "--quiet", "--engine", "numpy", "--out", "out", "--seed", seed
        )
        assert done[0] == 0
    folders = sorted((tmp_path / "out" / "runs").iterdir(), key=lambda path: path.stat().st_mtime)
    assert len(folders) == 4
    return [folder.name for folder in folders]


def test_stored_runs_are_reported_and_compared_and_others_refused(inklings, tmp_path, ids):
    runs = ("--runs", "out/runs")
    code, out, _ = inklings("report", *runs, ids[0], ids[1], "--out", "again")
    assert (code, out) == (0, "report: again/report.html\n")
    assert (tmp_path / "again" / "results.json").exists()
    code, out, _ = inklings("runs", *runs, "compare", ids[0], ids[1])
    assert code == 0
    assert "images that only one of them reads" in out
    code, out, err = inklings("runs", *runs, "compare", ids[0], ids[2])
    assert (code, out) == (7, "")
    assert "have different split: seed 0" in err
    code, out, _ = inklings("runs", *runs, "compare", ids[0], ids[2], "--anyway")
    assert code == 0
    assert ids[0] in out


def test_repeats_are_told_in_sentences(inklings):
    code, out, _ = inklings(
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
    assert "cannot tell" in out or "not chance" in out
