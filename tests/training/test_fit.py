from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from inklings import Augmentation, BatchNorm, Conv2D, Dense, Flatten, MaxPool2D, Network, NetworkError, from_arrays
from inklings.engines import get_engine
from inklings.engines.randomness import batch_order
from inklings.errors import DataError, RecipeError, RunError
from inklings.networks import initial_parameters
from inklings.training import PRESETS, Callback, Checkpoint, Recipe, Schedule, StopReason, best_record, fit, preset
from inklings.training.optimisers import build_optimiser
from inklings.training.recipe import OPTIMISERS, STEP_OPTIMISERS


class Diary(Callback):
    """Writes down what it is told."""

    def __init__(self):
        self.told = []

    def on_start(self, network, recipe, epochs):
        self.told.append(f"start {epochs}")

    def on_epoch_end(self, row):
        self.told.append(row.epoch)

    def on_end(self):
        self.told.append("end")


def same_but_seconds(one, other, rtol=0.0):
    assert len(one) == len(other)
    for mine, yours in zip(one, other, strict=True):
        mine, yours = mine.to_dict(), yours.to_dict()
        for key in mine.keys() - {"seconds"}:
            if rtol and mine[key] is not None:
                np.testing.assert_allclose(mine[key], yours[key], rtol=rtol, err_msg=key)
            else:
                assert mine[key] == yours[key], key


def test_every_epoch_has_a_row_and_epoch_0_is_before_training(network, recipe, split, engine):
    result = fit(network, recipe, split, engine=engine)
    assert result.stop_reason is StopReason.FINISHED
    assert result.message == ""
    assert result.engine == f"{engine}, {get_engine(engine).dtype}"
    assert [row.epoch for row in result.history] == [0, 1, 2, 3, 4]
    assert [row.step for row in result.history] == [0, 11, 22, 33, 44]
    assert all(one.seconds < other.seconds for one, other in pairwise(result.history))
    first, *rest = result.history
    assert first.loss is None
    assert first.learning_rate is None
    assert all(row.learning_rate == 0.05 for row in rest)
    assert result.history[-1].train_loss < first.train_loss
    assert result.best_epoch == best_record(result.history).epoch


def test_rows_tell_what_the_parameters_do(network, recipe, split, engine):
    result = fit(network, recipe, split, engine=engine)
    network.check_parameters(result.parameters)
    for part in ("train", "validation"):
        images, labels = getattr(split, part).images, getattr(split, part).labels
        outputs = get_engine("numpy").predict(network, result.parameters, images)
        expected = -np.log(outputs[np.arange(len(labels)), labels]).mean()
        assert getattr(result.history[-1], f"{part}_loss") == pytest.approx(expected, rel=1e-5)
        assert getattr(result.history[-1], f"{part}_accuracy") == pytest.approx((outputs.argmax(1) == labels).mean())


def test_training_begins_with_the_seeds_initial_weights(network, split, engine):
    recipe = Recipe("sgd", 1e-12, epochs=1, seed=3)
    parameters = fit(network, recipe, split, engine=engine).parameters
    for name, value in initial_parameters(network, 3).items():
        np.testing.assert_allclose(parameters[name], value, atol=1e-6)


def test_both_engines_draw_the_same_curve(network, recipe, split):
    one, other = (fit(network, recipe, split, engine=engine) for engine in ("numpy", "jax"))
    same_but_seconds(one.history, other.history, rtol=1e-4)


def test_the_same_seed_gives_the_same_and_another_seed_another_training(network, recipe, split, engine):
    one, again = (fit(network, recipe, split, engine=engine) for _ in range(2))
    other = fit(network, recipe.with_settings(seed=6), split, engine=engine)
    same_but_seconds(one.history, again.history, rtol=0 if engine == "numpy" else 1e-5)
    assert one.history[-1].train_loss != other.history[-1].train_loss


