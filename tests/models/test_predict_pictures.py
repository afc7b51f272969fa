"""Pictures as people have them, read by a network that was really trained."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from inklings import DataError, Model
from inklings.data.interpretation import Interpretation
from inklings.fonts import load_font
from inklings.models import read_page, read_picture
from inklings.models.preparation import Preparation, is_framed

COUNT = 600


def grey(ink):
    return (255 * np.clip(ink, 0, 1)).astype(np.uint8)


def enlarged(image, factor):
    side = round(28 * factor)
    return np.asarray(Image.fromarray(grey(image)).resize((side, side), Image.Resampling.BICUBIC)) / 255


def canvas(image, random, factor):
    """Put an image somewhere on a larger black canvas."""
    ink = enlarged(image, factor)
    side = int(1.8 * len(ink))
    top, left = random.integers(0, side - len(ink), 2)
    page = np.zeros((side, side))
    page[top : top + len(ink), left : left + len(ink)] = ink
    return page


def on_paper(page, random):
    """Draw it dark on grey paper, lit from one side, with a camera's noise."""
    light = np.linspace(0.9, 0.6, page.shape[1])[np.newaxis] * np.linspace(1, 0.85, len(page))[:, np.newaxis]
    return light * (1 - 0.8 * page) + random.normal(0, 0.01, page.shape)


def as_file(pixels, form="PNG", **settings):
    file = io.BytesIO()
    Image.fromarray(grey(pixels)).save(file, form, **settings)
    return file.getvalue()


PICTURES = {
    "shifted": lambda image, random: as_file(canvas(image, random, 1)),
    "scaled up to 8 times": lambda image, random: as_file(canvas(image, random, random.uniform(1, 8))),
    "inverted": lambda image, random: as_file(1 - canvas(image, random, 3)),
    "grey paper with a gradient of light": lambda image, random: as_file(on_paper(canvas(image, random, 4), random)),
    "JPEG": lambda image, random: as_file(on_paper(canvas(image, random, 4), random), "JPEG", quality=40),
}


def lost(trained, digits28, kinds):
    """Return the accuracy that is lost where each test image is drawn in the next of these ways, in turn."""
    random = np.random.default_rng(3)
    images, labels = digits28.test.images[:COUNT, ..., 0], digits28.test.labels[:COUNT]
    original = trained.predict(images) == labels
    assert original.mean() > 0.94
    files = [PICTURES[kinds[number % len(kinds)]](image, random) for number, image in enumerate(images)]
    read = np.array([read_picture(trained, file)[0].class_name for file in files]) == labels.astype(str)
    return original.mean() - read.mean()


def test_less_than_a_point_of_accuracy_is_lost_however_digits_were_drawn(trained, digits28):
    assert lost(trained, digits28, list(PICTURES)) < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("kind", PICTURES)
def test_less_than_a_point_of_accuracy_is_lost_where_all_were_drawn_in_one_way(trained, digits28, kind):
    assert lost(trained, digits28, [kind]) < 0.01


