"""Arguments that a public class or function cannot take are refused in one line that says what was meant."""

import inspect
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.base import clone

import inklings
from inklings import DataError, EstimatorError, NetworkError, RecipeError, RunError


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (
            lambda: inklings.Recipe(optimizer="adam"),
            RecipeError,
            "Recipe has no argument 'optimizer'; did you mean 'optimiser'?",
        ),
        (lambda: inklings.Recipe(learning_rate_init=0.1), RecipeError, "did you mean 'learning_rate'?"),
        (lambda: inklings.Recipe(max_iter=10), RecipeError, "did you mean 'epochs'?"),
        (lambda: inklings.Recipe(bath_size=10), RecipeError, "did you mean 'batch_size'?"),
        (
            lambda: inklings.Dense(10, activaton="relu"),
            NetworkError,
            "Dense has no argument 'activaton'; did you mean 'activation'?",
        ),
        (lambda: inklings.Conv2D(out_channels=3), NetworkError, "did you mean 'filters'?"),
        (lambda: inklings.Dropout(p=0.5), NetworkError, "did you mean 'rate'?"),
        (lambda: inklings.Augmentation(rotation=3), RecipeError, "did you mean 'rotate'?"),
        (lambda: inklings.Schedule("cosine", warmup=3), RecipeError, "did you mean 'warm_up'?"),
        (lambda: inklings.NetworkClassifier(optimizer="adam"), EstimatorError, "did you mean 'optimiser'?"),
        (lambda: inklings.DenseClassifier(max_iter=7), EstimatorError, "did you mean 'epochs'?"),
        (lambda: inklings.open_dataset(5), DataError, "data is of type int, expected a name or a path"),
        (lambda: inklings.compare(["softmax"], None), DataError, "data is of type NoneType"),
        (lambda: inklings.load(None), RunError, "a model is of type NoneType, expected a name or a path"),
        (lambda: inklings.fit("mlp", None, None), NetworkError, "the network is 'mlp', expected an inklings.Network"),
        (
            lambda: inklings.fit(inklings.preset("softmax", (8, 8, 1), 3).network, None, None),
            RecipeError,
            "the recipe is of type NoneType",
        ),
    ],
)
def test_the_name_that_was_meant_is_said(call, error, told):
    with pytest.raises(error) as raised:
        call()
    assert told in str(raised.value)


@pytest.fixture(scope="module")
def small():
    """Images, their split, a plan, a training of it, and its model."""
    random = np.random.default_rng(0)
    data = inklings.from_arrays(random.random((60, 8, 8)), np.arange(60) % 3, class_names=["a", "b", "c"])
    plan = inklings.preset("softmax", (8, 8, 1), 3).with_recipe(steps=5)
    split = data.split()
    fitted = inklings.fit(plan.network, plan.recipe, split, engine="numpy")
    return SimpleNamespace(data=data, split=split, plan=plan, fitted=fitted, model=fitted.to_model())