def test_a_seed_gives_the_curve_it_has_always_given(network, recipe, split, engine):
    # Measured before weights and order could have seeds of their own: stored runs are repeated by their seed.
    expected = [1.239195, 0.912734, 0.689643, 0.482897, 0.343078]
    curve = [row.validation_loss for row in fit(network, recipe, split, engine=engine).history]
    assert curve == pytest.approx(expected, abs=1e-5)
    named = fit(network, recipe.with_settings(order_seed=recipe.seed), split, engine=engine)
    assert [row.validation_loss for row in named.history] == pytest.approx(expected, abs=1e-5)


def test_another_order_seed_starts_from_the_same_weights_and_learns_otherwise(network, recipe, split, engine):
    one = fit(network, recipe, split, engine=engine)
    shuffled = fit(network, recipe.with_settings(order_seed=6), split, engine=engine)
    assert shuffled.history[0].validation_loss == one.history[0].validation_loss
    assert shuffled.history[1].loss != one.history[1].loss
    redrawn = fit(network, recipe.with_settings(seed=6, order_seed=5), split, engine=engine)
    assert redrawn.history[0].validation_loss != one.history[0].validation_loss


def test_weights_follow_the_seed_and_order_and_masks_the_order_seed(network, split):
    recipe = Recipe("sgd", 0.05, batch_size=10, epochs=1, seed=5, order_seed=8)
    fitted = fit(network, recipe, split, engine="numpy")
    start, order = initial_parameters(network, 5), batch_order(8, 1, len(split.train), 10)
    engine = get_engine("numpy")
    session = engine.session(
        network, recipe.objective(network, split.train.labels), build_optimiser(recipe), start, seed=8
    )
    session.train(split.train.images, split.train.labels, order, np.full(len(order), 0.05), 0, lambda: False)
    for name, value in session.parameters.items():
        np.testing.assert_array_equal(fitted.parameters[name], value)


@pytest.mark.parametrize("optimiser", STEP_OPTIMISERS)
def test_every_optimiser_learns_the_dots(optimiser, plain, split, engine):
    result = fit(plain, Recipe(optimiser, 0.02, batch_size=3, epochs=8), split, engine=engine)
    assert result.history[-1].validation_accuracy > 0.75 > result.history[0].validation_accuracy


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("beside", [{"epochs": 3}, {"steps": 3, "l2": 0.01}])
def test_a_recipe_knows_which_of_its_settings_change_the_training(optimiser, beside, plain, split):
    recipe = Recipe(optimiser, 0.02, batch_size=10, **beside)
    changes = {"learning_rate": 0.03, "schedule": Schedule("cosine"), "momentum": 0.3, "weight_decay": 0.3}
    changes |= {"batch_size": 20, "epochs": 2, "regularise": "hidden", "label_smoothing": 0.1, "order_seed": 9}
    loss = fit(plain, recipe, split, engine="numpy").history[-1].train_loss
    for setting, value in changes.items():
        changed = fit(plain, replace(recipe, **{setting: value}), split, engine="numpy")
        assert (changed.history[-1].train_loss != loss) == recipe.uses(setting), setting


def test_the_loss_of_a_row_is_the_mean_objective_of_its_epochs_batches(split, engine):
    """With one batch an epoch and hardly a step, the objective is the loss of all training images."""
    network = Network((6, 6, 1), (Flatten(), Dense(3, "softmax")))
    for reduction in ("mean", "sum"):
        recipe = Recipe("sgd", 1e-9, batch_size=110, epochs=2, reduction=reduction)
        rows = fit(network, recipe, split, engine=engine).history
        assert rows[1].loss == pytest.approx(rows[0].train_loss, rel=1e-5)
    penalised = fit(network, recipe.with_settings(reduction="mean", l2=0.5), split, engine=engine)
    weights = initial_parameters(network, 0)["dense_1/weights"]
    expected = rows[0].train_loss + 0.5 * (weights**2).sum()
    assert penalised.history[1].loss == pytest.approx(expected, rel=1e-5)
    assert penalised.history[0].train_loss == pytest.approx(rows[0].train_loss)


