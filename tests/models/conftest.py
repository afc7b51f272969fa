import pytest

from inklings import open_dataset, preset
from inklings.engines import get_engine
from inklings.experiments import RunStore, measure_fitted, to_model
from inklings.training import fit


@pytest.fixture(scope="session")
def digits28():
    return open_dataset("digits28").split()


@pytest.fixture(scope="session")
def trained(digits28, tmp_path_factory):
    """A network that reads some 95 % right, packed from a run; it sees 28 x 28 pixels, so that nothing is lost."""
    shape, classes = digits28.dataset.image_shape, digits28.dataset.class_count
    plan = preset("mlp", shape, classes, hidden_units=300, dropout=True).with_recipe(epochs=25, learning_rate=0.05)
    run = RunStore(tmp_path_factory.mktemp("runs")).begin(plan, digits28, engine="jax", split_options={"seed": 0})
    fitted = fit(plan.network, plan.recipe, digits28, callbacks=[run])
    result = measure_fitted(plan, fitted, digits28, get_engine())
    return to_model(run.finish(fitted, result.accuracies), digits28, sure_at=0.97)
