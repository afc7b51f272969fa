"""Networks in scikit-learn's tools, on its 8 x 8 digits."""

import pickle
import signal
from math import isnan

import joblib
import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

import inklings
from inklings import Conv2D, Dense, Flatten, MaxPool2D, Network, TrainingDivergedError, load
from inklings.engines import engine_name, native
from inklings.errors import EstimatorError
from inklings.estimators import DenseClassifier, NetworkClassifier
from inklings.estimators.engine_choice import engine_to_predict, engine_to_train
from inklings.estimators.validation_split import make_split
from inklings.models.predict_pictures import predict_pictures
from inklings.training import Recipe
from inklings.training.best import epochs_for

# Without C, little work is left to NumPy, which starts at once.
LITTLE = "native" if native.is_available() else "numpy"
SPLITTING = {"relative": True, "validation": None, "fraction": None, "seed": 0}
SMALL = (Conv2D(8, 3, "same", 1, "relu"), MaxPool2D(2), Flatten(), Dense(10, "softmax"))

# Many trainings here are of an epoch or a few steps: that these come to nothing is no news.
pytestmark = pytest.mark.filterwarnings("ignore::inklings.errors.TrainingWarning")


@pytest.fixture(scope="module")
def digits():
    """600 images to learn from and 300 to read, as rows of 64 values from 0 to 1."""
    X, y = load_digits(return_X_y=True)
    return X[:600] / 16, y[:600], X[600:900] / 16, y[600:900]


@pytest.fixture(scope="module")
def fitted(digits):
    return DenseClassifier((30,), epochs=15, learning_rate=0.01, random_state=0).fit(*digits[:2])


def test_it_reads_digits_as_well_as_scikit_learns_own(digits, fitted):
    X, y, others, answers = digits
    theirs = MLPClassifier((30,), max_iter=300, tol=1e-3, learning_rate_init=0.01, random_state=0).fit(X, y)
    ours = clone(fitted).set_params(epochs=100).fit(X, y)
    assert ours.score(others, answers) > theirs.score(others, answers) - 0.03
    probabilities = fitted.predict_proba(others)
    assert probabilities.shape == (300, 10)
    np.testing.assert_allclose(probabilities.sum(1), 1)
    assert np.array_equal(fitted.predict(others), fitted.classes_[probabilities.argmax(1)])


def test_the_history_has_training_and_validation_loss_of_every_epoch(digits, fitted):
    assert [row.epoch for row in fitted.history_] == list(range(16))
    assert fitted.n_iter_ == len(fitted.loss_curve_) == len(fitted.validation_loss_curve_) == 15
    assert fitted.loss_curve_[-1] < fitted.loss_curve_[0]
    assert fitted.validation_loss_curve_[-1] < fitted.validation_loss_curve_[0]
    without = clone(fitted).set_params(validation_fraction=None, epochs=2).fit(*digits[:2])
    assert all(isnan(loss) for loss in without.validation_loss_curve_)


def test_given_validation_images_are_the_ones_that_are_watched(digits):
    X, y, others, answers = digits
    classifier = DenseClassifier((30,), epochs=5, random_state=0).fit(X, y, X_val=others, y_val=answers)
    assert classifier.history_[-1].validation_accuracy == pytest.approx(classifier.score(others, answers))
    assert classifier.history_[-1].train_accuracy == pytest.approx(classifier.score(X, y))
    with pytest.raises(EstimatorError, match="one of X_val and y_val is given"):
        classifier.fit(X, y, X_val=others)


@pytest.mark.parametrize("shape", [(64,), (8, 8), (8, 8, 1)])
def test_convolutions_read_images_of_any_usual_shape(digits, shape):
    X, y, others, answers = digits
    classifier = NetworkClassifier(list(SMALL), epochs=8, learning_rate=0.01, random_state=0, engine="numpy")
    classifier.fit(X.reshape(-1, *shape), y)
    assert classifier.image_shape_ == (8, 8, 1)
    assert classifier.n_features_in_ == 64
    assert classifier.score(others.reshape(-1, *shape), answers) > 0.85
    assert classifier.score(others, answers) == classifier.score(others.reshape(-1, 8, 8), answers)
    with pytest.raises(EstimatorError, match=r"images of \(4, 16\), expected \(8, 8, 1\)"):
        classifier.predict(others.reshape(-1, 4, 16))