def test_steps_end_within_an_epoch(network, split, engine):
    result = fit(network, Recipe(batch_size=10, steps=25), split, engine=engine)
    assert [row.step for row in result.history] == [0, 11, 22, 25]
    assert result.stop_reason is StopReason.FINISHED


def test_the_learning_rate_follows_the_schedule_over_all_steps(network, split, engine):
    recipe = Recipe("sgd", 0.1, schedule=Schedule("linear"), batch_size=10, epochs=3)
    rates = [row.learning_rate for row in fit(network, recipe, split, engine=engine).history[1:]]
    np.testing.assert_allclose(rates, [0.1 * (1 - step / 32) for step in (10, 21, 32)], atol=1e-12)


def test_a_batch_larger_than_the_training_set_is_all_of_it(network, split):
    result = fit(network, Recipe(batch_size=5000, epochs=3, reduction="sum"), split, engine="numpy")
    assert [row.step for row in result.history] == [0, 1, 2, 3]
    assert result.history[1].loss == pytest.approx(result.history[0].train_loss, rel=0.5)


def test_augmentation_changes_what_is_trained_on_but_not_what_is_measured(network, recipe, split, engine):
    plain, varied = (
        fit(network, recipe.with_settings(augmentation=Augmentation(shift=shift), epochs=1), split, engine=engine)
        for shift in (0, 2)
    )
    assert plain.history[0].train_loss == pytest.approx(varied.history[0].train_loss)
    assert plain.history[1].loss != pytest.approx(varied.history[1].loss, rel=1e-3)


@pytest.mark.parametrize(("engine", "channels", "classes"), [("numpy", 1, 4), ("auto", 3, 2)])
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_trains_on_other_images_and_classes(name, engine, channels, classes, dots):
    split = dots(120, classes, channels).split()
    plan = preset(name, split.dataset.image_shape, classes)
    length = {"epochs": 3} if plan.recipe.is_full_batch else {"steps": 3}
    result = fit(plan.network, plan.recipe.with_settings(**length), split, engine=engine)
    assert result.history[-1].step == 3
    assert np.isfinite([row.validation_loss for row in result.history]).all()


def test_classes_that_are_words_are_learnt_like_numbers(dots):
    numbers = dots(100, 2)
    words = from_arrays(numbers.images, np.array(["circle", "square"])[numbers.labels])
    network = Network((6, 6, 1), (Flatten(), Dense(2, "softmax")))
    result = fit(network, Recipe("sgd", 0.3, batch_size=10, epochs=10), words.split(), engine="numpy")
    assert result.history[-1].validation_accuracy > 0.75


def test_a_handful_of_images_is_enough_to_train(dots):
    split = dots(12, 2).split(test=4, validation=2)
    network = Network((6, 6, 1), (Flatten(), Dense(2, "softmax")))
    result = fit(network, Recipe(epochs=2), split, engine="numpy")
    assert [row.step for row in result.history] == [0, 1, 2]


def test_batch_normalisation_keeps_its_running_averages(split, engine):
    network = Network((6, 6, 1), (Flatten(), Dense(8), BatchNorm(), Dense(3, "softmax")))
    result = fit(network, Recipe("sgd", 0.1, batch_size=10, epochs=5), split, engine=engine)
    assert np.abs(result.parameters["batchnorm_1/mean"]).max() > 0.01
    assert result.history[-1].validation_loss < result.history[0].validation_loss


def test_images_of_another_shape_are_refused_with_both_shapes(network, recipe, dots):
    with pytest.raises(NetworkError, match=r"expects images of \(6, 6, 1\), found \(6, 6, 3\)"):
        fit(network, recipe, dots(60, 3, 3).split())


def test_another_number_of_classes_is_refused_with_both_numbers(network, recipe, dots):
    with pytest.raises(NetworkError, match=r"has 3 outputs, found 4 classes; end it with Dense\(4, 'softmax'\)"):
        fit(network, recipe, dots(60, 4).split())