FIT = "inklings.fit(s.plan.network, s.plan.recipe, s.split"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (
            "inklings.open_dataset('digits', size='wide')",
            "size is 'wide', expected a number of pixels such as 28, or height x width such as 20x30",
        ),
        ("inklings.open_dataset('digits', size=(1, 2, 3))", "size is (1, 2, 3)"),
        (
            "inklings.open_dataset('digits', image_size=28)",
            "has no argument 'image_size'; did you mean 'size'?",
        ),
        ("inklings.open_dataset()", "open_dataset needs name_or_path, found none"),
        ("inklings.from_arrays([[1, 2], [3]], [0, 1])", "arrays: images or labels are of several shapes"),
        ("inklings.from_arrays(s.data.images, s.data.labels, target_names=['a'])", "did you mean 'class_names'?"),
        ("inklings.from_arrays(s.data.images, s.data.labels, class_names=3)", "class_names is 3"),
        ("inklings.from_arrays(s.data.images)", "from_arrays needs labels, found none"),
        ("s.data.split(test_size=0.2)", "Dataset.split has no argument 'test_size'; did you mean 'test'?"),
        ("s.data.split(random_state=1)", "did you mean 'seed'?"),
        ("inklings.Dataset(s.data.images, s.data.labels)", "Dataset needs class_names, found none"),
        ("inklings.Dense()", "Dense needs units, found none"),
        ("inklings.Dropout('a')", "Dropout rate is 'a'"),
        ("inklings.BatchNorm(momentum='a')", "BatchNorm momentum is 'a'"),
        ("inklings.Network((8, 8, 1))", "Network needs layers, found none"),
        ("inklings.Network((8, 8, 1), 3)", "layers is 3, expected a sequence of layers"),
        ("inklings.Recipe(*range(25))", "Recipe takes at most"),
        ("inklings.fit()", "fit needs network and recipe and split, found none"),
        (f"{FIT}, epochs=3)", "fit has no argument 'epochs'; did you mean Recipe(epochs=...)?"),
        (f"{FIT}, max_iter=3)", "did you mean Recipe(epochs=...)?"),
        (f"{FIT}, weights=s.fitted.parameters)", "did you mean 'start'?"),
        (f"{FIT}, network=3)", "fit: network is given twice, by its place and by its name"),
        ("inklings.compare(['softmax'], s.data, epochs=3)", "did you mean plan.with_recipe(epochs=...)?"),
        ("inklings.compare(['softmax'], s.data, random_state=3)", "did you mean 'seed'?"),
        (
            "inklings.fit(s.plan.network, s.plan.recipe, s.data.images, s.data.labels)",
            "fit takes at most 3 arguments without a name, found 4; split is of type ndarray, expected inklings.Split",
        ),
        (
            "s.data.split(0.8, 0.2)",
            "Dataset.split takes no arguments without a name, found 2; name them: test, validation, seed",
        ),
        ("inklings.open_dataset(s.data.images, s.data.labels)", "takes at most one argument without a name, found 2"),
        ("s.model.to_onnx('digits.onnx')", "Model.to_onnx takes no arguments without a name"),
        ("inklings.Recipe().with_settings({'epochs': 3})", "takes no arguments without a name, found 1; name them"),
        ("s.plan.with_recipe(3)", "Plan.with_recipe takes no arguments without a name"),
        ("s.data.take()", "Dataset.take needs rows, found none"),
        ("s.fitted.predict()", "FitResult.predict needs images, found none"),
        ("s.fitted.history.plot(y='loss')", "History.plot has no argument 'y'"),
        (
            "inklings.compare(['softmax'], s.data, quick=True).to_frame(each=True)",
            "to_frame has no argument 'each'",
        ),
        ("inklings.RunStore(path='runs')", "RunStore has no argument 'path'"),
        ("inklings.callbacks.Progress(desc='mine')", "Progress has no argument 'desc'"),
        ("inklings.callbacks.BestCheckpoint('best.inkling')", "needs data, found none"),
        ("inklings.callbacks.BestCheckpoint('best.inkling', s.split, monitor='loss')", "no argument 'monitor'"),
        ("inklings.insight.worst_mistakes([[0.5, 0.5]])", "worst_mistakes needs labels, found none"),
        ("s.model.save()", "Model.save needs path, found none"),
        ("s.model.features_and_logits([1])", "Model.features_and_logits: images is of type list, expected ndarray or"),
        ("inklings.training.History(3)", "a history is of type int, expected the records of epochs"),
        ("s.fitted.history['loss']", "write [record.loss for record in history]"),
        ("s.fitted.history['los']", "did you mean 'loss'?"),
        ("inklings.FitResult(s.plan.network)", "FitResult needs recipe and parameters"),
        ("inklings.experiments.RunWriter('mlp')", "RunWriter: run is 'mlp', expected inklings.Run"),
        ("inklings.plots.plot_explanation(s.fitted, s.data.images[0])", "inklings.Model; its .to_model() is one"),
        ("s.model.predict(s.data.images[0].ravel())", "image[None]"),
        (f"{FIT}, callback=[print])", "fit has no argument 'callback'; did you mean 'callbacks'?"),
        (f"{FIT}, callbacks=None)", "callbacks is None, expected a list"),
        (f"{FIT}, engine=3)", "engine is of type int, expected a name or an Engine"),
        (f"{FIT}, checkpoints=3)", "checkpoints is of type int, expected a name or a path"),
        (f"{FIT}, resume='x')", "resume is 'x', expected inklings.Checkpoint"),
        (f"{FIT}, start=3)", "start is of type int, expected a dict of arrays"),
        (
            "inklings.fit(s.plan.network, inklings.Recipe('adam', epochs=1), s.split, state={'mean': 1})",
            "state 'count': found none, expected shape ()",
        ),
        ("inklings.training.Checkpoint.load(3)", "a checkpoint is of type int, expected a name or a path"),
        ("inklings.Model.from_parameters(3, s.fitted.parameters, s.split)", "the network is 3"),
        (
            "inklings.Model(s.plan.network, s.fitted.parameters, range(3), training=None)",
            "training is of type NoneType, expected plain values",
        ),
        ("inklings.compare((each for each in ['softmax']), s.data)", "networks is of type generator, expected a list"),
        ("inklings.compare(3, s.data)", "networks is of type int, expected a list"),
        ("inklings.RunStore('runs').load(3)", "RunStore.load: id is 3, expected str"),
        ("inklings.RunStore('runs').reopen('mlp')", "RunStore.reopen: run is 'mlp', expected inklings.Run"),
        ("inklings.RunStore('runs').begin('mlp', s.split, engine='native')", "plan is 'mlp', expected inklings.Plan"),
        (
            "inklings.RunStore('runs').begin(s.plan, s.split, engine='native', folder_name='../other')",
            "folder_name is '../other', expected the name of a folder within runs",
        ),
        ("inklings.write_report(3, 'report')", "comparison is 3"),
        ("inklings.read_plan(None, (8, 8, 1), 3)", "a plan is of type NoneType, expected a name or a path"),
        (
            "inklings.fit_many(s.plan.network, s.plan.recipe, s.split)",
            "recipes is of type Recipe, expected list",
        ),
        ("inklings.compare(['softmax'], s.data, quik=True)", "compare has no argument 'quik'; did you mean 'quick'?"),
        ("inklings.compare(['softmax'], s.data, repeats='a')", "repeats is 'a', expected a whole number"),
        ("inklings.compare(['softmax'], s.data, store='runs')", "store is 'runs', expected inklings.RunStore"),
        ("inklings.compare(['softmax'], s.data, watch=3)", "compare: watch is 3, expected a function"),
        ("inklings.compare(['softmax', 'knn'], s.data, repeats=2, margin='x')", "compare: margin is 'x'"),
        ("inklings.experiments.compare_repeatedly(['softmax'], s.data, watch=3)", "compare_repeatedly: watch is 3"),
        ("inklings.export(s.model, 'page.html')", "no function; did you mean model.to_onnx(), model.write_page(path)"),
        ("inklings.report(s.fitted)", "did you mean inklings.write_report(comparison, folder)?"),
        ("inklings.search('mlp', s.data)", "did you mean inklings.run_search(space, data, out=folder)?"),
        ("inklings.insight(s.model)", "did you mean inklings.report.write_insight(model, folder)?"),
        ("inklings.get_engine(3)", "unknown engine '3'"),
        ("inklings.forecast(s.plan.network, s.plan.recipe, 3)", "images is 3, expected tuple or list"),
        ("inklings.describe(3)", "dataset is 3, expected inklings.Dataset"),
        ("inklings.write_report(s.fitted, 'x')", "comparison is of type FitResult, expected inklings.Comparison"),
        ("inklings.plot_curves(s.fitted.history, 3)", "ax is of type int"),
        ("inklings.RunStore(3)", "a store's folder is of type int"),
        ("inklings.Model('mlp', {}, ['a'])", "the network is 'mlp', expected an inklings.Network"),
        ("inklings.Model(s.plan.network, s.fitted.parameters, 3)", "class_names is 3"),
        ("inklings.Model.from_fit(3, s.split)", "found a int, expected what inklings.fit returns"),
        ("s.model.save(3)", "a model's file is of type int"),
        ("s.model.predict(s.data.images, batch=3)", "Model.predict has no argument 'batch'"),
        ("s.model.predict('photo.png')", "expected pixels"),
        ("s.model.to_onnx(input='x')", "input is 'x', expected one of"),
        ("inklings.export.to_onnx(s.fitted)", "model is of type FitResult, expected inklings.Model"),
        ("inklings.export.write_script(s.model, 'tf', 'x.py')", "there is no script for 'tf'"),
        ("inklings.insight.weight_images(s.fitted)", "model is of type FitResult, expected inklings.Model"),
        ("inklings.experiments.learning_curve('mlp', s.split)", "plan is 'mlp', expected inklings.Plan"),
        ("inklings.Opponent('mine')", "Opponent needs estimator, found none"),
        ("inklings.Opponent(3, 4)", "an opponent's name is 3"),
        ("s.model.predict([[1, 2], [3]])", "images are a list that cannot become an array"),
        ("s.model.predict_proba([[1, 2], [3]], prepared=True)", "images are a list that cannot become an array"),
        ("s.model.activations([[1, 2], [3]])", "images are a list that cannot become an array"),
        ("inklings.DenseClassifier().fit([[1, 2], [3]], [0, 1])", "X has rows of several lengths"),
        ("inklings.NetworkClassifier().set_params(hidden_units=3)", "did you mean 'network_settings__hidden_units'?"),
        ("inklings.Model.from_fit(s.fitted)", "Model.from_fit needs data, found none"),
        ("inklings.Model.from_fit(s.fitted, s.split, 3)", "takes at most 2 arguments without a name, found 3"),
        ("inklings.Model.from_parameters(s.plan.network)", "needs parameters and data, found none"),
        ("inklings.plots.plot_layer(s.model, s.data.images[0])", "plot_layer needs layer, found none"),
        ("inklings.plots.plot_sum(s.model, s.data.images[0], unit=3)", "plot_sum needs layer, found none"),
        ("inklings.plots.plot_pooling(s.model)", "plot_pooling needs image and layer and channel, found none"),
        ("inklings.plots.plot_exciting(s.model, s.data.images)", "plot_exciting needs layer, found none"),
        ("inklings.plots.plot_classes(s.fitted, s.data.images, s.data.labels)", "model is of type FitResult"),
        ("inklings.run_search(None, s.data)", "a space is of type NoneType, expected a name or a path"),
        ("inklings.run_search('softmax', s.data, trails=3)", "has no argument 'trails'; did you mean 'trials'?"),
        ("inklings.open_study(3)", "a study's folder is of type int, expected a name or a path"),
        ("inklings.NetworkClassifier(hidden_units=3)", "did you mean network_settings={'hidden_units': ...}?"),
        ("inklings.NetworkClassifier().set_params(hidden_layer_sizes=3)", "'network_settings__hidden_units'?"),
        ("inklings.NetworkClassifier(hidden_layer_sizes=3)", "did you mean network_settings={'hidden_units': ...}?"),
        (
            "inklings.Model(s.plan.network, s.fitted.parameters, list('abc'), preparation=s.model.preparation)",
            "did you mean Model.from_parameters(network, parameters, preparation)?",
        ),
        ("inklings.DenseClassifier().set_params(optimizer='adam')", "did you mean 'optimiser'?"),
        ("inklings.DenseClassifier(random_state='x').fit(*s.rows)", "random_state is 'x'"),
        ("inklings.DenseClassifier(class_weight='x').fit(*s.rows)", "class_weight is 'x'"),
        ("inklings.DenseClassifier(validation_fraction='a').fit(*s.rows)", "validation_fraction is 'a'"),
        ("inklings.DenseClassifier(callbacks=print).fit(*s.rows)", "callbacks is a single one, expected a list"),
    ],
)
def test_no_wrong_call_ends_in_an_error_of_python_s_own(call, told, small):
    small.rows = small.data.images.reshape(60, 64), small.data.labels
    with pytest.raises(inklings.InklingsError) as raised:
        eval(call, {"inklings": inklings, "s": small})
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("given", ["3", "[]", "lambda: ()", "lambda plan, seed: ()"])
@pytest.mark.parametrize("name", ["watch", "announce"])
@pytest.mark.parametrize(
    "call",
    [
        "inklings.compare(['softmax', 'knn'], s.data, {})",
        "inklings.compare(['softmax', 'knn'], s.data, repeats=2, {})",
        "inklings.experiments.learning_curves(['softmax', 'knn'], s.data, {})",
        "inklings.experiments.measure_variation(['softmax', 'knn'], s.data, repeats=2, {})",
    ],
)
def test_a_function_that_could_not_be_called_is_refused_before_anything_is_trained(
    call, name, given, small, monkeypatch
):
    monkeypatch.setattr("inklings.experiments.trainer.Trainer.train", lambda *given: pytest.fail("it trains"))
    like = {"watch": "watch(plan)", "announce": "announce(opponent)"}[name]
    with pytest.raises(inklings.InklingsError) as raised:
        eval(call.format(f"{name}={given}"), {"inklings": inklings, "s": small})
    assert f"expected a function that is called as {like}" in str(raised.value)