@pytest.mark.filterwarnings("ignore::inklings.errors.TrainingWarning")  # one epoch teaches little
def test_a_preset_is_trained_by_its_recipe_as_far_as_nothing_else_is_asked(digits):
    X, y, *_ = digits
    classifier = NetworkClassifier("cnn1", epochs=1, random_state=0).fit(X[:200], y[:200])
    recipe = classifier.recipe_
    assert (recipe.learning_rate, recipe.reduction, recipe.steps, recipe.epochs) == (1e-4, "sum", None, 1)
    naive = NetworkClassifier("naive", epochs=3, random_state=0).fit(X, y)
    assert (naive.recipe_.optimiser, naive.recipe_.loss) == ("bfgs", "binary_crossentropy")
    assert naive.engine_ == f"{LITTLE}, float64"
    np.testing.assert_allclose(naive.predict_proba(X).sum(1), 1)
    assert not hasattr(naive, "partial_fit")


def test_little_work_is_done_in_float64_and_much_in_float32(digits):
    X, y, *_ = digits
    little = DenseClassifier((20,), epochs=10)
    split = make_split(X.astype(np.float32).reshape(-1, 1, 64, 1), y, list("0123456789"), None, **SPLITTING)
    network = little.fit(X, y).network_
    assert little.engine_ == f"{LITTLE}, float64"
    engines = {
        "little": engine_to_predict("auto", network, 100),
        "much": engine_to_predict("auto", network, 10_000_000),
        "long": engine_to_train("auto", network, Recipe(epochs=10_000), split),
    }
    assert {name: (engine.name, str(engine.dtype)) for name, engine in engines.items()} == {
        "little": (LITTLE, "float64"),
        "much": (engine_name(), "float32"),
        "long": (engine_name(), "float32"),
    }


def test_all_engines_give_the_same_answers(digits):
    X, y, others, _ = digits
    weights = np.random.default_rng(0).random(len(y))
    one, *rest = (
        DenseClassifier((20,), epochs=3, random_state=0, engine=engine).fit(X, y, weights).predict_proba(others)
        for engine in ("numpy", "jax", engine_name())
    )
    for other in rest:
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_text_labels_and_names_of_classes(digits):
    X, y, others, answers = digits
    names = np.array(["odd" if label % 2 else "even" for label in y], object)
    classifier = DenseClassifier((30,), epochs=15, random_state=0).fit(X, names)
    assert classifier.classes_.tolist() == ["even", "odd"]
    assert (classifier.predict(others) == np.where(answers % 2, "odd", "even")).mean() > 0.85


def test_weights_of_classes_and_of_images_are_the_same_thing(digits):
    X, y, others, _ = digits
    settings = {"optimiser": "lbfgs", "epochs": 10, "reduction": "sum", "validation_fraction": None, "random_state": 0}
    by_class = DenseClassifier((10,), class_weight={3: 5.0, 8: 0.2}, **settings).fit(X, y)
    by_image = DenseClassifier((10,), **settings).fit(X, y, np.select([y == 3, y == 8], [5.0, 0.2], 1.0))
    np.testing.assert_allclose(by_class.predict_proba(others), by_image.predict_proba(others), atol=1e-6)
    plain = DenseClassifier((10,), **settings).fit(X, y)
    assert np.abs(plain.predict_proba(others) - by_class.predict_proba(others)).max() > 0.01


def test_images_of_no_weight_are_not_learnt(digits):
    X, y, *_ = digits
    classifier = DenseClassifier((30,), epochs=15, learning_rate=0.01, random_state=0).fit(X, y, (y != 3).astype(float))
    assert not (classifier.predict(X) == 3).any()
    assert classifier.score(X[y != 3], y[y != 3]) > 0.95


