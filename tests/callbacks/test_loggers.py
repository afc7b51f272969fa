"""Histories that are written while training goes on: as CSV, for TensorBoard, for MLflow."""

import csv
import sys
from types import SimpleNamespace

import pytest

from inklings import MissingDependencyError, RunError, fit
from inklings.callbacks import CSVLogger, MLflowLogger, TensorBoardLogger


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_has_the_rows_of_the_history(plan, split, tmp_path):
    fitted = fit(plan.network, plan.recipe, split, callbacks=[CSVLogger(tmp_path / "history.csv")])
    rows = read(tmp_path / "history.csv")
    assert [int(row["epoch"]) for row in rows] == [record.epoch for record in fitted.history]
    assert [float(row["validation_loss"]) for row in rows] == [record.validation_loss for record in fitted.history]
    assert rows[0]["loss"] == ""


def test_rows_can_be_read_while_training_goes_on(plan, split, tmp_path):
    counts = []
    logger = CSVLogger(tmp_path / "history.csv")
    fit(plan.network, plan.recipe, split, callbacks=[logger, lambda record: counts.append(len(read(logger.path)))])
    assert counts == [1, 2, 3, 4, 5]


def test_a_second_training_replaces_the_table_or_adds_to_it(plan, split, tmp_path):
    path = tmp_path / "history.csv"
    for append, rows in ((False, 5), (False, 5), (True, 10)):
        fit(plan.network, plan.recipe, split, callbacks=[CSVLogger(path, append=append)])
        assert len(read(path)) == rows


def test_without_validation_images_their_columns_are_empty(plan, split, tmp_path):
    alone = split.dataset.split(test=None, validation=None)
    fit(plan.network, plan.recipe.with_settings(epochs=1), alone, callbacks=[CSVLogger(tmp_path / "history.csv")])
    assert {row["validation_loss"] for row in read(tmp_path / "history.csv")} == {""}


def test_a_table_that_cannot_be_written_is_refused_before_training(plan, split, tmp_path):
    epochs = []
    callbacks = [lambda record: epochs.append(record), CSVLogger(tmp_path / "nowhere" / "history.csv")]
    with pytest.raises(RunError, match=r"history\.csv: cannot be written \(No such file or directory\)"):
        fit(plan.network, plan.recipe, split, callbacks=callbacks)
    assert not epochs


