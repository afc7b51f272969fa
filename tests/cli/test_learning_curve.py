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
