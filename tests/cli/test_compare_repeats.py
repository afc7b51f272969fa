"""Repeats on the command line: until each pair is answered, and what varies among them."""

import re

import pytest

from inklings.callbacks.progress import Lines
from inklings.training import EpochRecord

# Two that differ by seven points, in a moment: no training of networks that would take longer to tell.
CLEAR = ("compare", "softmax", "knn", "--quick", "--engine", "numpy", "--out", "report")


def test_repeats_are_added_until_the_pair_is_answered_and_each_look_is_told(answer, tmp_path):
    code, out, err = answer(*CLEAR, "--until-sure", "--at-most", "12")
    assert code == 0
    told = err.splitlines()
    assert re.fullmatch(
        r"until sure: 3 to 12 repeats; at worst about [\d.]+ m?s of training and 12 fits of 1 opponent", told[0]
    )
    looks = [line for line in told if line.startswith("after ")]
    assert looks[0].startswith("after 3 of at most 12 repeats, ")
    assert looks[-1] == f"after {len(looks) + 2} of at most 12 repeats, no pair is open"
    assert sum(": epoch " in line for line in told) == 2  # of the first repeat alone
    sentence = next(line for line in out.splitlines() if line.startswith("knn is "))
    assert sentence.endswith(f"on other splits and seeds too (answered after {len(looks) + 2} repeats)")
    assert sentence in (tmp_path / "report" / "report.html").read_text().replace("Knn is", "knn is")


def test_quiet_repeats_say_nothing_but_the_answer(answer):
    code, out, err = answer(*CLEAR, "--until-sure", "--quiet", "--vary", "split")
    assert code == 0
    assert "on other splits too (answered after" in out
    assert err == (
        "note: the order of the images and the initial weights stay the same: what is found holds on other splits\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--repeats 5 --until-sure", "--repeats and --until-sure are both given, expected one of them"),
        ("--repeats 1 --until-sure", "--repeats and --until-sure are both given, expected one of them"),
        ("--repeats 5 --at-most 9", "--at-most has no effect without --until-sure"),
        ("--vary split", "--vary has no effect on networks that are trained once"),
        ("--margin 1", "--margin has no effect on networks that are trained once"),
        ("--repeats 3 --vary splt,init", "--vary 'splt' is unknown; did you mean 'split'?"),
    ],
)
def test_options_that_contradict_each_other_or_change_nothing_are_refused(answer, tmp_path, options, message):
    code, out, err = answer(*CLEAR, *options.split())
    assert (code, out) == (5, "")
    assert err.startswith(f"inklings: {message}")
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "report").exists()


def test_one_network_alone_has_nothing_to_be_sure_of(answer):
    code, _, err = answer("compare", "softmax", "--quick", "--until-sure")
    assert (code, len(err.splitlines())) == (5, 1)
    assert "--until-sure has nothing to compare softmax with" in err


def test_a_training_in_passing_prints_a_line_only_where_it_takes_long(capsys, monkeypatch):
    lines = Lines("softmax", passing=True)
    lines.on_start(None, None, 3)
    record = EpochRecord(1, 10, 0.5, 0.9, 0.8, 0.6, 0.9, 0.55, 0.01)
    lines.on_epoch_end(record)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("inklings.callbacks.progress._SECONDS_BETWEEN_LINES", 0.0)
    lines.on_epoch_end(record)
    assert capsys.readouterr().err.startswith("softmax: epoch 1/3")
