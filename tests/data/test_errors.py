"""What errors carry beside their sentence, for programs: the file, the option, what was found and what to try."""

import numpy as np
import pytest
from PIL import Image

from inklings.data import from_arrays, open_dataset
from inklings.errors import DataError


def refused(*args, **options):
    with pytest.raises(DataError) as caught:
        open_dataset(*args, **options)
    return caught.value


def test_the_file_stands_before_the_sentence_once_whichever_step_refused_it(tmp_path):
    path = tmp_path / "some.npz"
    steps = {
        "matching variables": {"y": np.arange(3)},
        "encoding labels": {"x": np.ones((3, 4, 4)), "y": np.array([0, 1, np.nan])},
        "arranging images": {"x": np.ones((2, 5)), "y": np.arange(2)},
        "scaling pixels": {"x": np.full((2, 4, 4), np.nan), "y": np.arange(2)},
    }
    for arrays in steps.values():
        np.savez(path, **arrays)
        error = refused(path)
        assert error.path == path
        assert str(error).startswith(f"{path}: ")
        assert str(error).count(str(path)) == 1


def test_several_candidates_are_carried_with_the_option_to_choose_one(tmp_path):
    np.savez(tmp_path / "two.npz", one=np.ones((3, 4, 4)), two=np.ones((3, 4, 4)), y=np.arange(3))
    error = refused(tmp_path / "two.npz")
    assert error.found == ["one", "two"]
    assert error.suggested == {"images": "one"}
    assert error.sentence(assignment="--{} {}".format).endswith("name one; try --images one")


def test_an_impossible_size_is_carried_under_the_options_own_name():
    error = refused("digits", size=(5, 0))
    assert (error.setting, error.found) == ("size", (5, 0))
    assert error.sentence(setting_name="--{}".format) == "--size is 5 x 0, expected 1 to 4096 pixels each way"


def test_a_picture_of_another_size_is_carried_with_a_size_that_suits(tmp_path):
    for name, side in (("a/1.png", 4), ("b/1.png", 6)):
        (tmp_path / name).parent.mkdir()
        Image.new("L", (side, side)).save(tmp_path / name)
    error = refused(tmp_path)
    assert error.path == tmp_path / "b" / "1.png"
    assert (error.found, error.expected, error.suggested) == ((6, 6), (4, 4), {"size": 4})
    assert len(open_dataset(tmp_path, **error.suggested)) == 2


def test_arrays_from_nowhere_have_no_path():
    with pytest.raises(DataError, match=r"^the drawer: 3 images") as caught:
        from_arrays(np.ones((3, 4, 4)), [0, 1], source="the drawer")
    assert caught.value.path is None
    assert (caught.value.found, caught.value.expected) == (3, 2)
