import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from inklings import (
    DataError,
    DataFacts,
    Dense,
    Flatten,
    Network,
    NetworkError,
    Plan,
    Recipe,
    RecipeError,
    RunError,
    compare,
    from_arrays,
    open_dataset,
    plot_curves,
    preset,
    train_ensemble,
)
from inklings.experiments import RunStore, compare_repeatedly
from inklings.experiments.contender_plans import plan_all
from inklings.training import Callback, best_record

KEYS = ["network", "variant", "parameters", "train", "validation", "test", "interval", "best_epoch", "seconds"]
KEYS += ["is_network"]


@pytest.fixture(scope="module")
def split():
    return open_dataset("digits").split(test=0.2, validation=0.6)


@pytest.fixture(scope="module")
def comparison(split):
    return compare(["softmax", "naive"], split, quick=True)


def test_random_weights_come_before_the_naive_networks_own_row(comparison):
    assert [result.title for result in comparison.results] == ["softmax", "naive (random weights)", "naive"]
    random, trained = comparison.results[1:]
    assert random.test < 0.2 < 0.7 < trained.test
    assert random.parameters == trained.parameters == 10_285


@pytest.mark.parametrize("part", ["validation", "test"])
def test_a_split_that_cannot_be_measured_by_is_refused_before_anything_is_trained(split, part):
    lacking = split.dataset.split(**{part: None})
    with pytest.raises(DataError, match=f"the split has no {part} images, expected some to measure by; divide"):
        compare(["softmax"], lacking, watch=lambda plan: pytest.fail("trained"))
    with pytest.raises(DataError, match=f"the split has no {part} images"):
        train_ensemble("softmax", lacking, members=2, watch=lambda plan: pytest.fail("trained"))


def test_a_comparison_is_told_in_one_line(comparison):
    assert repr(comparison) == "<Comparison of softmax, naive on digits>"


def test_a_row_has_its_keys_and_its_interval_holds_the_accuracy(comparison):
    for result in comparison.results:
        row = result.to_dict()
        assert list(row) == KEYS
        low, high = row["interval"]
        assert 0 <= low <= row["test"] <= high <= 1


def test_the_weights_measured_are_those_that_training_gave(comparison):
    for trained in comparison.trained_networks:
        last = trained.fitted.history[-1]
        assert trained.result.train == pytest.approx(last.train_accuracy, abs=2e-3)
        assert trained.result.validation == pytest.approx(last.validation_accuracy, abs=2e-3)


def test_mlp_stands_for_its_variants(split):
    seen = []

    class Stop(Callback):
        def should_stop(self):
            return len(seen) > 3

    def watch(plan):
        seen.append(plan.title)
        return [Stop()]

    compare(["mlp", "softmax"], split, quick=True, watch=watch)
    assert seen == ["mlp (plain)", "mlp (dropout)", "mlp (L2)", "softmax"]


def test_an_interruption_ends_the_comparison_and_keeps_what_there_is(split):
    class Stop(Callback):
        def should_stop(self):
            return True

    comparison = compare(["softmax", "naive"], split, quick=True, watch=lambda plan: [Stop()])
    assert [result.title for result in comparison.results] == ["softmax"]
    assert "softmax: stopped by Stop after" in comparison.problems[0]


def test_a_network_that_diverges_is_told_of_and_the_others_go_on(split, tmp_path):
    (tmp_path / "wild.toml").write_text(
        '[[layers]]\nlayer = "Flatten"\n[[layers]]\nlayer = "Dense"\nunits = 50\nactivation = "relu"\n'
        '[[layers]]\nlayer = "Dense"\nunits = "classes"\nactivation = "softmax"\n'
        '[recipe]\noptimiser = "sgd"\nlearning_rate = 1e30\nepochs = 2\n'
    )
    comparison = compare([str(tmp_path / "wild.toml"), "softmax"], split, quick=True)
    assert [result.title for result in comparison.results] == ["wild", "softmax"]
    assert "wild: the loss is NaN in epoch 1" in comparison.problems[0]
    assert comparison.results[1].test > 0.7


def test_each_run_is_kept(split, tmp_path):
    compare(["softmax"], split, quick=True, store=RunStore(tmp_path))
    (run,) = RunStore(tmp_path).runs()
    assert run.results["test"] > 0.7
    assert best_record(run.history).epoch == run.results["best_epoch"]


