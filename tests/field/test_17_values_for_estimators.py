"""Raw pixels and NumPy's numbers given to the scikit-learn classifiers."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from inklings import DenseClassifier, NetworkClassifier, load, open_dataset
from inklings.errors import DataWarning, TrainingWarning


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return np.round(X[:900] * 255 / 16), y[:900]


def mlp():
    return NetworkClassifier("mlp", network_settings={"hidden_units": 100}, epochs=30, random_state=0)


def test_bytes_are_scaled_as_pixels_and_so_in_predict(digits, tmp_path):
    X, y = digits
    raw, scaled = mlp().fit(X[:600], y[:600]), mlp().fit(X[:600] / 255, y[:600])
    assert raw.score(X[600:], y[600:]) == scaled.score(X[600:] / 255, y[600:]) > 0.85
    raw.to_model().save(tmp_path / "raw.inkling")
    assert load(tmp_path / "raw.inkling").predict(X).tolist() == raw.predict(X).tolist()


def test_values_that_need_no_scaling_are_kept_as_they_are(digits):
    X, y = digits
    for rows in (X / 255, X / 255 * 16, (X - X.mean()) / X.std()):
        assert (lambda kept: (kept.paper, kept.ink))(mlp().fit(rows, y).scaling_) == (0, 1)


def test_standardised_features_are_kept_though_single_ones_be_large(digits):
    X, y = digits
    rows = StandardScaler().fit_transform(X)
    rows[:, 0], rows[7, 0] = 0, 60  # the ink of a pixel that has some in one of 3,600 images
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = DenseClassifier((40,), epochs=15, random_state=0).fit(rows[:600], y[:600])
    assert (fitted.scaling_.paper, fitted.scaling_.ink, fitted.scaling_.clipped) == (0, 1, False)


def test_large_values_on_both_sides_of_0_are_stretched_with_a_warning(digits):
    X, y = digits
    with pytest.warns(DataWarning, match=r"X: values -.* are stretched to 0 to 1; predict does the same") as warned:
        fitted = DenseClassifier((40,), epochs=5, random_state=0).fit(X - X.mean() - 20, y)
    assert fitted.scaling_.ink > 100
    assert warned[0].filename == __file__


def test_another_range_in_predict_is_warned_of(digits):
    X, y = digits
    fitted = mlp().fit(X, y)
    with pytest.warns(DataWarning, match="X holds values 0 to 1, the classifier was trained on 0 to 255"):
        fitted.predict(X / 255)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted.predict(X[:1] * 0)
        fitted.predict(X[:20])


def test_a_batch_is_scaled_as_the_first_one(digits):
    X, y = digits
    fitted = DenseClassifier((50,), random_state=0)
    for _ in range(30):
        for start in range(0, 600, 100):
            fitted.partial_fit(X[start : start + 100], y[start : start + 100], classes=range(10))
    assert fitted.scaling_.ink == 255
    assert fitted.score(X[600:], y[600:]) > 0.85


def test_a_training_that_learnt_nothing_is_warned_of(digits):
    X, y = digits
    with pytest.warns(TrainingWarning, match="and guessing gives 1"):
        NetworkClassifier("mlp", epochs=1, learning_rate=1e-9, random_state=5).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mlp().fit(X, y)


@pytest.mark.filterwarnings("ignore::inklings.errors.TrainingWarning")  # two epochs come to nothing
def test_numpy_s_whole_numbers_are_numbers(digits, tmp_path):
    X, y = digits
    sizes = np.arange(10, 40, 10)
    found = GridSearchCV(DenseClassifier(epochs=3), {"hidden_layer_sizes": sizes}, cv=2, error_score="raise").fit(X, y)
    assert found.best_params_["hidden_layer_sizes"] in sizes
    settings = {"hidden_units": np.int64(20)}
    fitted = NetworkClassifier("mlp", network_settings=settings, image_shape=tuple(np.array([8, 8])), epochs=2)
    fitted.fit(X, y).to_model().save(tmp_path / "numbers.inkling")
    assert load(tmp_path / "numbers.inkling").network == fitted.network_


def told(classifier, rows):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        classifier.predict(rows)
    return [str(each.message) for each in said]


@pytest.mark.parametrize("flat", [True, False], ids=["rows", "images"])
def test_rows_that_are_inverted_or_transposed_are_said_to_be(flat):
    digits = open_dataset("digits28")
    images, labels = np.round(255 * np.clip(digits.images[::5, ..., 0], 0, 1)), digits.labels[::5]

    def given(some):
        return some.reshape(len(some), -1) if flat else some

    known, new = images[:800], images[800:]
    classifier = DenseClassifier((20,), epochs=5, random_state=0).fit(given(known), labels[:800])
    assert told(classifier, given(new)) == []
    assert "dark and light swapped; it was used as it is" in told(classifier, given(255 - new))[-1]
    assert "rows and columns of pixels swapped; it was" in told(classifier, given(new.swapaxes(1, 2)))[-1]
    for label in range(10):
        assert told(classifier, given(images[labels == label][:40])) == []


def test_features_without_a_typical_image_are_never_called_inverted():
    random = np.random.default_rng(0)
    rows = random.normal(size=(300, 81)).astype(np.float32)
    classifier = DenseClassifier((8,), epochs=30, random_state=0).fit(rows, rows[:, 0] > 0)
    assert told(classifier, -rows) == []
    assert told(classifier, rows.reshape(-1, 9, 9).swapaxes(1, 2).reshape(-1, 81)) == []


def test_a_single_row_that_is_inverted_is_said_to_be():
    X, y = load_digits(return_X_y=True)
    classifier = DenseClassifier((20,), epochs=5, random_state=0).fit(X[:800] / 16, y[:800])
    for row in X[800:830] / 16:
        assert told(classifier, row[None]) == []
        (said,) = told(classifier, 1 - row[None])
        assert "dark and light swapped; it was used as it is" in said


def test_where_a_class_is_the_negative_of_another_no_row_is_called_inverted():
    random = np.random.default_rng(0)
    left = np.tile(np.arange(10) < 5, (10, 1)).reshape(-1)
    dark = random.random(300) < 0.3  # most are light on the left, so that their mean is, too
    rows = np.where(dark[:, None], ~left, left) + random.normal(0, 0.1, (300, 100))
    classifier = DenseClassifier((8,), epochs=10, random_state=0).fit(rows[:200], dark[:200])
    for row in rows[200:]:
        assert told(classifier, row[None]) == []
