"""What people call labels, in the order in which names are believed where there are several."""

from __future__ import annotations

from collections.abc import Sequence

# Two orders: arrays are called as the arguments of fit(x, y) are; of a table's columns "label" says more than "y".
LABEL_COLUMNS = (
    *("label", "labels", "class", "target", "y", "digit", "targets", "classes", "class_label", "classlabel"),
    *("category", "class_name", "classname", "class name", "label_name", "emotion", "character", "cls"),
    # After the names: where a table has both, the report then names classes in place of numbering them.
    *("class_id", "classid", "category_id", "label_id"),
)
LABEL_ARRAYS = (
    *("y", "labels", "label", "targets", "target", "classes", "class", "gnd", "lbl", "lbls", "category"),
    *("categories", "digits", "digit"),
)


def is_label_column(name: str) -> bool:
    """Whether a column is called as labels usually are."""
    return name.strip().lower() in LABEL_COLUMNS


def find_named_labels(names: Sequence[str]) -> int | None:
    """Return which of several columns is called as labels usually are; None if none is."""
    lowered = [name.strip().lower() for name in names]
    return next((lowered.index(usual) for usual in LABEL_COLUMNS if usual in lowered), None)
