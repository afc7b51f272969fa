import errno
import os
from pathlib import Path

import pytest

from inklings.errors import RunError
from inklings.search.record import RecordFile, read_study, read_trials
from inklings.search.trial import State, Trial


def trial(number, **changes):
    return Trial(number, number, 0, {"hidden_units": (400, 200), "l2": 0.1}, 0, State.FINISHED, **changes)


def write(folder, *trials):
    record = RecordFile(folder)
    record.append(list(trials))
    record.close()


def test_what_is_written_is_read(tmp_path):
    whole = trial(1, validation_loss=(2.3, 0.5), validation_accuracy=(0.1, 0.9), epoch=1, reason='a "reason"', run="r")
    write(tmp_path, trial(0), whole)
    assert read_trials(tmp_path) == {0: trial(0), 1: whole}


def test_a_loss_that_is_no_number_is_null_in_the_file_and_costs_most(tmp_path):
    write(tmp_path, trial(0, validation_loss=(float("nan"),), validation_accuracy=(0.1,)))
    assert '"validation_loss": [null]' in (tmp_path / "trials.jsonl").read_text()
    assert read_trials(tmp_path)[0].cost("loss") == float("inf")


def test_the_last_line_of_a_number_counts(tmp_path):
    write(tmp_path, trial(0, rung=0), trial(1), trial(0, rung=2))
    assert read_trials(tmp_path)[0].rung == 2


def test_a_record_that_is_cut_off_anywhere_loses_the_last_trial_alone_and_goes_on(tmp_path):
    write(tmp_path, trial(0), trial(1))
    path = tmp_path / "trials.jsonl"
    content = path.read_bytes()
    first = content.index(b"\n") + 1
    for end in (first, first + 1, (first + len(content)) // 2, len(content) - 1):
        path.write_bytes(content[:end])
        assert read_trials(tmp_path) == {0: trial(0)}
        write(tmp_path, trial(2))
        assert read_trials(tmp_path) == {0: trial(0), 2: trial(2)}


def test_keys_of_a_later_version_are_kept(tmp_path):
    later = Trial.from_plain({**trial(0).to_plain(), "energy": 3})
    write(tmp_path, later)
    assert read_trials(tmp_path)[0].to_plain()["energy"] == 3


def test_a_line_that_is_no_trial_is_named(tmp_path):
    (tmp_path / "trials.jsonl").write_text('{"number": 0}\n')
    with pytest.raises(RunError, match=r"trials\.jsonl: line 1 is not a trial"):
        read_trials(tmp_path)


def test_a_full_disk_is_said(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    record = RecordFile(tmp_path)
    descriptor = os.open("/dev/full", os.O_WRONLY)
    os.dup2(descriptor, record._descriptor)
    with pytest.raises(RunError, match=os.strerror(errno.ENOSPC)):
        record.append([trial(0)])
    os.close(descriptor)


def test_a_folder_without_a_study_is_said(tmp_path):
    with pytest.raises(RunError, match="expected a study; inklings search makes one"):
        read_study(tmp_path)
