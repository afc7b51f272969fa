import numpy as np
import pytest

from inklings import DataError, Dataset
from inklings.data.mending import Mending, kept_rows, mark_of, mend
from inklings.experiments.unseen import choose_unseen

DIVISION = {"test": 0.25, "validation": 0.2, "seed": 3}
REMOVED = (0, 5, 17)


@pytest.fixture(scope="module")
def data():
    """Sixty images, each of which can be told from all others by its first pixel."""
    images = np.zeros((60, 4, 4, 1), np.float32)
    images[:, 0, 0, 0] = np.linspace(0, 1, 60)
    return Dataset(images, np.arange(60) % 3, ("a", "b", "c"), "sixty")


def manifest(trained, mending=None, **division):
    """What a run that was trained on these images stores of them."""
    split = trained.split(**(division or DIVISION))
    options = {} if mending is None else {"without": mending.to_plain()}
    return {
        "data": {"fingerprint": trained.fingerprint, "source": trained.source, "options": options},
        "split": {"fingerprint": split.fingerprint, "options": division or DIVISION},
    }


def rows_of(images, data):
    """The rows of the whole that some images are, by their first pixel."""
    return np.searchsorted(data.images[:, 0, 0, 0], images.images[:, 0, 0, 0]).tolist()


def table(data, **changes):
    return Mending(**changes, data=mark_of(data), source="table.csv")


def test_of_the_data_that_it_was_trained_on_only_the_test_images_are_unseen(data):
    images, notes = choose_unseen(manifest(data), data)
    assert rows_of(images, data) == data.split(**DIVISION).test_rows.tolist()
    assert notes[-1].startswith("the model was trained on this data set; only the 15 test images of its split are used")


def test_a_training_on_wrong_labels_is_known_to_be_of_the_same_images(data):
    division = {**DIVISION, "label_noise": 0.2}
    training, noisy = manifest(data, **division), data.split(**division).dataset
    training["data"] |= {"fingerprint": noisy.fingerprint, "images": len(data)}
    assert noisy.fingerprint != data.fingerprint
    images, _ = choose_unseen(training, data)
    assert rows_of(images, data) == data.split(**DIVISION).test_rows.tolist()


def test_of_a_model_that_says_nothing_of_its_training_it_is_said_that_it_may_have_learnt_from_these(data):
    images, (note,) = choose_unseen({}, data)
    assert images is data
    assert "does not say which images it learnt from: these may be among them" in note


def test_all_images_are_used_where_they_are_asked_for(data):
    assert choose_unseen(manifest(data), data, everything=True) == (data, [])


def test_data_are_mended_as_for_training_and_the_split_is_of_what_was_left(data):
    mending = table(data, removed=REMOVED, relabelled={8: "a"})
    trained = mend(data, mending)
    images, notes = choose_unseen(manifest(trained, mending), data)
    expected = kept_rows(data, mending)[trained.split(**DIVISION).test_rows]
    assert rows_of(images, data) == expected.tolist()
    assert notes[0] == "3 images are left out and 1 has a new label, as table.csv says, as in training"


def test_another_table_is_followed_and_no_training_image_comes_back_by_it(data):
    trained_with = table(data, removed=REMOVED)
    trained = mend(data, trained_with)
    tested = kept_rows(data, trained_with)[trained.split(**DIVISION).test_rows]
    other = table(data, removed=(int(tested[0]),), relabelled={int(tested[1]): "c"})
    images, notes = choose_unseen(manifest(trained, trained_with), data, other)
    assert rows_of(images, data) == tested[1:].tolist()
    assert images.class_names[images.labels[0]] == "c"
    assert "test images of its split that are kept are used" in notes[-1]


@pytest.mark.parametrize("read", ["as in training", "otherwise"])
def test_a_table_that_changes_nothing_is_followed_in_place_of_trainings(data, read):
    """Where the images are read otherwise, which are which is unknown; training's table must not come back then."""
    trained_with = table(data, removed=REMOVED)
    facts = manifest(mend(data, trained_with), trained_with)
    if read == "otherwise":
        facts["data"]["fingerprint"] = "0" * 64
    images, notes = choose_unseen(facts, data, Mending(source="empty.csv"))
    assert notes[0] == "no image is left out, and no label changed, as empty.csv says"
    assert not any("as in training" in note for note in notes)
    assert len(images) == (60 if read == "otherwise" else len(mend(data, trained_with).split(**DIVISION).test_rows))


def test_data_that_were_mended_before_they_were_opened_are_known_again(data):
    mending = table(data, removed=REMOVED)
    trained = mend(data, mending)
    images, _ = choose_unseen(manifest(trained, mending), trained)
    assert rows_of(images, data) == kept_rows(data, mending)[trained.split(**DIVISION).test_rows].tolist()


def test_the_same_data_set_that_changed_is_used_whole_with_a_warning(data):
    facts = manifest(data)
    changed = data.take(np.arange(1, 60))
    images, (note,) = choose_unseen(facts, changed)
    assert len(images) == 59
    assert (
        "read otherwise, before it changed, or with other images: some that it learnt from may be among these" in note
    )
    assert choose_unseen({**facts, "data": {**facts["data"], "source": "another"}}, changed) == (changed, [])


@pytest.mark.parametrize(
    ("division", "said"),
    [
        ({"fingerprint": "0" * 64, "options": DIVISION}, "it is not known which"),
        ({"fingerprint": "0" * 64}, "it is not known which"),
    ],
)
def test_a_split_that_cannot_be_made_again_is_said(data, division, said):
    images, (note,) = choose_unseen({**manifest(data), "split": division}, data)
    assert images is data
    assert said in note


def test_a_split_without_test_images_is_said(data):
    images, (note,) = choose_unseen(manifest(data, test=None, validation=0.2, seed=0), data)
    assert images is data
    assert "without test images: it has seen these" in note


def test_a_table_is_refused_that_leaves_no_test_image_or_is_of_other_data(data):
    tested = data.split(**DIVISION).test_rows.tolist()
    with pytest.raises(DataError, match="leaves none of the 15 test images"):
        choose_unseen(manifest(data), data, table(data, removed=tuple(tested)))
    with pytest.raises(DataError, match="is of other data"):
        choose_unseen(manifest(data), data.take(np.arange(30)), table(data, removed=(1,)))
