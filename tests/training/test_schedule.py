import numpy as np
import pytest

from inklings import RecipeError
from inklings.training import Schedule


def test_constant_is_one_throughout():
    np.testing.assert_array_equal(Schedule().factors(0, 5, 5), 1)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Schedule("linear"), [1, 0.75, 0.5, 0.25, 0]),
        (Schedule("linear", final=0.2), [1, 0.8, 0.6, 0.4, 0.2]),
        (Schedule("cosine"), [1, (1 + 0.5**0.5) / 2, 0.5, (1 - 0.5**0.5) / 2, 0]),
        (Schedule("exponential", final=0.0001), [1, 0.1, 0.01, 0.001, 0.0001]),
        (Schedule("linear", warm_up=2), [1 / 3, 2 / 3, 1, 0.5, 0]),
    ],
)
def test_the_factors_follow_the_curve_to_the_final_one(schedule, expected):
    np.testing.assert_allclose(schedule.factors(0, 5, 5), expected, atol=1e-15)


def test_a_part_of_the_steps_has_the_factors_of_the_whole():
    schedule = Schedule("cosine", warm_up=3)
    np.testing.assert_array_equal(schedule.factors(40, 20, 100), schedule.factors(0, 100, 100)[40:60])


def test_a_single_step_is_taken_at_full_rate():
    np.testing.assert_array_equal(Schedule("cosine").factors(0, 1, 1), 1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "cosin"}, "did you mean 'cosine'"),
        ({"kind": ["cosine"]}, "is unknown"),
        ({"final": -0.1}, "final is -0.1, expected a number from 0 to 1"),
        ({"final": 1.1}, "final is 1.1"),
        ({"final": float("nan")}, "final is nan"),
        ({"final": "low"}, "final is 'low'"),
        ({"kind": "exponential", "final": 0}, "final is 0, expected a number above 0 and at most 1"),
        ({"warm_up": -1}, "warm_up is -1"),
        ({"warm_up": 1.5}, "warm_up is 1.5"),
    ],
)
def test_an_impossible_schedule_is_refused(settings, message):
    with pytest.raises(RecipeError, match=message):
        Schedule(**settings)