def test_a_watch_that_returns_no_callbacks_is_refused_before_a_run_is_begun(small, tmp_path):
    store = inklings.RunStore(tmp_path / "runs")
    with pytest.raises(RecipeError, match="callbacks is None, expected a list"):
        inklings.compare([small.plan], small.data, store=store, watch=lambda plan: None)
    assert store.runs() == []


@pytest.mark.parametrize(
    ("tried", "written"),
    [
        ("s.fitted.save", "fitted.to_model().save(path)"),
        ("s.fitted.score", "fitted.to_model().evaluate(data)"),
        ("s.model.score", "model.evaluate(data)"),
        ("s.model.export", "model.to_onnx()"),
        ("s.plan.network.summary", "network.table()"),
        ("inklings.train", "did you mean 'fit'?"),
        ("inklings.load_model", "did you mean 'load'?"),
    ],
)
def test_what_other_libraries_have_is_answered_by_what_to_write(tried, written, small):
    with pytest.raises(AttributeError) as raised:
        eval(tried, {"inklings": inklings, "s": small})
    assert written in str(raised.value)
    assert not hasattr(small.model, "score")


def test_an_attribute_that_is_nowhere_is_refused_in_python_s_words(small):
    with pytest.raises(AttributeError, match="'Model' object has no attribute 'foo'"):
        small.model.foo  # noqa: B018
    # A property that fails says why, not that it is missing.
    broken = type("Broken", (type(small.model),), {"half": property(lambda self: self.class_names.halves)})
    with pytest.raises(AttributeError, match="'tuple' object has no attribute 'halves'"):
        broken(small.plan.network, small.fitted.parameters, ["a", "b", "c"]).half  # noqa: B018