def test_balanced_weights_are_scikit_learns(digits):
    X, y, *_ = digits
    rows = np.flatnonzero((y != 1) | (np.arange(len(y)) % 4 == 0))
    classifier = DenseClassifier((10,), epochs=1, class_weight="balanced", random_state=0).fit(X[rows], y[rows])
    expected = len(rows) / (10 * np.bincount(y[rows]))
    np.testing.assert_allclose(classifier.recipe_.class_weights, expected)


def test_a_warm_start_goes_on_and_a_cold_one_begins_anew(digits):
    X, y, *_ = digits
    classifier = DenseClassifier((30,), epochs=5, warm_start=True, random_state=0).fit(X, y)
    loss = classifier.history_[-1].train_loss
    classifier.fit(X, y)
    assert classifier.n_iter_ == 10
    assert [row.epoch for row in classifier.history_] == list(range(11))
    assert classifier.history_[6].train_loss < loss
    with pytest.raises(EstimatorError, match="a warm start expects those before"):
        classifier.fit(X[y < 9], y[y < 9])
    assert classifier.set_params(warm_start=False).fit(X, y).n_iter_ == 5


def test_partial_fits_add_up(digits):
    X, y, others, answers = digits
    classifier = DenseClassifier((30,), learning_rate=0.01, random_state=0)
    with pytest.raises(EstimatorError, match="expects all classes, found none given; pass classes"):
        classifier.partial_fit(X, y)
    for _ in range(10):
        for start in range(0, 600, 200):
            rows = slice(start, start + 200)
            classifier.partial_fit(X[rows], y[rows], classes=np.arange(10))
    assert classifier.n_iter_ == 30
    assert classifier.engine_ == f"{LITTLE}, float64"  # as the first time: another dtype would round the weights
    assert classifier.score(others, answers) > 0.85
    with pytest.raises(EstimatorError, match="y holds 11, expected one of the classes"):
        classifier.partial_fit(X, np.full(600, 11))


def test_a_fit_that_failed_leaves_nothing_of_the_one_before(digits):
    X, y, *_ = digits
    classifier = DenseClassifier((5,), epochs=1).fit(X, y).set_params(optimiser="adm")
    with pytest.raises(EstimatorError, match="did you mean 'adam'"):
        classifier.fit(X, y)
    with pytest.raises(NotFittedError):
        classifier.predict(X)
    assert classifier.set_params(optimiser="adam").fit(X, y).n_iter_ == 1


def test_layers_of_ones_own_are_trained_in_parts_too(digits):
    X, y, *_ = digits
    layers = [Flatten(), Dense(10, "softmax")]
    assert NetworkClassifier(layers).partial_fit(X, y, np.arange(10)).n_iter_ == 1
    assert not hasattr(NetworkClassifier(layers, optimiser="bfgs"), "partial_fit")


def test_it_works_in_scikit_learns_tools(digits, fitted):
    X, y, others, answers = digits
    pipeline = make_pipeline(MinMaxScaler(), DenseClassifier(epochs=10, learning_rate=0.01, random_state=0))
    grid = {"denseclassifier__hidden_layer_sizes": [(5,), (40,)]}
    search = GridSearchCV(pipeline, grid, n_jobs=2, cv=2, error_score="raise").fit(X, y)
    assert search.best_params_ == {"denseclassifier__hidden_layer_sizes": (40,)}
    assert search.score(others, answers) > 0.85
    assert cross_val_score(fitted, X, y, cv=3, error_score="raise").min() > 0.8
    calibrated = CalibratedClassifierCV(clone(fitted), cv=2).fit(X, y)
    assert calibrated.score(others, answers) > 0.85


def test_it_is_kept_by_pickle_and_joblib_and_shown_as_html(digits, fitted, tmp_path):
    others = digits[2]
    joblib.dump(fitted, tmp_path / "kept.joblib")
    for kept in (pickle.loads(pickle.dumps(fitted)), joblib.load(tmp_path / "kept.joblib")):
        assert np.array_equal(kept.predict_proba(others), fitted.predict_proba(others))
    assert "hidden_layer_sizes" in fitted._repr_html_()
    conv = NetworkClassifier(Network((8, 8, 1), SMALL))
    assert clone(conv).network == conv.network


