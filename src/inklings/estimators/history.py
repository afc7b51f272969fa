"""The rows of several trainings, one after the other."""

from __future__ import annotations

from dataclasses import replace

from inklings.training import History


def continue_history(before: History, after: History) -> History:
    """Put a training's rows behind those of the trainings before; its epoch 0 is their last."""
    if not before:
        return after
    last = before[-1]
    moved = (
        replace(row, epoch=last.epoch + row.epoch, step=last.step + row.step, seconds=last.seconds + row.seconds)
        for row in after[1:]
    )
    return (*before, *moved)
