"""scikit-learn's own checks of what an estimator must do."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from inklings.estimators import DenseClassifier, NetworkClassifier

QUICK = {"epochs": 40, "learning_rate": 0.01}
# Repeating an image moves the others to other batches, and other images are set aside: a training by batches is not
# the same for an image of weight 2 as for the image twice. Where all images are read for every step it is, and the
# last of these classifiers passes that check.
BY_BATCHES = {
    "check_sample_weight_equivalence_on_dense_data": "batches and images set aside are drawn from the rows",
}


def argued(classifier):
    return {} if classifier.optimiser == "lbfgs" else BY_BATCHES


@parametrize_with_checks(
    [
        DenseClassifier((20,), **QUICK),
        NetworkClassifier("mlp", network_settings={"hidden_units": 20}, optimiser="adam", **QUICK),
        DenseClassifier((10,), activation="tanh", optimiser="lbfgs", epochs=60, validation_fraction=None),
    ],
    expected_failed_checks=argued,
)
# Some checks have labels at random, of which there is nothing to learn.
@pytest.mark.filterwarnings("ignore::inklings.errors.TrainingWarning")
def test_the_classifiers_do_what_scikit_learn_expects(estimator, check):
    check(estimator)
