"""Opponents learn from the training images, choose by the validation images, and never see the test images."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.cluster import KMeans
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import inklings
from inklings.errors import NetworkError, RecipeError
from inklings.evaluation.calibration import reliability
from inklings.opponents import OPPONENTS, Opponent, fit_opponent, named_opponent
from inklings.opponents.freeze import freeze
from inklings.opponents.opponent import as_rows
from inklings.opponents.scores import class_scores
from inklings.opponents.temperature import choose_temperature, soften


@pytest.fixture(scope="module")
def split():
    digits = inklings.open_dataset("digits")
    return digits.take(np.arange(900)).split(test=300, validation=200, seed=0)


def test_it_is_scikit_learns_own_fit_on_the_training_images(split):
    fitted = fit_opponent(Opponent("mine", LogisticRegression(C=0.1, max_iter=500)), split)
    expected = LogisticRegression(C=0.1, max_iter=500).fit(as_rows(split.train.images), split.train.labels)
    np.testing.assert_array_equal(
        fitted.predict_proba(split.test.images), expected.predict_proba(as_rows(split.test.images))
    )
    assert fitted.settings == {}
    assert fitted.temperature is None


def test_the_setting_that_does_best_on_the_validation_images_is_kept(split):
    grid = {"n_neighbors": (200, 1, 7)}
    fitted = fit_opponent(Opponent("mine", KNeighborsClassifier(), grid), split)
    train, validation = split.train, split.validation
    expected = [
        KNeighborsClassifier(k)
        .fit(as_rows(train.images), train.labels)
        .score(as_rows(validation.images), validation.labels)
        for k in grid["n_neighbors"]
    ]
    assert [accuracy for _, accuracy in fitted.tried] == pytest.approx(expected)
    assert fitted.settings == {"n_neighbors": grid["n_neighbors"][int(np.argmax(expected))]}
    assert fitted.estimator.get_params()["n_neighbors"] == fitted.settings["n_neighbors"]


def test_a_pipelines_settings_are_named_as_scikit_learn_names_them(split):
    pipeline = make_pipeline(StandardScaler(), SVC(break_ties=True))
    fitted = fit_opponent(Opponent("mine", pipeline, {"svc__C": (0.1, 10.0)}), split)
    assert fitted.settings == {"svc__C": 10.0}


@pytest.mark.parametrize("estimator", [SVC(break_ties=True), RidgeClassifier()])
def test_scores_become_probabilities_that_name_the_same_class(split, estimator):
    fitted = fit_opponent(Opponent("mine", estimator), split)
    probabilities = fitted.predict_proba(split.test.images)
    np.testing.assert_allclose(probabilities.sum(1), 1)
    np.testing.assert_array_equal(probabilities.argmax(1), fitted.estimator.predict(as_rows(split.test.images)))
    # Better than the scores as they are, by the loss of images that neither saw.
    loss = lambda values: -np.log(values[np.arange(300), split.test.labels]).mean()  # noqa: E731
    assert loss(probabilities) < loss(soften(class_scores(fitted.estimator, as_rows(split.test.images)), 1.0))


def test_a_classifier_that_only_predicts_has_scores_of_0_and_1(split):
    class Nearest:
        classes_ = np.arange(3)

        def predict(self, rows):
            return np.array([2, 0])

    np.testing.assert_array_equal(class_scores(Nearest(), np.zeros((2, 4))), [[0, 0, 1], [1, 0, 0]])


def test_two_classes_have_two_scores(split):
    rows = np.flatnonzero(np.isin(split.train.labels, (0, 1)))
    two = SVC().fit(as_rows(split.train.images[rows]), split.train.labels[rows])
    scores = class_scores(two, as_rows(split.train.images[rows]))
    assert scores.shape == (len(rows), 2)
    np.testing.assert_array_equal(scores.argmax(1), two.predict(as_rows(split.train.images[rows])))


def test_the_temperature_minimises_the_cross_entropy():
    random = np.random.default_rng(0)
    logits = random.normal(size=(500, 4))
    labels = np.array([random.choice(4, p=row) for row in soften(logits, 1.0)])
    found = choose_temperature(3 * logits, labels)
    loss = lambda beta: -log_softmax(3 * logits * beta[0], axis=1)[np.arange(500), labels].mean()  # noqa: E731
    assert found == pytest.approx(1 / minimize(loss, [1.0], tol=1e-10).x[0], rel=1e-3)
    assert found == pytest.approx(3, rel=0.2)  # the scale that was put on


@pytest.mark.parametrize("name", [name for name in OPPONENTS if name not in ("boosting", "patches")])
def test_named_ones_classify_digits(split, name):
    fitted = fit_opponent(named_opponent(name, split.dataset.image_shape), split)
    accuracy = (fitted.predict_proba(split.test.images).argmax(1) == split.test.labels).mean()
    # 400 images to learn from: the linear one is the weakest, gradient histograms the strongest.
    assert accuracy > {"logistic": 0.78, "hog-svm": 0.93}.get(name, 0.82)


def test_a_name_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(NetworkError, match=r"no opponent is called 'hog_svm'; did you mean 'hog-svm'\?"):
        named_opponent("hog_svm", (20, 20, 1))


def test_what_is_no_classifier_is_refused():
    with pytest.raises(RecipeError, match="'mine' has no method 'predict'"):
        Opponent("mine", StandardScaler())


def test_nothing_is_chosen_without_validation_images(split):
    none = split.dataset.split(test=300, validation=None, seed=0)
    with pytest.raises(RecipeError, match="knn chooses among 3 settings on validation images, and there are none"):
        fit_opponent(named_opponent("knn", (20, 20, 1)), none)


def test_a_setting_that_it_does_not_have_is_told_in_one_line(split):
    with pytest.raises(RecipeError, match="mine cannot be fitted: Invalid parameter 'depth'"):
        fit_opponent(Opponent("mine", SVC(), {"depth": (1, 2)}), split)


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(max_iter=300),
        SVC(break_ties=True),
        SVC(decision_function_shape="ovo"),
        KNeighborsClassifier(3),
    ],
)
def test_a_class_that_the_training_images_lack_shifts_no_other(estimator):
    digits = inklings.open_dataset("digits").take(np.arange(600))
    zeros = np.flatnonzero(digits.labels == 0)
    others = np.flatnonzero(digits.labels != 0)
    whole = inklings.data.Dataset(
        digits.images,
        digits.labels,
        digits.class_names,
        given_test=np.concatenate([zeros, others[:150]]),
        given_validation=others[150:250],
    )
    split = whole.split()
    fitted = fit_opponent(Opponent("mine", estimator), split)
    probabilities = fitted.predict_proba(split.test.images)
    assert probabilities.shape == (len(split.test), 10)
    assert not probabilities[:, 0].any()
    own = fitted.estimator.predict(as_rows(split.test.images))
    np.testing.assert_array_equal(fitted.predict(split.test.images), own)
    # Three neighbours that all differ have equal votes.
    assert (probabilities.argmax(1) == own).mean() > 0.95
    assert (own == split.test.labels).mean() > 0.5


def test_images_too_small_for_patches_are_told_in_one_line():
    random = np.random.default_rng(0)
    thin = inklings.from_arrays(random.random((60, 1, 30, 1), np.float32), np.arange(60) % 2).split(seed=0)
    with pytest.raises(RecipeError, match="patches cannot be fitted: images of 1 x 30 pixels are too small"):
        fit_opponent(named_opponent("patches", (1, 30, 1)), thin)


def test_more_neighbours_than_images_are_told_in_one_line(split):
    few = split.dataset.take(np.arange(8)).split(test=2, validation=2, seed=0)
    with pytest.raises(RecipeError, match="mine cannot be fitted: Expected n_neighbors"):
        fit_opponent(Opponent("mine", KNeighborsClassifier(), {"n_neighbors": (1, 30)}), few)


@pytest.mark.parametrize(
    ("estimator", "grid", "said"),
    [
        (Ridge(), {}, "mine knows no classes once it is fitted"),
        (KMeans(2, n_init=1), {}, "mine knows no classes once it is fitted"),
        (LogisticRegression(), {"C": []}, "mine cannot be fitted: .*'C'"),
        (LogisticRegression(), {"C": 1}, "mine cannot be fitted: .*'C'"),
    ],
)
def test_what_is_no_classifier_or_no_grid_is_refused_in_a_line(split, estimator, grid, said):
    with pytest.raises(RecipeError, match=said):
        fit_opponent(Opponent("mine", estimator, grid), split)


def test_a_class_in_place_of_a_classifier_is_refused():
    with pytest.raises(RecipeError, match=r"is the class LogisticRegression, expected a classifier; try LogisticRegr"):
        Opponent("mine", LogisticRegression)


def test_more_neighbours_than_images_are_refused_in_a_line(split):
    few = split.dataset.take(np.arange(9)).split(test=3, validation=2, seed=0)
    with pytest.raises(RecipeError, match="mine cannot be fitted: Expected n_neighbors"):
        fit_opponent(Opponent("mine", KNeighborsClassifier(5)), few).predict_proba(few.test.images)


@pytest.mark.parametrize("kind", [RandomForestClassifier, ExtraTreesClassifier])
def test_a_forests_votes_become_probabilities_and_its_answers_stay(kind, split):
    fitted = fit_opponent(Opponent("mine", kind(40, random_state=0)), split)
    votes = fitted.estimator.predict_proba(as_rows(split.test.images))
    found, labels = fitted.predict_proba(split.test.images), split.test.labels
    np.testing.assert_array_equal(found.argmax(1), votes.argmax(1))
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-6)
    before, after = (reliability(each, labels).expected_calibration_error for each in (votes, found))
    assert before > 0.2
    assert after < 0.08
    form, arrays = freeze(fitted, split.validation.images, split.dataset.image_shape)
    assert form.temperature == fitted.temperature
    np.testing.assert_allclose(form.predictor(arrays).predict_proba(split.test.images), found, rtol=0, atol=1e-6)


@pytest.mark.parametrize("count", [1, 5])
def test_a_few_neighbours_that_agree_are_not_certain_and_their_answers_stay(count, split):
    fitted = fit_opponent(Opponent("mine", KNeighborsClassifier(count, weights="distance")), split)
    votes = fitted.estimator.predict_proba(as_rows(split.test.images))
    found, labels = fitted.predict_proba(split.test.images), split.test.labels
    np.testing.assert_array_equal(found.argmax(1), votes.argmax(1))
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-6)
    before, after = (reliability(each, labels).expected_calibration_error for each in (votes, found))
    assert votes.max() == 1
    # Little more than how often neighbours that agree are right.
    assert found.max() < (votes.argmax(1) == labels)[votes.max(1) == 1].mean() + 0.03
    assert after < before
    form, arrays = freeze(fitted, split.validation.images, split.dataset.image_shape)
    assert form.temperature == fitted.temperature
    np.testing.assert_allclose(form.predictor(arrays).predict_proba(split.test.images), found, rtol=0, atol=1e-6)


@pytest.mark.parametrize("validation", [None, 20])
def test_neighbours_are_not_certain_where_few_images_say_how_often_they_are_right(validation):
    few = inklings.open_dataset("digits").take(np.arange(200)).split(test=50, validation=validation, seed=0)
    found = fit_opponent(Opponent("mine", KNeighborsClassifier(1)), few).predict_proba(few.test.images)
    assert 0.5 < found.max() < 0.95


def test_a_forest_of_few_validation_images_keeps_its_votes():
    few = inklings.open_dataset("digits").take(np.arange(200)).split(test=50, validation=40, seed=0)
    fitted = fit_opponent(Opponent("mine", RandomForestClassifier(10, random_state=0)), few)
    assert fitted.temperature is None
    np.testing.assert_array_equal(
        fitted.predict_proba(few.test.images), fitted.estimator.predict_proba(as_rows(few.test.images))
    )
