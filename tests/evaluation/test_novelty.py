"""A measure of novelty, fitted to networks that were really trained, against independent computations."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import roc_auc_score

from inklings import Dense, Flatten, Network, load, open_dataset, preset
from inklings.errors import DataError
from inklings.evaluation.evaluate import evaluate_model
from inklings.evaluation.made_up_images import make_up, redraw
from inklings.evaluation.novelty import ACCEPTED, choose_novelty, choose_score, coverage, fit_subspaces
from inklings.models import Model
from inklings.training import fit
from small_novelty import full_novelty


@pytest.fixture(scope="module", autouse=True)
def _full_novelty():
    with full_novelty():
        yield


@pytest.fixture(scope="module")
def digits():
    return open_dataset("digits").split(seed=0)


@pytest.fixture(scope="module")
def trained(digits):
    """A network that classifies some nine in ten digits, with its measure of novelty."""
    plan = preset("mlp", digits.dataset.image_shape, 10, hidden_units=100).with_recipe(epochs=15)
    model = Model.from_fit(fit(plan.network, plan.recipe, digits), digits)
    return replace(model, novelty=choose_novelty(model, digits.train, digits.validation))


def separation(model, familiar, novel):
    scores = np.concatenate([model.score_novelty(familiar, prepared=True), model.score_novelty(novel, prepared=True)])
    return roc_auc_score(np.repeat([0, 1], [len(familiar), len(novel)]), scores)


def test_the_threshold_accepts_99_in_100_of_the_validation_images(trained, digits):
    accepted = (trained.score_novelty(digits.validation) <= trained.novelty.threshold).mean()
    assert accepted == trained.novelty.accepted
    assert ACCEPTED <= accepted <= ACCEPTED + 0.01


def test_few_test_images_are_refused_and_those_are_wrong_more_often(trained, digits):
    refused = trained.score_novelty(digits.test) > trained.novelty.threshold
    wrong = trained.predict(digits.test) != digits.test.labels
    assert refused.mean() <= 0.02
    assert wrong[refused].mean() > 3 * wrong.mean()


def test_noise_inverted_digits_and_blank_images_are_told_from_digits(trained, digits):
    random = np.random.default_rng(8)
    test, shape = digits.test.images, (200, *digits.dataset.image_shape)
    outside = {
        "noise": random.random(shape, np.float32),
        "pepper": (random.random(shape) < 0.3).astype(np.float32),
        "inverted": 1 - test,
        "blank": np.zeros(shape, np.float32),
    }
    assert min(separation(trained, test, images) for images in outside.values()) > 0.99


def test_made_up_strokes_and_pieces_are_told_from_digits_mostly(trained, digits):
    random = np.random.default_rng(9)
    made_up = make_up(digits.test.images, digits.test.labels, trained.preparation, 100, random)
    found = {kind: separation(trained, digits.test.images, images) for kind, images in made_up.items()}
    assert min(found.values()) > 0.88
    assert np.mean(list(found.values())) > 0.96


def test_a_digit_that_is_drawn_anew_stays_familiar(trained, digits):
    """Made-up images have the edges of drawings: these must not be what makes an image novel."""
    drawn = redraw(digits.test.images, trained.preparation)
    assert (trained.score_novelty(drawn, prepared=True) <= trained.novelty.threshold).mean() > 0.97


def test_a_saved_model_gives_the_same_scores_and_older_files_load_without(trained, digits, tmp_path):
    trained.save(tmp_path / "with.inkling")
    replace(trained, novelty=None).save(tmp_path / "without.inkling")
    images = digits.test.images[:50]
    assert_allclose(
        load(tmp_path / "with.inkling").score_novelty(images, prepared=True),
        trained.score_novelty(images, prepared=True),
        rtol=1e-6,
    )
    older = load(tmp_path / "without.inkling")
    assert older.novelty is None
    with pytest.raises(DataError, match="no measure of novelty"):
        older.score_novelty(images, prepared=True)


def test_a_network_without_a_hidden_layer_has_a_measure_too(trained, digits):
    plan = preset("softmax", digits.dataset.image_shape, 10).with_recipe(steps=300)
    model = Model.from_fit(fit(plan.network, plan.recipe, digits), digits)
    model = replace(model, novelty=choose_novelty(model, digits.train, digits.validation))
    assert model.novelty.measured.features is None
    assert separation(model, digits.test.images, 1 - digits.test.images) > 0.99
    # Images alone make these: the same seed gives the same measure, whichever network is asked about.
    assert_array_equal(model.novelty.measured.appearance.axes, trained.novelty.measured.appearance.axes)
    assert_array_equal(model.novelty.measured.detector.weights, trained.novelty.measured.detector.weights)


def test_evaluation_tells_coverage_and_the_accuracy_on_what_is_accepted(trained, digits):
    report = evaluate_model(trained, digits.test)
    familiar = trained.score_novelty(digits.test) <= trained.novelty.threshold
    right = trained.predict(digits.test) == digits.test.labels
    found = report.to_plain()["familiar"]
    assert found["accepted"] == familiar.mean()
    assert found["accuracy"] == right[familiar].mean()
    assert found["refused_wrong"] == (~familiar & ~right).sum()
    assert evaluate_model(replace(trained, novelty=None), digits.test).coverage is None


def test_too_few_validation_images_give_no_measure(digits):
    plan = preset("softmax", digits.dataset.image_shape, 10).with_recipe(steps=5)
    model = Model.from_fit(fit(plan.network, plan.recipe, digits), digits)
    assert choose_novelty(model, digits.train, digits.validation.take(np.arange(99))) is None


def test_subspaces_are_those_of_a_singular_value_decomposition():
    random = np.random.default_rng(1)
    vectors, labels = random.normal(size=(120, 12)) * np.geomspace(4, 0.1, 12), np.repeat([0, 1], 60)
    found = fit_subspaces(vectors.astype(np.float32), labels, 2, 3)
    new, own = random.normal(size=(9, 12)), vectors[labels == 1]
    axes = np.linalg.svd(own - own.mean(0), full_matrices=False)[2][:3]
    centred = new - own.mean(0)
    expected = (centred**2).sum(1) - ((centred @ axes.T) ** 2).sum(1)
    assert_allclose(found.distances(new, np.ones(9, int)), expected, rtol=0.01)  # axes are kept in half precision


def test_classes_of_few_images_or_none_have_fewer_axes():
    vectors = np.random.default_rng(2).normal(size=(13, 6)).astype(np.float32)
    found = fit_subspaces(vectors, np.array([0] * 10 + [1] * 3), 3, 3)
    assert [int((np.abs(each).sum(1) > 0).sum()) for each in found.axes] == [3, 1, 0]
    assert_allclose(found.means[2], vectors.mean(0), atol=1e-3)


def test_a_new_score_exceeds_the_chosen_one_as_often_as_promised():
    random = np.random.default_rng(3)
    exceeded = [random.normal() > choose_score(random.normal(size=199), 0.95) for _ in range(4000)]
    assert np.mean(exceeded) == pytest.approx(0.05, abs=0.012)


def test_a_new_score_exceeds_the_chosen_one_no_more_often_than_allowed_whatever_the_sample():
    random = np.random.default_rng(4)
    samples = random.random((2000, 750))  # of which a new score exceeds x with a probability of 1 - x
    shares = [1 - choose_score(each, 0.99, 0.015) for each in samples]
    assert np.mean(np.array(shares) > 0.015) <= 0.05
    assert np.mean(shares) > 0.005
    assert choose_score(samples[0, :100], 0.99, 0.015) == samples[0, :100].max()


def test_coverage_counts():
    found = coverage(np.array([True, True, False, False]), np.array([True, False, False, True]))
    assert (found.images, found.accepted, found.accuracy, found.refused_wrong) == (4, 0.5, 0.5, 1)
    assert coverage(np.zeros(2, bool), np.ones(2, bool)).accuracy is None


def test_features_and_logits_are_what_the_layers_compute(digits):
    network = Network((20, 20, 1), (Flatten(), Dense(7, "tanh"), Dense(10, "sigmoid")))
    plan = preset("naive", digits.dataset.image_shape, 10)
    model = Model.from_fit(fit(network, replace(plan.recipe, epochs=3), digits), digits)
    images = digits.test.images[:5]
    features, logits = model.features_and_logits(images)
    layers = model.activations(images, prepared=True)
    assert_allclose(features, layers["dense_1"], rtol=1e-5)
    assert_allclose(1 / (1 + np.exp(-logits)), layers["dense_2"], rtol=1e-4, atol=1e-6)