def test_weights_too_large_to_compute_with_are_refused_and_not_answered(digits, fitted):
    huge = clone(fitted).set_params(epochs=1).fit(*digits[:2])
    huge.parameters_ = {name: np.sign(values) * 1e300 for name, values in huge.parameters_.items()}
    with pytest.raises(EstimatorError, match="the outputs are NaN or infinite for 300 of 300 images"):
        huge.predict(digits[2])


def test_it_becomes_a_model_that_is_saved_and_read(digits, fitted, tmp_path):
    others = digits[2]
    fitted.to_model().save(tmp_path / "digits.inkling")
    model = load(tmp_path / "digits.inkling")
    np.testing.assert_allclose(model.predict_proba(others), fitted.predict_proba(others), atol=1e-5)
    assert model.class_names == tuple("0123456789")
    assert model.training["epochs"] == 15


@pytest.mark.parametrize("scale", [255, 1])
def test_its_model_classifies_pictures_as_it_does_arrays(tmp_path, scale):
    few = inklings.open_dataset("digits").take(range(0, 5000, 10))
    X = np.round(255 * few.images.clip(0, 1)[..., 0]).astype(np.uint8)
    classifier = DenseClassifier((20,), epochs=10, random_state=0).fit(X[::2] / (255 / scale), few.labels[::2])
    classifier.to_model().save(tmp_path / "mine.inkling")
    for number in (1, 301):
        Image.fromarray(X[number]).save(tmp_path / f"{number}.png")
    answers = predict_pictures(load(tmp_path / "mine.inkling"), [tmp_path / "1.png", tmp_path / "301.png"])
    expected = classifier.predict_proba(X[[1, 301]] / (255 / scale))
    found = [answer for _, answer in answers]
    assert [answer.probability for answer in found] == pytest.approx(expected.max(1).tolist(), abs=1e-3)
    assert [answer.class_name for answer in found] == list(map(str, expected.argmax(1)))


def test_light_paper_is_said_and_left_to_whoever_passes_it(digits):
    X, y, *_ = digits
    few = NetworkClassifier("softmax", epochs=2, random_state=0)
    few.fit(X.reshape(-1, 8, 8), y)
    with pytest.warns(inklings.DataWarning, match="light background.* pass 1 - X"):
        few.fit(1 - X.reshape(-1, 8, 8), y)
    few.fit(1 - X, y)  # features in a row may be anything


def test_early_stopping_keeps_the_best_epoch(digits):
    X, y, *_ = digits
    classifier = DenseClassifier((30,), learning_rate=0.05, early_stopping=2, random_state=1).fit(X, y)
    assert classifier.n_iter_ < 200
    with pytest.raises(EstimatorError, match="found no validation images"):
        classifier.set_params(validation_fraction=None).fit(X, y)


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"network": "cnn3"}, "unknown network 'cnn3'; did you mean"),
        ({"network": 7}, "network is 7, expected a preset's name, a Network or a list of layers"),
        ({"network": "cnn1", "network_settings": {"depth": 2}}, "no setting 'depth'"),
        ({"network": Network((6, 6, 1), (Flatten(), Dense(10, "softmax")))}, r"\(64,\), expected an image of \(6, 6"),
        ({"network": [Flatten(), Dense(3, "softmax")]}, "has 3 outputs, found 10 classes; end it with Dense"),
        ({"network": "mlp", "image_shape": "square"}, "image_shape is 'square', expected"),
        ({"network": "mlp", "image_shape": (7, 7)}, r"expected an image of \(7, 7, 1\)"),
        ({"network": "mlp", "optimiser": "adm"}, "optimiser 'adm' is unknown; did you mean 'adam'"),
        ({"network": "mlp", "engine": "numpi"}, "unknown engine 'numpi'; did you mean 'numpy'"),
        ({"network": "mlp", "validation_fraction": 1.0}, "validation_fraction is 1.0, expected a number below 1"),
    ],
)
def test_impossible_parameters_are_refused_in_one_line(digits, parameters, found):
    with pytest.raises(EstimatorError, match=found) as refusal:
        NetworkClassifier(**parameters).fit(*digits[:2])
    assert isinstance(refusal.value, ValueError)
    assert "\n" not in str(refusal.value)


