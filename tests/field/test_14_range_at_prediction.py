"""What libraries hand out as pixels, given to a trained model: it comes out right, or a line says what is wrong."""

import warnings

import numpy as np
import pytest

from inklings import Model, fit, from_arrays, load, open_dataset, preset
from inklings.data.resizing import resize
from inklings.errors import DataError, DataWarning


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits28")


@pytest.fixture(scope="module")
def bytes_of(digits):
    return np.round(digits.images[..., 0] * 255).astype(np.uint8)


def train(dataset):
    split = dataset.split()
    plan = preset("softmax", dataset.image_shape, dataset.class_count).with_recipe(epochs=4)
    return Model.from_fit(fit(plan.network, plan.recipe, split), split), split


def ask(model, images, **how):
    """The predicted classes, and what was warned of."""
    with warnings.catch_warnings(record=True) as issued:
        warnings.simplefilter("always")
        predicted = model.predict(images, **how)
    assert all(each.category is DataWarning for each in issued)
    return predicted, " ".join(str(each.message) for each in issued)


KINDS = {
    "bytes": lambda ink: ink,
    "0 to 1": lambda ink: ink / 255,
    "0 to 1 in float32": lambda ink: (ink / 255).astype(np.float32),
    "floats to 255": lambda ink: ink.astype(float),
    "-1 to 1": lambda ink: ink / 127.5 - 1,
    "signed bytes": lambda ink: (ink.astype(int) - 128).astype(np.int8),
    "16 bits": lambda ink: ink.astype(np.uint16) * 257,
    "0 to 100": lambda ink: ink / 2.55,
    "12 bits": lambda ink: ink.astype(np.uint16) * 16 + ink // 16,
    "wrong sign": lambda ink: ink.view(np.int8),
    "-0.5 to 0.5": lambda ink: ink / 255 - 0.5,
    "standardised": lambda ink: (ink / 255 - 0.1307) / 0.3081,
    "bytes less their mean": lambda ink: ink.astype(np.float32) - 33.3,
    "less its mean, 0 to 1": lambda ink: ink / 255 - 0.1307,
}


@pytest.fixture(scope="module", params=KINDS)
def trained(request, bytes_of, digits):
    return request.param, *train(from_arrays(KINDS[request.param](bytes_of), digits.labels))


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_the_range_in_training_and_now_it_is_read_right_or_said(trained, kind, bytes_of):
    name, model, split = trained
    right = model.predict(split.test)
    for rows in (split.test_rows, split.test_rows[:9], split.test_rows[:1]):
        predicted, said = ask(model, KINDS[kind](bytes_of[rows]))
        expected = right[: len(rows)]
        # A single image may be faint: that it is on another scale is not to be seen where paper is 0 in both.
        unseen = kind == "0 to 100" and name in ("bytes", "floats to 255", "wrong sign")
        if not np.mean(predicted == expected) > 0.99 and (len(rows) > 9 or not unseen):
            assert "values are" in said
        if kind == name:
            assert (predicted.tolist(), said) == (expected.tolist(), "")
        if kind.startswith("0 to 1 ") and name == "bytes":
            assert np.mean(predicted == expected) > 0.99
            assert "values are 0 to 1, where the training images held 0 to 255; they were taken as 0 to 1" in said


def test_dim_and_grey_images_of_bytes_with_the_wrong_sign_are_nothing_new(bytes_of, digits):
    model, split = train(from_arrays(KINDS["wrong sign"](bytes_of), digits.labels))
    some = bytes_of[split.test_rows[:40]]
    dim = some * 0.4
    one_is_bright = np.concatenate([dim[:39], some[39:]])
    for images in (dim[:9], one_is_bright, some, 255 - some[:5], np.maximum(some, 90)):
        shown = images.astype(np.uint8).view(np.int8)
        assert "values are" not in ask(model, shown)[1]
    assert "values are 0 to 102, where the training images held -128 to 127" in ask(model, dim.astype(np.int8))[1]


