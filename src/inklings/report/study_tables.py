"""A study's tables: what each setting does, the best configurations, and those that were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from inklings.evaluation.mcnemar import p_text
from inklings.report.tables import Table
from inklings.reprs import percent
from inklings.search.effects import Effect
from inklings.search.study import Study, describe_settings

BEST = 5
"""Configurations that are shown as the best."""


def effect_table(effects: Sequence[Effect]) -> Table:
    """Return what each setting does to the accuracy, a row each."""
    head: tuple[str, ...] = (
        *("setting", "shown to matter", "p", "difference"),
        *("by repeats alone", "best", "worst", "share of variance"),
    )
    rows: list[tuple[str, ...]] = [
        (
            each.name,
            "yes" if each.is_sure else "no",
            p_text(each.p_value).removeprefix("p = "),
            f"{100 * each.difference:.1f}",
            f"{100 * each.noise:.1f}" if isfinite(each.noise) else "-",
            f"{each.best.label} ({percent(each.best.mean)})",
            f"{each.worst.label} ({percent(each.worst.mean)})",
            percent(each.share),
        )
        for each in effects
    ]
    return head, rows


def best_table(study: Study) -> Table:
    """Return the best configurations."""
    by = () if study.measure == "accuracy" else (f"validation {study.measure}",)
    head: tuple[str, ...] = ("configuration", *by, "validation accuracy", "seconds", "parameters", "settings")
    rows: list[tuple[str, ...]] = [
        (
            str(each.number),
            *(f"{each.figure:.4f}" for _ in by),
            percent(sum(trial.figure("accuracy") for trial in each.trials) / len(each.trials)),
            f"{sum(trial.seconds for trial in each.trials) / len(each.trials):.1f}",
            f"{each.trials[0].parameters:,}",
            describe_settings(each.settings),
        )
        for each in study.ranked[:BEST]
    ]
    return head, rows


def chosen_table(study: Study) -> Table:
    """Return those that were chosen, with what they have of the test images."""
    head: tuple[str, ...] = ("configuration", "validation", "test", "difference")
    rows: list[tuple[str, ...]] = [
        (
            str(each["configuration"]),
            percent(each["validation_accuracy"]),
            percent(each["test_accuracy"]),
            f"{100 * (each['validation_accuracy'] - each['test_accuracy']):+.1f}",
        )
        for each in (study.chosen["chosen"] if study.chosen else ())
    ]
    return head, rows