def test_the_best_preset_learns_as_long_as_the_number_of_images_asks_for(digits):
    X, y, *_ = digits
    images, few = X.reshape(-1, 8, 8, 1), slice(0, 60)
    named = NetworkClassifier("best", network_settings={"filters": 8}, random_state=0)
    trained = named.set_params(epochs=3).fit(images, y)
    assert trained.recipe_.augmentation.stroke > 0  # the classes are called by digits
    fewer = named.set_params(epochs=None, steps=2).fit(images[few], y[few])
    assert fewer.recipe_.epochs == epochs_for(60) > epochs_for(600)


def test_what_makes_no_square_image_is_refused_for_convolutions(digits):
    X, y, *_ = digits
    with pytest.raises(EstimatorError, match="X has 60 features, which make no square image"):
        NetworkClassifier("cnn2").fit(X[:, :60], y)
    wide = NetworkClassifier(list(SMALL), image_shape=(6, 10), epochs=1, engine="numpy").fit(X[:, :60], y)
    assert wide.image_shape_ == (6, 10, 1)


def test_a_training_that_is_lost_says_why(digits):
    X, y, *_ = digits
    with pytest.raises(TrainingDivergedError, match="learning rate"):
        DenseClassifier(optimiser="sgd", learning_rate=1e6, random_state=0).fit(X, y)


def test_settings_of_a_preset_are_parameters_of_a_search(digits):
    X, y = digits[:2]
    grid = {"network_settings__hidden_units": [np.int64(4), 8], "epochs": range(2, 4), "l2": np.logspace(-4, -3, 2)}
    classifier = NetworkClassifier("mlp", batch_size=np.int64(50), random_state=0)
    search = GridSearchCV(classifier, grid, cv=2, error_score="raise").fit(X[:200], y[:200])
    best = search.best_estimator_
    assert best.network_.layers[1].units == search.best_params_["network_settings__hidden_units"]
    assert len(search.cv_results_["params"]) == 8
    assert classifier.network_settings is None


def test_nested_settings_are_read_and_set_beside_those_that_are_there():
    classifier = NetworkClassifier("mlp", network_settings={"dropout": True})
    other = clone(classifier).set_params(network_settings__hidden_units=7, epochs=3)
    assert other.network_settings == {"dropout": True, "hidden_units": 7}
    assert classifier.network_settings == {"dropout": True}
    assert other.get_params()["network_settings__hidden_units"] == 7
    assert "network_settings__dropout" not in classifier.get_params(deep=False)


def test_callbacks_watch_and_stop_and_verbose_shows_progress(digits, capsys):
    X, y = digits[:2]
    seen = []

    def until_the_second(record):
        seen.append(record.epoch)
        return record.epoch == 2

    classifier = DenseClassifier((8,), epochs=50, verbose=True, callbacks=[until_the_second], random_state=0)
    classifier.fit(X[:200], y[:200])
    assert seen == [0, 1, 2]
    assert classifier.n_iter_ == 2
    assert "DenseClassifier: epoch 1/50" in capsys.readouterr().err
    assert clone(classifier).callbacks is not None


def test_tags_say_that_images_of_three_axes_are_taken():
    assert DenseClassifier().__sklearn_tags__().input_tags.three_d_array


def test_ctrl_c_ends_fit_and_keeps_what_was_learnt(digits):
    X, y = digits[:2]

    def interrupt(record):
        if record.epoch == 3:
            signal.raise_signal(signal.SIGINT)

    classifier = DenseClassifier((20,), epochs=10_000, random_state=0, callbacks=[interrupt])
    with pytest.raises(KeyboardInterrupt, match="what was learnt is kept"):
        classifier.fit(X, y)
    assert 3 <= classifier.n_iter_ <= 4
    assert classifier.predict(X[:5]).shape == (5,)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        GridSearchCV(classifier, {"hidden_layer_sizes": [(5,), (6,)]}, cv=2).fit(X, y)