def test_networks_adapt_to_other_images_and_classes(split):
    few = split.dataset.labels < 3
    images = split.dataset.images[few][:, 2:16, 1:, :].repeat(3, axis=3)
    data = from_arrays(images, split.dataset.labels[few])
    comparison = compare(["softmax"], data, quick=True)
    assert comparison.trained_networks[0].plan.network.input_shape == (14, 19, 3)
    assert comparison.results[0].test > 0.8


def test_an_unknown_network_is_refused_before_anything_is_trained(split):
    with pytest.raises(NetworkError, match="did you mean 'softmax'"):
        compare(["naive", "sofmax"], split, quick=True, watch=lambda plan: pytest.fail("trained"))


@pytest.mark.parametrize("name", ["hogsvm", "hog_svm"])
def test_a_misspelt_opponent_is_named(split, name):
    with pytest.raises(NetworkError, match=r"no network or opponent is called .*; did you mean .hog-svm"):
        compare(["naive", name], split, quick=True, watch=lambda plan: pytest.fail("trained"))


def test_networks_of_ones_own_take_part_with_the_default_recipe(split):
    sigmoid = Network(split.dataset.image_shape, (Flatten(), Dense(10, "sigmoid")))
    hidden = Network(split.dataset.image_shape, (Flatten(), Dense(30, "relu"), Dense(10, "softmax")))
    comparison = compare([sigmoid, "logistic", hidden], split, quick=True)
    assert [result.title for result in comparison.results] == ["network", "network 2", "logistic"]
    recipes = [trained.plan.recipe for trained in comparison.trained_networks]
    assert recipes == [Recipe(loss="binary_crossentropy"), Recipe()]
    assert min(result.test for result in comparison.results) > 0.8
    assert [plan.network for plan in plan_all(hidden, split)[0]] == [hidden]


def test_a_bare_classifier_is_refused_and_not_passed_over(split):
    with pytest.raises(NetworkError, match=r"LogisticRegression cannot be compared.*inklings.Opponent\(name"):
        compare(["naive", LogisticRegression()], split, quick=True, watch=lambda plan: pytest.fail("trained"))


def test_a_recipe_that_does_not_suit_is_refused_before_the_networks_ahead_of_it_are_trained(split, tmp_path):
    (tmp_path / "odd.toml").write_text(
        '[[layers]]\nlayer = "Flatten"\n[[layers]]\nlayer = "Dense"\nunits = "classes"\nactivation = "sigmoid"\n'
        '[recipe]\noptimiser = "sgd"\nloss = "crossentropy"\n'
    )
    with pytest.raises(RecipeError, match=r"^odd: the loss crossentropy expects softmax"):
        compare(["softmax", str(tmp_path / "odd.toml")], split, watch=lambda plan: pytest.fail("trained"))


def test_a_network_is_checked_once_before_any_is_trained_and_not_again(split):
    checked = []

    class Counting(Recipe):
        def objective(self, network, labels):
            checked.append(self.seed)
            return super().objective(network, labels)

    class Note(Callback):
        def on_epoch_end(self, row):
            checked.append(f"epoch {row.epoch}")

    plans = [Plan(name, "", preset("softmax", (20, 20, 1), 10).network, Counting(steps=2)) for name in ("one", "two")]
    compare(plans, split, seed=7, watch=lambda plan: [Note()])
    measured = 7
    assert checked == [7, 7, *["epoch 0", "epoch 1", measured] * 2]


def test_a_plan_for_other_images_is_refused_before_the_networks_ahead_of_it_are_trained(split):
    with pytest.raises(NetworkError, match=r"^softmax: the network expects images of \(14, 14, 1\)"):
        compare(["naive", preset("softmax", (14, 14, 1), 10)], split, watch=lambda plan: pytest.fail("trained"))


def test_networks_that_a_table_could_not_tell_apart_are_refused(split, tmp_path):
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "net.json").write_text(
            '{"layers": [{"layer": "Flatten"}, {"layer": "Dense", "units": "classes", "activation": "softmax"}]}'
        )
    files = [str(tmp_path / folder / "net.json") for folder in ("one", "other")]
    with pytest.raises(NetworkError, match="two contenders have the names net and net"):
        compare(files, split, watch=lambda plan: pytest.fail("trained"))


