"""What real trainings on the bundled digits are told."""

import pytest

from inklings.evaluation.diagnosis import Kind, Severity, diagnose


def only(history, facts):
    (diagnosis,) = diagnose(history, facts)
    return diagnosis


def test_a_real_plain_mlp_over_fits_and_is_told_so(train_mlp):
    facts, history = train_mlp(hidden_units=100, epochs=150)
    found = only(history, facts)
    assert (found.kind, found.severity) == (Kind.OVER_FITTING, Severity.WARNING)
    assert found.command == "inklings train mlp --data digits --hidden-units 100 --epochs 150 --dropout"


def test_a_real_mlp_with_dropout_is_not_scolded(train_mlp):
    facts, history = train_mlp(hidden_units=100, epochs=150, dropout=True)
    found = only(history, facts)
    assert (found.kind, found.severity) == (Kind.HEALTHY, Severity.FINE)
    assert found.command == "inklings compare mlp --data digits --repeats 5"


@pytest.mark.parametrize(
    ("rate", "kind"),
    [(1.0, Kind.RATE_TOO_HIGH), (10.0, Kind.RATE_TOO_HIGH), (1e-4, Kind.RATE_TOO_LOW), (1e-6, Kind.RATE_TOO_LOW)],
)
def test_a_real_mlp_with_a_wrong_learning_rate_is_told_the_usual_one(train_mlp, rate, kind):
    facts, history = train_mlp(hidden_units=100, epochs=15, rate=rate)
    found = only(history, facts)
    assert found.kind is kind
    assert found.command.endswith("--learning-rate 0.01 --epochs 15")


def test_a_real_network_of_two_units_under_fits(train_mlp):
    facts, history = train_mlp(hidden_units=2, epochs=80)
    found = only(history, facts)
    assert found.kind is Kind.UNDER_FITTING
    assert found.command == "inklings train mlp --data digits --hidden-units 4 --epochs 80"


def test_a_real_training_on_few_images_over_fits(train_mlp):
    facts, history = train_mlp(hidden_units=100, epochs=80, images=275)
    assert only(history, facts).kind is Kind.OVER_FITTING


@pytest.mark.slow
@pytest.mark.parametrize(("dropout", "kind"), [(False, Kind.OVER_FITTING), (True, Kind.HEALTHY)])
def test_the_experiments_own_mlp_over_fits_plain_and_not_with_dropout(train_mlp, dropout, kind):
    facts, history = train_mlp(epochs=500, dropout=dropout)
    assert only(history, facts).kind is kind
