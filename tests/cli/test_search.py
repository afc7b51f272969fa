import json
import re
import sys

import pytest

from inklings.cli.options import command_to_continue, typed_command

SPACE = 'network = "mlp"\nhidden_units = [5, 8]\nlearning_rate = [0.01, 0.1]\nepochs = 2\n'


def test_a_search_prints_the_best_and_what_choosing_has_added(answer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.toml").write_text(SPACE)
    code, out, err = answer("search", "space.toml", "--workers", "1", "--out", "mine", "--choose", "1")
    assert code == 0, err
    assert "tried 4 configurations in 4 trials: 4 finished" in out
    assert re.search(r"configuration +settings +runs +validation loss +validation +test\n", out)
    assert re.search(r"the best of 4 by validation loss has a test accuracy of \d+\.\d%", out)
    assert "best: validation loss" in err
    code, _, err = answer("search", "space.toml", "--workers", "1", "--out", "mine")
    assert code == 7
    assert err.startswith("inklings: mine: has a study already; continue it (--continue")
    assert err.count("\n") == 1
    code, out, _ = answer(
        "search", "space.toml", "--workers", "1", "--out", "mine", "--choose", "1", "--continue", "--json", "--quiet"
    )
    found = json.loads(out)
    assert code == 0
    assert [trial["state"] for trial in found["trials"]] == ["finished"] * 4
    assert found["chosen"]["tried"] == 4


def test_fewer_trials_than_repeats_are_said(answer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.toml").write_text(f"{SPACE}repeats = 3\n")
    code, out, err = answer("search", "space.toml", "--workers", "1", "--trials", "2", "--choose", "0")
    assert code == 0, err
    assert "tried 1 configuration in 3 trials: 3 finished" in out
    assert "note: 3 trials, since each configuration is trained 3 times" in err


def test_what_is_wrong_is_said_in_a_line(answer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = answer("search", "mlpp")
    assert (code, err.count("\n")) == (4, 1)
    assert "did you mean 'mlp'" in err
    (tmp_path / "space.toml").write_text(SPACE.replace("epochs", "epoch"))
    code, _, err = answer("search", "space.toml")
    assert (code, err.count("\n")) == (5, 1)
    assert "space.toml: the space has the unknown setting 'epoch'; did you mean 'epochs'" in err
    code, _, err = answer("compare", "softmax", "--cluster", "tcp://127.0.0.1:1")
    assert code == 2
    assert "--cluster trains repeats, and there are none" in err


def test_fewer_trials_than_asked_for_are_said(answer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.toml").write_text('network = "mlp"\nhidden_units = [5, 8]\nepochs = 1\n')
    for sampler in ("grid", "random", "tpe"):
        words = ("--workers", "1", "--trials", "5", "--sampler", sampler, "--choose", "0", "--out", sampler)
        code, out, err = answer("search", "space.toml", *words)
        assert code == 0, err
        assert "tried 2 configurations in 2 trials" in out
        assert "note: 2 of 5 trials, since the space has no more configurations" in err


def test_a_search_without_any_result_ends_as_a_training_that_diverged(answer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.toml").write_text('network = "mlp"\nlearning_rate = [1e30, 1e29]\nepochs = 1\nrepeats = 2\n')
    code, out, err = answer("search", "space.toml", "--workers", "1")
    assert code == 6
    assert "4 failed" in out
    # Of each configuration one, whose repeats mostly fail for the same reason.
    assert err.count("note: trial") == 2
    assert "note: 2 more trials failed" in err
    assert err.splitlines()[-1].startswith("inklings: no configuration has a result in all its trials; study")


def test_a_study_of_another_space_says_what_is_another(answer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.toml").write_text('network = "mlp"\nhidden_units = [5]\nepochs = 1\n')
    assert answer("search", "space.toml", "--workers", "1", "--choose", "0")[0] == 0
    (tmp_path / "space.toml").write_text('network = "mlp"\nhidden_units = [8]\nepochs = 1\nl2 = [0.1]\n')
    code, _, err = answer("search", "space.toml", "--workers", "1", "--choose", "0", "--continue")
    assert code == 7
    assert "study: has a study of a space with hidden_units [5], no l2; found [8], [0.1];" in err


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ("learning_rate = -1", 5, "space.toml: learning_rate is -1, expected"),
        ("learning_rate = [-1, 0.1]", 5, "space.toml: with the first value of each setting: learning_rate is -1"),
        # Whether layers are possible is asked once the images are there.
        ("hidden_units = 0", 4, "space.toml: Dense units is 0"),
        ("hidden_units = [5, 0]", 4, "space.toml: hidden_units = 0: Dense units is 0"),
    ],
)
def test_what_is_wrong_with_a_setting_is_said_with_the_file(answer, tmp_path, monkeypatch, settings, code, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.toml").write_text(f'network = "mlp"\n{settings}\n')
    found, _, err = answer("search", "space.toml")
    assert found == code
    assert err.startswith(f"inklings: {said}")


def test_a_measure_that_cannot_compare_is_said_as_the_option_that_it_is(answer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.toml").write_text('network = ["mlp", "naive"]\n')
    code, _, err = answer("search", "space.toml")
    assert code == 5
    assert err.startswith("inklings: --measure is 'loss', which cannot be compared between")
    assert err.endswith("try --measure accuracy\n")


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("postgresql://anna:secret@host/study", "postgresql://anna:***@host/study"),
        ("postgresql://host/study?user=anna&password=secret&sslpassword=secret", "sslpassword=***"),
        ("anna:secret@host/study", "anna:***@host/study"),
        ("tls://scheduler:8786", "tls://scheduler:8786"),
    ],
)
def test_a_password_is_kept_nowhere(monkeypatch, address, kept):
    monkeypatch.setattr(sys, "argv", ["inklings", "search", "space.toml", "--storage", address])
    assert kept in command_to_continue()
    assert "secret" not in typed_command()
