"""Figures, and one self-contained page; on Matplotlib's axes one draws by :mod:`inklings.plots`."""

from inklings.command_names import named_as_a_command
from inklings.report.arithmetic_axes import plot_pooling, plot_sum
from inklings.report.check_page import write_check
from inklings.report.insight_axes import plot_classes, plot_exciting, plot_explanation, plot_layer, plot_weights
from inklings.report.insight_figures import Subject
from inklings.report.insight_pictures import InsightPicture, write_insight
from inklings.report.page import write_report
from inklings.report.study_page import write_study_report

__all__ = [
    "InsightPicture",
    "Subject",
    "plot_classes",
    "plot_exciting",
    "plot_explanation",
    "plot_layer",
    "plot_pooling",
    "plot_sum",
    "plot_weights",
    "write_check",
    "write_insight",
    "write_report",
    "write_study_report",
]

named_as_a_command(__name__, "inklings.write_report(comparison, folder)")