def test_a_loss_that_does_not_suit_and_an_unknown_engine_are_refused(network, recipe, split):
    with pytest.raises(RecipeError, match="expects sigmoid as the last activation"):
        fit(network, recipe.with_settings(loss="binary_crossentropy"), split)
    with pytest.raises(RecipeError, match="did you mean 'native'"):
        fit(network, recipe, split, engine="nativ")


def test_callbacks_see_the_start_every_row_and_the_end(network, recipe, split, engine):
    diary = Diary()
    fit(network, recipe, split, engine=engine, callbacks=[diary])
    assert diary.told == ["start 4", 0, 1, 2, 3, 4, "end"]


def test_a_callback_stops_training_after_the_batch(network, recipe, split, engine):
    class Impatient(Callback):
        asked = 0

        def should_stop(self):
            self.asked += 1
            return self.asked == 3  # said once only

    result = fit(network, recipe.with_settings(epochs=5000), split, engine=engine, callbacks=[Impatient()])
    assert result.stop_reason is StopReason.INTERRUPTED
    assert result.history[-1].epoch < 10
    assert "steps; what was learnt is kept" in result.message


def test_what_a_callback_raises_comes_out_after_the_others_were_told_of_the_end(network, recipe, split, engine):
    class Clumsy(Diary):
        def on_epoch_end(self, row):
            super().on_epoch_end(row)
            if row.epoch == 2:
                raise OSError("disk full")

    before, clumsy, after = Diary(), Clumsy(), Diary()
    with pytest.raises(OSError, match="disk full"):
        fit(network, recipe, split, engine=engine, callbacks=[before, clumsy, after])
    assert before.told == ["start 4", 0, 1, 2, "end"]
    assert clumsy.told == ["start 4", 0, 1, 2, "end"]
    assert after.told == ["start 4", 0, 1, "end"]


def test_early_stopping_takes_the_best_epochs_parameters(dots, engine):
    split = dots(90, 3, noise=1.2).split()
    network = Network((6, 6, 1), (Flatten(), Dense(40, "relu"), Dense(3, "softmax")))
    recipe = Recipe("sgd", 0.3, batch_size=10, epochs=200, early_stopping=5)
    result = fit(network, recipe, split, engine=engine)
    assert result.stop_reason is StopReason.EARLY
    best = best_record(result.history)
    assert result.history[-1].epoch == best.epoch + 5
    kept = get_engine("numpy").evaluate(
        network,
        recipe.objective(network, split.train.labels),
        result.parameters,
        split.validation.images,
        split.validation.labels,
    )
    assert kept.loss == pytest.approx(best.validation_loss, rel=1e-5)
    assert kept.loss < result.history[-1].validation_loss


def test_without_early_stopping_the_last_parameters_are_kept(dots, engine):
    split = dots(90, 3, noise=1.2).split()
    network = Network((6, 6, 1), (Flatten(), Dense(40, "relu"), Dense(3, "softmax")))
    recipe = Recipe("sgd", 0.3, batch_size=10, epochs=40)
    result = fit(network, recipe, split, engine=engine)
    assert result.best_epoch < 40
    kept = get_engine("numpy").evaluate(
        network,
        recipe.objective(network, split.train.labels),
        result.parameters,
        split.validation.images,
        split.validation.labels,
    )
    assert kept.loss == pytest.approx(result.history[-1].validation_loss, rel=1e-5)


def test_nothing_is_printed(network, recipe, split, engine, capfd):
    fit(network, recipe, split, engine=engine)
    assert capfd.readouterr() == ("", "")