def test_faint_and_inverted_images_from_which_a_mean_was_subtracted_are_nothing_new(bytes_of, digits):
    model, split = train(from_arrays(bytes_of - np.float32(33.3), digits.labels))
    for images in (bytes_of * 0.3, bytes_of // 2, np.roll(bytes_of, 6, 1), 255 - bytes_of):
        for row in split.test_rows[:20]:
            assert "values are" not in ask(model, images[row : row + 1] - np.float32(33.3))[1]


@pytest.mark.parametrize(("subtracted", "full"), [(33, 255), (0.1307, 1)])
@pytest.mark.parametrize("count", [1, 40])
def test_a_mean_that_was_subtracted_in_training_or_now_is_said_and_undone(bytes_of, digits, subtracted, full, count):
    plain = (bytes_of * (full / 255)).astype(np.float32)
    for before, now, ends in ((subtracted, 0, "-"), (0, subtracted, "0 to ")):
        model, split = train(from_arrays(plain - before, digits.labels))
        right = model.predict(split.test)[:count]
        predicted, said = ask(model, plain[split.test_rows[:count]] - now)
        assert predicted.tolist() == right.tolist()
        assert f"where the training images held {ends}" in said
        assert "prepared=True takes images as they are" in said


def test_what_a_filter_leaves_below_paper_is_no_mean_that_was_subtracted(bytes_of, digits):
    model, split = train(from_arrays(bytes_of, digits.labels))
    for side in (14, 56):
        soft = resize(resize(digits.images[split.test_rows[:60]], (side, side)), (28, 28)) * 255
        assert soft.min() < -5
        assert all(ask(model, images)[1] == "" for images in (soft, *soft[:20, np.newaxis]))


@pytest.fixture(scope="module")
def on_paper(bytes_of, digits):
    """Dark ink on light paper, in bytes."""
    return train(from_arrays(255 - bytes_of, digits.labels))


def test_dark_ink_is_inverted_again(on_paper, bytes_of, tmp_path):
    model, split = on_paper
    raw = 255 - bytes_of[split.test_rows]
    right = model.predict(split.test.images, prepared=True)
    assert np.mean(right == split.test.labels) > 0.85
    assert [each.tolist() for each in ask(model, split.test)[:1]] == [right.tolist()]
    model.save(tmp_path / "paper.inkling")
    for again in (model, load(tmp_path / "paper.inkling")):
        predicted, said = ask(again, raw)
        assert (predicted.tolist(), said) == (right.tolist(), "")
    shapes = (raw[..., None], raw.reshape(len(raw), -1), np.moveaxis(raw, 0, 2), raw[:, None])
    assert all(ask(model, shaped)[0].tolist() == right.tolist() for shaped in shapes)


def test_prepared_images_that_were_not_said_to_be_are_noticed(on_paper):
    model, split = on_paper
    predicted, said = ask(model, split.test.images)
    assert predicted.tolist() == model.predict(split.test).tolist()
    assert "look prepared already" in said
    assert ask(model, split.test.images, prepared=True)[1] == ""


def test_light_and_dark_swapped_are_said_and_decided_anew_on_request(on_paper, bytes_of):
    model, split = on_paper
    other = bytes_of[split.test_rows]  # light ink on dark paper
    predicted, said = ask(model, other)
    assert np.mean(predicted == split.test.labels) < 0.1
    assert "the border is dark, where that of the training images was light" in said
    assert "as_found=True" in said
    predicted, _ = ask(model, other, as_found=True)
    assert predicted.tolist() == model.predict(split.test).tolist()


def test_a_model_that_knows_nothing_of_its_training_images_decides_anew(on_paper, bytes_of):
    model, split = on_paper
    bare = Model(model.network, model.parameters, model.class_names)
    predicted, said = ask(bare, 255 - bytes_of[split.test_rows])
    assert predicted.tolist() == model.predict(split.test).tolist()
    assert "is not known" in said
    assert ask(bare, split.test.images)[1] == ""
    assert "the border is light" in ask(bare, 1 - split.test.images)[1]


def test_transposed_pixels_are_transposed_again(bytes_of, digits):
    lying = bytes_of.swapaxes(1, 2)
    model, split = train(from_arrays(lying.reshape(len(lying), -1), digits.labels, column_major=True))
    predicted, said = ask(model, lying[split.test_rows].reshape(len(split.test_rows), -1))
    assert (predicted.tolist(), said) == (model.predict(split.test).tolist(), "")


def test_images_on_their_side_are_refused_with_the_way_out(bytes_of, digits):
    model, split = train(from_arrays(bytes_of[:, :, 4:24], digits.labels))
    with pytest.raises(DataError, match=r"they may lie on their side: images.swapaxes\(1, 2\)"):
        model.predict(bytes_of[split.test_rows][:, :, 4:24].swapaxes(1, 2))
    # Stacked behind each other they are not: the number of images comes last.
    behind = np.moveaxis(bytes_of[split.test_rows][:, :, 4:24], 0, 2)
    assert model.predict(behind).tolist() == model.predict(split.test).tolist()


def test_images_that_training_resized_are_resized_again(bytes_of, digits):
    model, split = train(from_arrays(255 - bytes_of, digits.labels, size=14))
    predicted, said = ask(model, 255 - bytes_of[split.test_rows])
    assert (predicted.tolist(), said) == (model.predict(split.test).tolist(), "")


def test_colours_are_mixed_again_and_grey_is_said_to_be_new(bytes_of, digits):
    colours = np.repeat(bytes_of[..., None], 3, axis=3)
    model, split = train(from_arrays(colours, digits.labels, colour=False))
    assert ask(model, colours[split.test_rows])[0].tolist() == model.predict(split.test).tolist()
    grey, split = train(from_arrays(bytes_of, digits.labels))
    predicted, said = ask(grey, colours[split.test_rows])
    assert predicted.tolist() == grey.predict(split.test).tolist()
    assert "colours were converted to grey" in said


def test_what_is_no_array_of_images_is_refused_with_the_way_out(on_paper, bytes_of):
    model, _ = on_paper
    for wrong, said in [
        (bytes_of[0], r"one image alone needs an axis before the others: image\[None\]"),
        (bytes_of[0][..., None], r"image\[None\]"),
        (np.repeat(bytes_of[:5, ..., None], 4, axis=3), r"images have shape \(5, 28, 28, 4\), expected"),
        (bytes_of[:5].astype(str), "expected numbers"),
        (bytes_of[:5, :20, :20], r"images have shape \(5, 20, 20\), expected \(n, 28, 28, 1\)"),
    ]:
        with pytest.raises(DataError, match=said):
            model.predict(wrong)


def test_one_image_whose_colours_come_first_is_not_taken_for_three(bytes_of, digits):
    planes = np.stack([bytes_of, bytes_of // 2, bytes_of // 3], axis=1)
    model, split = train(from_arrays(planes, digits.labels))
    with pytest.raises(DataError, match=r"one image in colour, or three grey ones; .* image\[None\] is one"):
        model.predict(planes[0])
    first = split.test_rows[0]
    assert model.predict(planes[first][None]) == model.predict(split.test)[:1]


def test_bytes_divided_twice_are_told(on_paper, bytes_of):
    said = ask(on_paper[0], (255 - bytes_of[:50]) / 255 / 255)[1]
    assert "may have been divided by 255 twice" in said


def test_images_from_0_to_1_given_to_a_network_of_standardised_ones_are_noticed(bytes_of, digits):
    model, split = train(from_arrays((bytes_of / 255 - 0.1307) / 0.3081, digits.labels))
    right = model.predict(split.test)
    predicted, said = ask(model, bytes_of[split.test_rows] / 255)
    assert "values are 0 to 1, where the training images held -0.42" in said
    assert np.mean(predicted == right) > 0.99
