"""What is trained in a time, on a machine whose speed is known and, at the end, on this one."""

import pytest

from inklings import RecipeError, preset
from inklings.costs.budget import ENOUGH, LEAST_STEPS, afford
from inklings.costs.timing import PartTimes
from inklings.costs.workload import Workload, step_operations
from inklings.training.step_count import StepCount

IMAGES = (400, 100, 100)


def measure(workload):
    """The parts of a training on a machine of 10 Gflop/s."""
    of_an_image = workload.network.operations
    step = step_operations(workload.network) * workload.step_count.batch_size
    return PartTimes(0.0, 0.001, step / 1e10, of_an_image * sum(workload.images) / 1e10)


def chosen(plans, seconds, **settings):
    return afford(plans, IMAGES, seconds, measure=measure, **settings)


def narrower(*filters):
    return [preset("best", (12, 12, 1), 5, filters=each).with_recipe(epochs=50, batch_size=20) for each in filters]


def seconds_of(plan, images=IMAGES):
    """How long a training takes on that machine, with a last look at all images."""
    workload = Workload(plan.network, plan.recipe, images[:2])
    parts = measure(workload)
    return parts.total(workload) + parts.epoch * sum(images) / sum(images[:2])


WIDEST = narrower(32)[0]
WHOLE = seconds_of(WIDEST)


@pytest.mark.parametrize("seconds", ["", "5", None, -1, 0, True, float("nan"), float("inf")])
def test_a_budget_that_is_no_time_is_refused(seconds):
    with pytest.raises(RecipeError, match=f"budget is {seconds!r}, expected a number of seconds above 0"):
        chosen([WIDEST], seconds)


@pytest.mark.parametrize("plans", ["mlp", "", [], None, 3, [WIDEST, "mlp"]])
def test_what_is_no_plan_is_refused(plans):
    with pytest.raises(RecipeError, match=r"afford: candidates is .*, expected a plan or several; such as"):
        chosen(plans, 5.0)


@pytest.mark.parametrize("images", ["abc", None, 3, (1, 2), (0, 1, 1), (True, 1, 1), (1.5, 1, 1), (1, -1, 1)])
def test_numbers_of_images_that_are_none_are_refused(images):
    with pytest.raises(RecipeError, match=r"afford: images is .*, expected how many training, validation and test"):
        afford(WIDEST, images, 5.0, measure=measure)


def test_a_training_that_fits_is_left_as_it_is():
    found = chosen(narrower(32, 8), 1.1 * WHOLE)
    assert found.plan == WIDEST
    assert found.share == 1
    assert found.seconds == pytest.approx(WHOLE)


@pytest.mark.parametrize("trainings", [1, 2, 5])
def test_several_trainings_share_the_time(trainings):
    found = chosen(narrower(32, 16, 8), trainings * 0.6 * WHOLE, trainings=trainings)
    alone = chosen(narrower(32, 16, 8), 0.6 * WHOLE)
    assert found.plan == alone.plan
    assert found.seconds == pytest.approx(trainings * alone.seconds)
    with pytest.raises(RecipeError, match=r"budget is 0\.01 s, expected at least"):
        chosen([WIDEST], 0.01, trainings=trainings)


@pytest.mark.parametrize("trainings", [0, -1, 1.5, "two", True, None])
def test_a_number_of_trainings_that_is_none_is_refused(trainings):
    with pytest.raises(RecipeError, match=f"trainings is {trainings!r}, expected a whole number of at least 1"):
        chosen([WIDEST], 5.0, trainings=trainings)


@pytest.mark.parametrize("part", [0.9, 0.6, 0.3])
def test_less_time_is_for_fewer_epochs_of_the_widest_as_many_as_fit(part):
    found = chosen(narrower(32, 16, 8), part * WHOLE)
    assert found.plan.network == WIDEST.network
    assert found.seconds == pytest.approx(seconds_of(found.plan))
    assert 0.85 * part * WHOLE < found.seconds <= part * WHOLE
    one_more = found.plan.with_recipe(epochs=found.plan.recipe.epochs + 1)
    assert seconds_of(one_more) > 0.95 * part * WHOLE


def test_where_the_widest_would_get_too_few_epochs_the_widest_that_gets_enough_is_taken():
    found = chosen(narrower(32, 16, 8), 0.12 * WHOLE)
    assert found.plan.network == narrower(16)[0].network
    assert found.share >= ENOUGH


def test_where_none_gets_enough_the_one_that_gets_most_is_taken():
    found = chosen(narrower(32, 16, 8), 0.01 * WHOLE)
    assert found.plan.network == narrower(8)[0].network
    assert found.share < ENOUGH


def test_what_cannot_get_enough_is_not_even_timed():
    timed = []

    def counted(workload):
        timed.append(workload.network)
        return measure(workload)

    afford(narrower(32, 24, 16, 8), IMAGES, 0.02 * WHOLE, measure=counted)
    assert timed == [narrower(32)[0].network, narrower(8)[0].network]


def test_where_measuring_takes_long_the_others_are_estimated_from_the_first():
    timed, spent = [], iter([0.0, 0.2 * WHOLE, 0.2 * WHOLE, 0.2 * WHOLE, 0.2 * WHOLE])

    def slowly(workload):
        timed.append(workload.network)
        return measure(workload)

    found = afford(narrower(32, 8), IMAGES, 0.3 * WHOLE, elapsed=lambda: next(spent), measure=slowly)
    assert timed == [WIDEST.network]
    assert found.plan.network == narrower(8)[0].network


def test_time_that_is_spent_already_counts():
    early, late = (chosen([WIDEST], WHOLE / 2, elapsed=lambda spent=spent: spent) for spent in (0, WHOLE / 4))
    assert late.share == pytest.approx(early.share / 2, rel=0.1)


def test_less_than_an_epoch_is_a_number_of_steps():
    plan, many = narrower(8)[0], (50_000, 10, 10)
    seconds = seconds_of(plan.with_recipe(epochs=1), many)
    found = afford([plan], many, 0.8 * seconds, measure=measure)
    assert LEAST_STEPS <= found.plan.recipe.steps < StepCount(plan.recipe, many[0]).steps_per_epoch
    assert found.seconds == pytest.approx(seconds_of(found.plan, many))


def test_too_little_time_is_refused_with_the_least_that_there_is_something_to_do_in():
    with pytest.raises(RecipeError, match=r"budget is 0\.001 s, expected at least 1 s for 400 images of 12 x") as error:
        chosen(narrower(32, 8), 1e-3)
    assert chosen(narrower(32, 8), error.value.expected).plan.recipe


def test_other_networks_and_full_batches_get_fewer_epochs_too():
    for plan in (preset("mlp", (12, 12, 1), 5, hidden_units=50), preset("naive", (12, 12, 1), 5)):
        found = chosen([plan], seconds_of(plan) / 2)
        assert found.plan.network == plan.network
        assert 0.4 * plan.recipe.epochs <= found.plan.recipe.epochs < 0.6 * plan.recipe.epochs


def test_a_budget_shorter_than_a_look_at_the_clock_is_refused_as_any_that_is_too_short():
    with pytest.raises(RecipeError, match="budget is 1e-09 s, expected at least"):
        afford(preset("softmax", (12, 12, 1), 5), IMAGES, 1e-9)


def test_on_this_machine_more_time_is_for_more():
    shares = [afford(narrower(8), IMAGES, seconds).share for seconds in (30.0, 600.0)]
    assert 0 < shares[0] <= shares[1] == 1