def test_convolutional_networks_take_steps_too(split, engine):
    network = Network((6, 6, 1), (Conv2D(4, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(3, "softmax")))
    result = fit(network, Recipe(learning_rate=0.02, batch_size=10, epochs=6), split, engine=engine)
    assert result.history[-1].validation_accuracy > 0.75


def test_images_that_were_not_divided_are_refused():
    dataset = from_arrays(np.zeros((4, 8, 8), np.uint8), [0, 1, 0, 1])
    with pytest.raises(DataError, match="fit got a Dataset, expected a Split"):
        fit(Network((8, 8, 1), (Flatten(), Dense(2, "softmax"))), Recipe(), dataset)


def test_weights_enter_training_alike_in_both_engines(split, plain):
    weights = np.random.default_rng(0).random(len(split.dataset)) * np.where(split.dataset.labels == 0, 0.0, 2.0)
    weighted = replace(split, dataset=replace(split.dataset, weights=weights))
    recipe = Recipe("nesterov", 0.05, batch_size=10, epochs=4)
    result = [fit(plain, recipe, weighted, engine=engine) for engine in ("numpy", "jax")]
    same_but_seconds(result[0].history, result[1].history, rtol=1e-3)
    assert result[0].history[-1].train_accuracy < 0.7 < fit(plain, recipe, split).history[-1].train_accuracy


def test_training_needs_no_validation_and_no_test_images(split, network, plain, recipe):
    whole = split.dataset.split(test=None, validation=None)
    assert len(whole.train) == 200
    for optimiser in ("nesterov", "lbfgs"):
        chosen = recipe.with_settings(optimiser=optimiser)
        result = fit(plain, chosen, whole, engine="numpy")
        assert result.stop_reason is StopReason.FINISHED
        assert np.isnan([row.validation_loss for row in result.history]).all()
        assert result.best_epoch == 4
    with pytest.raises(RecipeError, match="found no validation images; set some aside"):
        fit(network, recipe.with_settings(early_stopping=2), whole)


def test_training_starts_where_it_is_told_to(split, plain, recipe):
    for optimiser in ("nesterov", "lbfgs"):
        chosen = recipe.with_settings(optimiser=optimiser)
        first = fit(plain, chosen, split, engine="numpy")
        second = fit(plain, chosen, split, engine="numpy", start=first.parameters)
        assert second.history[0].train_loss == pytest.approx(first.history[-1].train_loss)
        assert second.history[-1].train_loss < first.history[-1].train_loss
    with pytest.raises(NetworkError, match="no 'dense_1/weights'"):
        fit(plain, recipe, split, start={})


def test_a_checkpoint_belongs_to_its_start(split, plain, recipe, tmp_path):
    file = tmp_path / "checkpoint.safetensors"
    start = initial_parameters(plain, 9)

    class Stop(Callback):
        def should_stop(self):
            return True

    fit(plain, recipe, split, engine="numpy", start=start, callbacks=[Stop()], checkpoints=file)
    resume = Checkpoint.load(file)
    with pytest.raises(RunError):
        fit(plain, recipe, split, engine="numpy", resume=resume)
    went_on = fit(plain, recipe, split, engine="numpy", start=start, resume=resume)
    same_but_seconds(went_on.history, fit(plain, recipe, split, engine="numpy", start=start).history)


@pytest.mark.parametrize(
    ("engine", "optimiser"),
    [(engine, optimiser) for engine in ("numpy", "auto") for optimiser in ("nesterov", "adam")] + [("jax", "adam")],
)
def test_the_optimiser_goes_on_with_the_state_it_is_given(split, plain, recipe, engine, optimiser):
    """Two epochs and two from there are not those without the memory of the first two."""
    recipe = recipe.with_settings(optimiser=optimiser, epochs=2)
    first = fit(plain, recipe, split, engine=engine)
    assert first.state
    afresh = fit(plain, recipe, split, engine=engine, start=first.parameters)
    onward = fit(plain, recipe, split, engine=engine, start=first.parameters, state=first.state)
    assert onward.history[0].train_loss == afresh.history[0].train_loss
    assert onward.history[1].train_loss != afresh.history[1].train_loss
    # With all images in each step nothing is drawn: two halves are the whole.
    whole = recipe.with_settings(batch_size=1000, epochs=4)
    half = whole.with_settings(epochs=2)
    first = fit(plain, half, split, engine=engine)
    second = fit(plain, half, split, engine=engine, start=first.parameters, state=first.state)
    expected = fit(plain, whole, split, engine=engine).history
    assert [row.train_loss for row in second.history] == pytest.approx(
        [row.train_loss for row in expected[2:]], rel=1e-5
    )