@pytest.mark.parametrize(
    ("name", "made_by"),
    [
        ("digits.onnx", "export digits.inkling digits.onnx"),
        ("digits.PT", "in_torch.py --to torch"),
        ("page.html", "export page.inkling page.html"),
    ],
)
def test_a_model_is_not_saved_under_another_format_s_name(small, tmp_path, name, made_by):
    path = tmp_path / name
    with pytest.raises(RunError, match=made_by):
        small.model.save(path)
    with pytest.raises(RunError, match=made_by):
        inklings.callbacks.BestCheckpoint(path, small.split)
    assert not path.exists()


def test_what_tools_ask_of_the_classes_stays_as_it_was():
    assert "hidden_layer_sizes" in inspect.signature(inklings.DenseClassifier).parameters
    assert clone(inklings.DenseClassifier((5,), epochs=3)).get_params()["epochs"] == 3
    assert list(inspect.signature(inklings.Dense).parameters)[:2] == ["units", "activation"]


def test_warnings_name_the_line_of_whoever_called(small):
    pixels = 255 - np.round(255 * small.data.images[..., 0] ** 8)
    calls = [
        lambda: inklings.from_arrays(pixels, small.data.labels),
        lambda: small.model.predict(pixels),
        lambda: small.model.predict_proba(pixels),
        lambda: small.model.activations(pixels),
    ]
    for call in calls:
        with warnings.catch_warnings(record=True) as issued:
            warnings.simplefilter("always")
            call()
        assert issued
        assert {each.filename for each in issued} == {__file__}


