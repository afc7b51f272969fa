"""What is refused of the settings that were typed."""

import pytest

from inklings.machine import Memory

OWN = """
[[layers]]
layer = "Flatten"
[[layers]]
layer = "Dense"
units = "classes"
activation = "softmax"
[recipe]
"""


@pytest.mark.parametrize(
    ("free", "arguments", "words"),
    [
        (300_000_000, "cnn2 --batch-size 2750", "found 0.3 GB free; --batch-size 687 fits, with 0.2 GB"),
        (8_000_000_000, "mlp --optimiser bfgs --epochs 5000", "found 8.0 GB free; --optimiser lbfgs fits, with "),
    ],
)
def test_what_fits_into_memory_is_named_as_it_is_typed(answer, monkeypatch, free, arguments, words):
    monkeypatch.setattr("inklings.training.footprint.memory", lambda: Memory(None, None, free))
    code, _, err = answer("train", *arguments.split())
    assert code == 5
    assert words in err


def test_what_a_file_has_is_named_as_it_is_there(answer, tmp_path):
    for line, words in (
        ("batchsize = 3", "did you mean 'batch_size'?"),
        ("batch_size = 0", "batch_size is 0, expected"),
    ):
        (tmp_path / "own.toml").write_text(f"{OWN}{line}")
        code, _, err = answer("train", "own.toml")
        assert code == 5
        assert words in err
