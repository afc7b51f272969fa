from math import inf
from time import perf_counter

import pytest

from inklings.search.budget import Budget
from inklings.search.trial import State, Trial


def trial(state, seconds, epochs):
    curve = (1.0,) * (epochs + 1)
    return Trial(0, 0, 0, {}, 0, state, validation_loss=curve, validation_accuracy=curve, seconds=seconds)


def test_without_a_limit_there_is_no_end():
    budget = Budget(None, perf_counter(), 3)
    budget.learn([trial(State.FINISHED, 100, 10)])
    assert budget.seconds_left == inf


def test_time_is_kept_for_the_test_images_as_the_slowest_that_may_be_chosen_takes():
    budget = Budget(1000, perf_counter(), 3)
    budget.learn([trial(State.FINISHED, 100, 10), trial(State.FINISHED, 50, 10), trial(State.PRUNED, 900, 1)])
    assert budget.kept == pytest.approx(3 * 10, abs=0.1)
    assert 900 < budget.seconds_left < 970


def test_at_most_half_of_the_time_is_kept():
    budget = Budget(10, perf_counter(), 3)
    budget.learn([trial(State.FINISHED, 100, 10)])
    assert budget.kept == 5


def test_what_the_caller_needs_is_kept_as_well_up_to_half_of_all():
    assert Budget(100, 0.0, evaluations=0, reserved=3.0).kept == 3
    assert Budget(4, 0.0, evaluations=0, reserved=3.0).kept == 2