@pytest.fixture
def full_disk():
    """Functions that let files grow no longer, and again: so a disk fills up, and is emptied."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield (
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1])),
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before),
    )
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_for_a_while_costs_no_row_and_no_training(plan, split, tmp_path, full_disk, caplog):
    fill, empty = full_disk
    logger = CSVLogger(tmp_path / "history.csv")
    at_epoch = {1: fill, 3: empty}
    fitted = fit(plan.network, plan.recipe, split, callbacks=[lambda row: at_epoch.get(row.epoch, int)(), logger])
    assert [int(row["epoch"]) for row in read(logger.path)] == [record.epoch for record in fitted.history]
    assert [row["train_loss"] for row in read(logger.path)] == [str(record.train_loss) for record in fitted.history]
    assert "cannot be written (File too large)" in str(logger.problem)
    assert caplog.text.count("history.csv: cannot be written (File too large); training goes on") == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # tensorboardX's thread ends
def test_a_disk_that_stays_full_costs_the_table_alone(plan, split, tmp_path, full_disk):
    fill, empty = full_disk
    pytest.importorskip("tensorboardX")
    loggers = [CSVLogger(tmp_path / "history.csv"), TensorBoardLogger(tmp_path / "one")]
    many = plan.recipe.with_settings(epochs=20)  # more than wait in tensorboardX's queue by itself
    fitted = fit(plan.network, many, split, callbacks=[lambda row: fill() if row.epoch == 1 else None, *loggers])
    empty()
    assert fitted.history[-1].epoch == 20
    assert all("File too large" in str(logger.problem) for logger in loggers)


def test_a_server_that_does_not_answer_costs_the_figures_alone(plan, split, server, monkeypatch, caplog):
    def refuse(*arguments, **named):
        raise ConnectionError("HTTPConnectionPool: Max retries exceeded")

    monkeypatch.setattr(server, "log_metrics", refuse)
    logger = MLflowLogger()
    assert fit(plan.network, plan.recipe, split, callbacks=[logger]).history[-1].epoch == 4
    assert caplog.text.count("MLflow cannot be written to (HTTPConnectionPool: Max retries exceeded)") == 1
    monkeypatch.setattr(server, "active_run", refuse)
    with pytest.raises(RunError, match=r"MLflow cannot be written to .*; see mlflow\.set_tracking_uri"):
        fit(plan.network, plan.recipe, split, callbacks=[logger])


@pytest.mark.parametrize(
    ("module", "logger", "told"),
    [
        ("tensorboardX", lambda: TensorBoardLogger("x"), r"needs tensorboardX.*pip install 'inklings\[tensorboard\]'"),
        ("mlflow", MLflowLogger, r"needs mlflow.*pip install 'inklings\[mlflow\]'"),
    ],
)
def test_what_a_logger_needs_is_said_before_training(module, logger, told, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingDependencyError, match=told):
        logger()


class Server:
    """Stands for MLflow: keeps what is logged, as the real one does on a server."""

    def __init__(self):
        self.active, self.named, self.experiment, self.params, self.metrics, self.ended = None, None, None, {}, [], 0

    def active_run(self):
        return self.active

    def set_experiment(self, name):
        self.experiment = name

    def start_run(self, run_name=None):
        self.active, self.named = SimpleNamespace(info=SimpleNamespace(run_id="7f")), run_name
        return self.active

    def log_params(self, params):
        self.params |= params

    def log_metrics(self, metrics, step):
        self.metrics.append((step, metrics))

    def end_run(self):
        self.active = None
        self.ended += 1


@pytest.fixture
def server(monkeypatch):
    server = Server()
    monkeypatch.setitem(sys.modules, "mlflow", server)
    return server


def test_a_training_is_a_run_of_mlflow(plan, split, server):
    logger = MLflowLogger("first", experiment="digits")
    fitted = fit(plan.network, plan.recipe, split, callbacks=[logger])
    assert (server.named, server.experiment, server.ended, logger.run) == ("first", "digits", 1, "7f")
    assert server.params["epochs"] == 4
    assert server.params["parameters"] == plan.network.parameter_count
    assert [step for step, _ in server.metrics] == [0, 1, 2, 3, 4]
    assert server.metrics[-1][1]["validation_accuracy"] == fitted.history[-1].validation_accuracy
    assert "loss" not in server.metrics[0][1]


def test_a_run_that_somebody_started_is_used_and_left_open(plan, split, server):
    server.start_run("mine")
    fit(plan.network, plan.recipe, split, callbacks=[MLflowLogger("other")])
    assert (server.named, server.ended) == ("mine", 0)


def test_tensorboard_reads_what_was_written(plan, split, tmp_path):
    pytest.importorskip("tensorboardX")
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    logger = TensorBoardLogger(tmp_path / "one", histograms=True)
    fitted = fit(plan.network, plan.recipe, split, callbacks=[logger])
    events = accumulator.EventAccumulator(str(logger.folder))
    events.Reload()
    written = [(each.step, each.value) for each in events.Scalars("accuracy/validation")]
    assert written == [(each.epoch, pytest.approx(each.validation_accuracy)) for each in fitted.history]
    assert set(events.Tags()["histograms"]) == set(fitted.parameters)


def test_each_epoch_s_figures_are_written_for_tensorboard(plan, split, monkeypatch, tmp_path):
    written, closed = {}, []

    class Writer:
        def __init__(self, folder, max_queue):
            assert (folder, max_queue) == (str(tmp_path / "one"), 0)

        def add_text(self, title, text):
            assert '"epochs": 4' in text

        def add_scalar(self, title, value, step):
            written.setdefault(title, []).append((step, value))

        def flush(self):
            closed.clear()

        def close(self):
            closed.append(True)

    monkeypatch.setitem(sys.modules, "tensorboardX", SimpleNamespace(SummaryWriter=Writer))
    fitted = fit(plan.network, plan.recipe, split, callbacks=[TensorBoardLogger(tmp_path / "one")])
    assert written["loss/validation"] == [(each.epoch, each.validation_loss) for each in fitted.history]
    assert [step for step, _ in written["loss/minimised"]] == [1, 2, 3, 4]
    assert closed == [True]
