"""Figures, and one self-contained page."""

from inklings.report.page import write_report

__all__ = ["write_report"]