def test_one_network_needs_no_list_and_none_is_refused(split):
    assert [result.title for result in compare("softmax", split, quick=True).results] == ["softmax"]
    with pytest.raises(NetworkError, match="no networks, expected at least one"):
        compare([], split)


def test_a_comparison_that_was_interrupted_goes_on_and_trains_nothing_twice(split, tmp_path):
    store, trained = RunStore(tmp_path), []

    class Stop(Callback):
        def should_stop(self):
            return True

    def interrupt(plan):
        return [Stop()] if plan.name == "naive" else []

    def note(plan):
        class Note(Callback):
            def on_end(self):
                trained.append(plan.title)

        return [Note()]

    settings = {"quick": True, "engine": "numpy", "store": store}
    cut = compare(["softmax", "naive"], split, watch=interrupt, **settings)
    assert cut.interrupted
    whole = compare(["softmax", "naive"], split, watch=note, continued=True, **settings)
    assert trained == ["naive"]
    assert not whole.interrupted
    assert whole.results[0] == cut.results[0]
    assert whole.trained_networks[0].fitted.history == cut.trained_networks[0].fitted.history
    again = compare(["softmax", "naive"], split, watch=note, continued=True, **settings)
    assert trained == ["naive"]
    assert again.results == whole.results


def test_what_was_trained_otherwise_is_trained_again(split, tmp_path):
    settings = {"engine": "numpy", "store": RunStore(tmp_path), "quick": True}
    compare(["softmax"], split, **settings)
    compare(["softmax"], split, continued=True, **settings)
    assert len(settings["store"].runs()) == 1
    compare(["softmax"], split, continued=True, seed=1, **settings)
    assert len(settings["store"].runs()) == 2


def test_all_presets_together_take_the_best_one_for_a_fifth_of_its_epochs_and_its_name_says_so(split):
    plans, _ = plan_all(None, split)
    (best,) = (plan for plan in plans if plan.name == "best")
    whole = preset("best", (20, 20, 1), 10, data=DataFacts.of(split))
    assert best.recipe.epochs == whole.recipe.epochs // 5
    assert best.title == f"best ({best.recipe.epochs} of {whole.recipe.epochs} epochs)"
    (named,), _ = plan_all("best", split)
    assert named == whole


def test_a_quick_comparison_gives_large_networks_so_many_steps_that_it_stays_quick(split):
    (best,), _ = plan_all("best", split.dataset, quick=True)
    large = from_arrays(np.zeros((1000, 48, 48, 1), np.float32), np.arange(1000) % 2)
    (larger,), _ = plan_all("best", large, quick=True)
    assert best.title == larger.title == "best"
    assert best.recipe.steps > larger.recipe.steps >= 60
    (mlp, *_), _ = plan_all("mlp", split.dataset, quick=True)
    assert (mlp.recipe.epochs, mlp.recipe.steps) == (20, None)


def test_its_curves_are_drawn_by_the_names_of_its_networks():
    from matplotlib.figure import Figure

    digits = open_dataset("digits").take(range(0, 5000, 25))
    once = compare(["softmax", "naive", "knn"], digits, quick=True, engine="numpy")
    axes = plot_curves(once, Figure().subplots())
    assert {line.get_label() for line in axes.lines} == {
        f"{name}, {part}" for name in ("softmax", "naive") for part in ("training", "validation")
    }
    again = compare_repeatedly(["softmax", "naive"], digits, repeats=3, quick=True, engine="numpy")
    assert [len(runs) for runs in again.histories.values()] == [3, 3]
    legend = plot_curves(again, Figure().subplots(), x="steps").get_legend()
    assert "softmax: mean ± standard deviation of 3 runs" in [text.get_text() for text in legend.get_texts()]
    alone = compare(["knn"], digits, quick=True)
    with pytest.raises(RunError, match="no epoch to draw, expected at least one of each; opponents have none"):
        plot_curves(alone)
    with pytest.raises(RunError, match="histories holds int, expected histories of trainings"):
        plot_curves([1, 2])