def test_numbers_of_numpy_are_numbers(small, tmp_path):
    two = np.int64(2)
    store = inklings.RunStore(tmp_path / "runs")
    inklings.compare([small.plan], small.data.split(seed=two), store=store)
    assert store.runs()[0].facts["split"]["seed"] == 2
    assert inklings.experiments.measure_variation(["softmax"], small.data, repeats=two, quick=True).spreads
    assert len(inklings.train_ensemble(small.plan, small.data, members=two).members) == 2
    space = {"network": "softmax", "epochs": 1, "learning_rate": [0.1, 0.2]}
    study = inklings.run_search(space, small.data, out=tmp_path / "study", trials=two, seed=np.uint8(3))
    assert (study.facts["trials"], study.facts["seed"]) == (2, 3)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda small: inklings.compare(["softmax"], small.split, quick="no"), "quick is 'no', expected True or False"),
        (lambda small: inklings.experiments.compare_repeatedly(["softmax"], small.data, until_sure="x"), "until_sure"),
        (lambda small: inklings.open_dataset("digits", drop_missing=[]), "drop_missing is of type list"),
        (lambda small: small.model.predict(small.split.test, as_index="no"), "as_index is 'no'"),
        (lambda small: small.model.evaluate(small.split.test, everything=None), "everything is of type NoneType"),
        (lambda small: small.fitted.to_model(complete="no"), "complete is 'no'"),
        (lambda small: inklings.callbacks.CSVLogger("h.csv", append="a"), "append is 'a'"),
        (lambda small: inklings.doctor.examine(measure=2), "measure is 2"),
        (
            lambda small: inklings.DenseClassifier(warm_start="no").fit(small.data.images, small.data.labels),
            "warm_start is 'no', expected True or False",
        ),
    ],
)
def test_what_is_neither_true_nor_false_is_not_taken_as_true(small, call, told):
    with pytest.raises(inklings.InklingsError) as raised:
        call(small)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda s: inklings.Initializer(["zeros"]), "distribution is of type list, expected str"),
        (lambda s: inklings.pages.Framing(box="20"), "Framing: box is '20', expected int"),
        (lambda s: inklings.pages.open_page(1.5), "a picture is of type float, expected a path, bytes or an array"),
        (lambda s: inklings.insight.background([]), r"an image of shape (0,), expected (height, width, channels)"),
        (lambda s: inklings.insight.confusion_cells([0, 1], ["a", "b"]), "as_index=True"),
        (lambda s: inklings.insight.occlusion(s.model, s.split.test.images[:1], baseline="dark"), "type str"),
        (lambda s: inklings.plots.plot_exciting(s.model, s.split.test.images, "dense_1", units=[]), "no units"),
        (lambda s: inklings.insight.most_exciting(s.model, s.split.test.images, "dense_1", unit=1.5), "a list of int"),
        (lambda s: inklings.training.best_record([]), "the history has no records"),
        (lambda s: inklings.experiments.check_comparable({"a": 1}), "runs is of type dict"),
        (lambda s: inklings.experiments.measure_fitted(s.plan, s.fitted, s.split, "nupy"), "did you mean 'numpy'"),
    ],
)
def test_wrong_types_are_refused_in_a_line(small, call, told):
    with pytest.raises(inklings.InklingsError) as raised:
        call(small)
    assert told in str(raised.value)


def test_where_an_argument_is_missing_those_that_are_no_such_thing_are_named(small):
    with pytest.raises(RecipeError, match=r"fit needs split, found none; network is of type Plan, expected inklings"):
        inklings.fit(small.plan, small.split)


@pytest.mark.parametrize("yes", [True, np.True_, np.bool_(1), 1, np.int64(1)])
def test_true_may_be_numpys_or_1(small, yes):
    assert small.model.predict(small.split.test, as_index=yes).dtype == np.int64
