import numpy as np
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge

from inklings.findings.left_out import WIDTH, kernel_features, leave_each_out, left_out_scores


def clouds(count=90, seed=0):
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    return (random.normal(0, 1, (count, 6)) + 3 * np.eye(6)[labels]).astype(np.float32), labels


def turned(features):
    variances, directions = np.linalg.eigh((features.T @ features).astype(np.float64))
    return (features @ directions).astype(np.float32), variances


def test_scores_are_those_of_as_many_fits_as_there_are_images():
    """Against scikit-learn's ridge regression, fitted anew without each image."""
    features, labels = clouds()
    targets = (np.eye(3)[labels] - 1 / 3).astype(np.float32)
    rows, variances = turned(features)
    scores = left_out_scores(rows, targets, variances, 2.0, np.ones(90, bool))
    for row in range(0, 90, 7):
        others = np.arange(90) != row
        refit = Ridge(2.0, fit_intercept=False).fit(features[others], targets[others])
        np.testing.assert_allclose(scores[row], refit.predict(features[[row]])[0], atol=1e-4)


def test_images_that_are_not_trusted_are_predicted_and_not_learnt_from():
    features, labels = clouds()
    targets = (np.eye(3)[labels] - 1 / 3).astype(np.float32)
    used = np.arange(90) % 4 != 0
    variances, directions = np.linalg.eigh((features[used].T @ features[used]).astype(np.float64))
    scores = left_out_scores((features @ directions).astype(np.float32), targets, variances, 2.0, used)
    refit = Ridge(2.0, fit_intercept=False).fit(features[used], targets[used])
    np.testing.assert_allclose(scores[~used], refit.predict(features[~used]), atol=1e-4)


def test_with_all_images_as_landmarks_the_kernel_is_exact():
    """Against scikit-learn's kernel ridge regression."""
    features, labels = clouds()
    targets = np.eye(3)[labels].astype(np.float32)
    mapped = kernel_features(features, 90)
    linear = Ridge(0.1, fit_intercept=False).fit(mapped, targets).predict(mapped)
    centred = features - features.mean(0)
    exact = KernelRidge(alpha=0.1, kernel="rbf", gamma=WIDTH / centred.var(0).sum()).fit(centred, targets)
    np.testing.assert_allclose(linear, exact.predict(centred), atol=2e-3)


def test_probabilities_do_not_know_the_images_own_label():
    features, labels = clouds()
    mapped = kernel_features(features)
    honest = leave_each_out(mapped, labels, 3).probabilities
    changed = labels.copy()
    changed[5] = (changed[5] + 1) % 3
    lied = leave_each_out(mapped, changed, 3).probabilities
    # Penalty and temperature are chosen by all labels; which class is the likeliest is not.
    assert honest[5].argmax() == lied[5].argmax() == labels[5]
    np.testing.assert_allclose(honest.sum(1), 1, rtol=1e-6)
