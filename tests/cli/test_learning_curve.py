import json
import shutil

import numpy as np

from inklings import open_dataset


def test_the_command_takes_several_and_says_where_they_cross(answer, tmp_path):
    digits = open_dataset("digits").take(np.arange(0, 5000, 10))
    np.savez(tmp_path / "few.npz", images=digits.images[..., 0], labels=digits.labels)
    typed = ("learning-curve", "softmax", "hog-svm", "--data", "few.npz", "--steps", "20", "-q", "--out", "curves")
    code, out, err = answer(*typed)
    assert code == 0, err
    assert "hog-svm is ahead of softmax throughout: no crossing within what was measured" in out
    assert (tmp_path / "curves" / "learning-curves.svg").exists()


def test_one_network_alone_is_diagnosed_as_before(answer):
    code, out, _ = answer("learning-curve", "softmax", "--steps", "5", "-q")
    assert code == 0
    assert "validation" in out
    assert ": inklings " in out or "inklings train" in out


def test_written_to_a_folder_it_has_the_same_verdict(answer):
    typed = ("learning-curve", "softmax", "--steps", "5", "-q")
    _, out, _ = answer(*typed)
    _, written, _ = answer(*typed, "--out", "curves")
    verdict = [line for line in out.splitlines() if "inklings train" in line or "more images" in line]
    assert verdict
    assert set(verdict) <= set(written.splitlines())


def test_settings_of_networks_are_refused_where_there_is_none(answer):
    code, _, err = answer("learning-curve", "hog-svm", "knn", "--epochs", "3", "-q")
    assert code == 2
    assert "--epochs has no effect on hog-svm and knn: it is for networks" in err


def test_a_curve_that_was_killed_goes_on_and_trains_nothing_twice(answer, tmp_path):
    digits = open_dataset("digits").take(np.arange(0, 5000, 25))
    np.savez(tmp_path / "few.npz", images=digits.images[..., 0], labels=digits.labels)
    typed = ("learning-curve", "softmax", "knn", "--data", "few.npz", "--steps", "20", "-q", "--out", "curves")
    assert answer(*typed)[0] == 0
    runs, table = tmp_path / "curves" / "runs", tmp_path / "curves" / "learning-curves.csv"
    whole = table.read_bytes()
    table.unlink()
    stored = sorted(path for path in runs.iterdir() if path.is_dir())
    assert len(stored) == 5
    shutil.rmtree(stored[1])  # what a kill leaves: one never was, and one is half done
    facts = json.loads((stored[3] / "run.json").read_text())
    (stored[3] / "run.json").write_text(json.dumps({**facts, "stop_reason": "running", "results": {}}))
    opponents = sorted(runs.glob("*.inkling"))
    opponents[0].unlink()
    kept = [*opponents[1:], *(one / "run.json" for one in (stored[0], stored[2], stored[4]))]
    before = [path.stat().st_mtime_ns for path in kept]
    code, _, err = answer(*typed, "--continue")
    assert (code, err) == (0, "")
    assert len([path for path in runs.iterdir() if path.is_dir()]) == 5 - 1 + 2
    assert [path.stat().st_mtime_ns for path in kept] == before
    assert table.read_bytes() == whole


def test_continuing_without_a_folder_is_refused(answer):
    code, _, err = answer("learning-curve", "softmax", "--continue")
    assert code == 2
    assert "--continue takes up what is in the folder of --out; name it" in err