def test_a_page_is_read_line_by_line(trained, digits28):
    images, labels = digits28.test.images[..., 0], digits28.test.labels
    right = np.flatnonzero(trained.predict(images) == labels)[:8]
    page = np.zeros((260, 460))
    for place, row in enumerate(right):
        top, left = 20 + 120 * (place // 4), 20 + 110 * (place % 4)
        page[top : top + 84, left : left + 84] = enlarged(images[row], 3)
    found = read_page(
        Model(trained.network, trained.parameters, trained.class_names, {}, trained.preprocessing), as_file(1 - page)
    )
    expected = "".join(str(labels[row]) for row in right)
    assert found.lines == [expected[:4], expected[4:]]
    assert [mark.line for mark in found.characters] == [0] * 4 + [1] * 4
    assert found.draw().size == (460, 260)
    assert all(answer.is_confident is None for answer in found.answers)


def test_what_the_model_is_not_sure_of_becomes_a_question_mark(trained, digits28):
    page = as_file(canvas(digits28.test.images[0, ..., 0], np.random.default_rng(0), 3))
    never = Model(
        trained.network, trained.parameters, trained.class_names, {"sure": {"threshold": 1.1}}, trained.preprocessing
    )
    assert read_page(never, page).lines == ["?"]
    answer, _ = read_picture(never, page)
    assert answer.is_confident is False
    assert answer.probabilities[answer.class_name] == max(answer.probabilities.values())


def test_the_packed_model_knows_how_it_was_trained_and_how_well_it_reads(trained, digits28):
    told = trained.training
    assert told["n"] == 1250
    assert told["interval"][0] < told["accuracy"] < told["interval"][1]
    assert told["recipe"]["epochs"] == 25
    assert told["data"]["fingerprint"] == digits28.dataset.fingerprint
    assert trained.preparation == Preparation("character", (28, 28), interpretation=Interpretation())
    sure = told["sure"]
    validation = digits28.validation
    probabilities = trained.predict_proba(validation.images)
    answered = probabilities.max(1) >= sure["threshold"]
    assert answered.mean() == pytest.approx(sure["coverage"])
    assert (probabilities.argmax(1) == validation.labels)[answered].mean() == pytest.approx(sure["accuracy"])
    assert sure["lowest_accuracy"] >= 0.97


def test_a_model_of_whole_pictures_sees_them_whole():
    colours = np.zeros((40, 60, 3), np.uint8)
    colours[:, 30:, 0] = 255
    file = io.BytesIO()
    Image.fromarray(colours).save(file, "PNG")
    from inklings.pages.page_image import open_page

    page = open_page(file.getvalue())
    seen = Preparation("whole", (4, 6), 3).prepare(page).image
    assert seen.shape == (4, 6, 3)
    assert seen[:, 0].max() < 0.05
    assert seen[:, -1, 0].min() > 0.95
    inverted = Preparation("whole", (4, 6), 1, invert=True).prepare(page).image
    assert inverted[0, 0, 0] == pytest.approx(1, abs=0.05)
    with pytest.raises(DataError, match="reads whole pictures"):
        Preparation("whole", (4, 6)).prepare_character(None)


def test_how_pictures_are_prepared_follows_from_the_training_images(digits28):
    assert is_framed(digits28.dataset.images)
    assert not is_framed(np.random.default_rng(0).random((20, 8, 8, 1)))
    assert not is_framed(np.zeros((2, 8, 8, 3)))
    shifted = np.roll(digits28.dataset.images[:100], 5, axis=2)
    assert not is_framed(shifted)


@pytest.mark.parametrize(
    "plain", [{}, {"kind": "sideways", "size": [2, 2], "channels": 1, "invert": False}, {"kind": "whole", "size": 3}]
)
def test_a_model_that_does_not_tell_how_is_refused(plain, trained):
    model = Model(trained.network, trained.parameters, trained.class_names, {}, plain)
    with pytest.raises(DataError):
        _ = model.preparation


def written(words, size=120):
    """Write letters far apart, dark on white."""
    page = Image.new("L", (40 + 160 * len(words), 200), 255)
    drawing = ImageDraw.Draw(page)
    for place, letter in enumerate(words):
        drawing.text((100 + 160 * place, 100), letter, 0, load_font(size), anchor="mm")
    return as_file(np.asarray(page) / 255)


def test_many_letters_are_not_like_what_a_network_of_digits_learnt(trained):
    answers = [read_picture(trained, written(letter))[0] for letter in "AEHKMNRWXhkmnw"]
    assert sum(answer.is_familiar is False for answer in answers) >= 5
    assert all(answer.is_familiar == (answer.novelty <= trained.novelty.threshold) for answer in answers)
    plain = answers[0].to_plain()
    assert (plain["familiar"], plain["novelty"]) == (answers[0].is_familiar, answers[0].novelty)


def test_what_is_not_like_anything_learnt_has_a_mark_of_its_own_on_a_page(trained):
    page = read_page(trained, written("KMW"))
    assert page.lines == ["¿¿¿"]
    assert not any(answer.is_familiar for answer in page.answers)


def test_digits_in_pictures_are_like_what_it_learnt(trained, digits28):
    random = np.random.default_rng(4)
    images = digits28.test.images[:200, ..., 0]
    answers = [read_picture(trained, PICTURES["JPEG"](image, random))[0] for image in images]
    assert np.mean([answer.is_familiar for answer in answers]) > 0.95


def test_a_model_without_the_measure_says_nothing_of_it(trained, digits28):
    older = Model(trained.network, trained.parameters, trained.class_names, {}, trained.preprocessing)
    page = as_file(canvas(digits28.test.images[0, ..., 0], np.random.default_rng(0), 3))
    answer, _ = read_picture(older, page)
    assert (answer.is_familiar, answer.novelty) == (None, None)
