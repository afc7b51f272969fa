import pytest
from PIL import Image

from inklings.evaluation.statistics import Interval
from inklings.experiments import Result
from inklings.report.figures import (
    draw_accuracies,
    draw_curves,
    draw_over_fitting,
    draw_over_fitting_panel,
    save_figure,
)
from inklings.training import EpochRecord


def history(rise, epochs=40):
    """Validation cost lowest in epoch 10, then rising."""
    return tuple(
        EpochRecord(epoch, epoch, epoch / 10, loss, loss, 0.9, 0.3 + abs(epoch - 10) * rise, 0.85, learning_rate=0.1)
        for loss, epoch in ((1 / (epoch + 1), epoch) for epoch in range(epochs))
    )


HISTORIES = {"No regularisation": history(0.01), "Dropout": history(0.001)}
RESULTS = [
    Result("mlp", "plain", 10, 1.0, 0.9, 0.91, Interval(0.89, 0.93), 3, 1.0),
    Result("naive", "random weights", 10, 0.1, 0.1, 0.1, Interval(0.08, 0.12), 0, 0.0),
]


def labels_of(panel):
    return {line.get_label() for line in panel.lines if not line.get_label().startswith("_")}


def test_over_fitting_is_drawn_on_common_axes_with_its_names():
    panels = draw_over_fitting(HISTORIES).axes
    assert [panel.get_title() for panel in panels] == list(HISTORIES)
    assert len({panel.get_ylim() for panel in panels}) == len({panel.get_xlim() for panel in panels}) == 1
    assert panels[0].get_ylabel() == "Cost (mean per image)"
    assert panels[0].get_xlabel() == "Epoch"


def test_the_lowest_validation_cost_is_marked():
    (panel,) = draw_over_fitting_panel("Dropout", HISTORIES).axes
    assert labels_of(panel) == {"training", "validation", "lowest validation (epoch 10)"}


def test_a_picture_alone_has_the_axes_of_all():
    alone = [draw_over_fitting_panel(title, HISTORIES).axes[0].get_ylim() for title in HISTORIES]
    assert alone[0] == alone[1] == draw_over_fitting(HISTORIES).axes[0].get_ylim()


def test_curves_show_what_the_history_holds():
    cost, accuracy = draw_curves("mlp", HISTORIES["Dropout"]).axes
    assert list(cost.lines[0].get_ydata()) == [row.train_loss for row in HISTORIES["Dropout"]]
    assert list(accuracy.lines[1].get_ydata()) == [85.0] * 40


def test_accuracies_are_drawn_without_random_weights():
    (panel,) = draw_accuracies(RESULTS).axes
    assert [label.get_text() for label in panel.get_yticklabels()] == ["mlp (plain)"]
    assert list(panel.lines[0].get_xdata()) == pytest.approx([89, 93])


def test_figures_are_saved_as_png_and_svg_and_the_same_figure_gives_the_same_files(tmp_path):
    first = save_figure(draw_over_fitting(HISTORIES), tmp_path / "a", "picture")
    second = save_figure(draw_over_fitting(HISTORIES), tmp_path / "b", "picture")
    assert [file.suffix for file in first] == [".png", ".svg"]
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]
    with Image.open(first[0]) as image:
        assert image.width > 1000


def test_a_training_that_was_stopped_before_its_first_epoch_is_drawn(tmp_path):
    begun = {"plain": history(0.01, epochs=1)}
    save_figure(draw_over_fitting(begun), tmp_path, "all")
    save_figure(draw_over_fitting_panel("plain", begun), tmp_path, "alone")
    (panel,) = draw_over_fitting_panel("plain", begun).axes
    assert panel.get_ylim()[1] >= begun["plain"][0].validation_loss


def test_dollars_in_a_name_are_no_formula(tmp_path):
    _, svg = save_figure(draw_over_fitting({"$_$ or $x$": history(0.01)}), tmp_path, "dollars")
    assert "$_$ or $x$" in svg.read_text()
