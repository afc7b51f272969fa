"""Checkpoints of a training while it is watched: in memory, to look at and to go back to; the last one on the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from inklings.networks import Parameters
from inklings.training.checkpoint_file import CheckpointFile
from inklings.training.checkpoints import Checkpoint

LARGEST = 96 << 20
"""Bytes that all kept checkpoints of a training may take."""
SECONDS_BETWEEN_LOOKS, SECONDS_WITHIN_AN_EPOCH = 0.2, 1.0
"""How often a look is taken at most: at the end of an epoch, and within a long one."""
SHARE_OF_LOOKS = 0.02
"""How much of the time looks may take: each copies all parameters, and classifies images."""


class KeptCheckpoints(CheckpointFile):
    """Keeps a checkpoint of some epochs, and hands each new one on.

    Any epoch can be gone back to: training from the nearest checkpoint before it gives the same weights again.

    Parameters
    ----------
    path : Path
        The run's own file, which is written as often as by any other training.
    look : callable
        Is given each new checkpoint.

    Attributes
    ----------
    last : Checkpoint or None
        The newest, which may be within an epoch.
    at_every_step : bool
        Whether each step is looked at, as while somebody goes step by step.
    """

    def __init__(self, path: Path, look: Callable[[Checkpoint], None]) -> None:
        super().__init__(path)
        self.last: Checkpoint | None = None
        self._look = look
        self._by_epoch: dict[int, Checkpoint] = {}
        self._looked, self._took = monotonic(), 0.0
        self._epoch_ended = False
        self.at_every_step = False

    def end_epoch(self) -> None:
        """Note that an epoch has just ended, which is a good moment for a look."""
        self._epoch_ended = True

    @property
    def is_due(self) -> bool:
        """Whether it is time for a look, or for a checkpoint on the disk."""
        wait = SECONDS_BETWEEN_LOOKS if self._epoch_ended else SECONDS_WITHIN_AN_EPOCH
        wait = max(wait, self._took / SHARE_OF_LOOKS)
        return self.at_every_step or monotonic() - self._looked >= wait or super().is_due

    def write(self, make: Callable[[], Checkpoint]) -> None:
        """Take a look, keep the checkpoint of a complete epoch, and write it to the disk if it is time."""
        begun = monotonic()
        # In memory even where nothing is written: a pause goes on from here, to the last bit.
        self.last = made = make()
        self._epoch_ended = False
        # No losses of a begun epoch: it is complete, and one to go back to.
        if not len(made.losses):
            self._keep(made)
        if super().is_due:
            self.save()
        self._look(made)
        self._looked = monotonic()
        self._took = self._looked - begun

    def save(self) -> None:
        """Write the newest checkpoint to the disk, so that the training can go on even in another process."""
        made = self.last
        if made is not None:
            super().write(lambda: made)

    def _keep(self, made: Checkpoint) -> None:
        self._by_epoch[made.epoch] = made
        # Every second one falls out where they are too many: those that stay are spread over all epochs.
        while len(self._by_epoch) > 1 and len(self._by_epoch) * _bytes(made) > LARGEST:
            # All but the newest may go: training continues from that one.
            for epoch in sorted(self._by_epoch)[:-1][::2]:
                del self._by_epoch[epoch]

    def before(self, epoch: int) -> Checkpoint | None:
        """Return the newest kept checkpoint that is not after an epoch; None for the start."""
        fitting = [kept for kept in self._by_epoch if kept <= epoch]
        return self._by_epoch[max(fitting)] if fitting else None

    def go_back(self, epoch: int) -> Checkpoint | None:
        """Forget what came after an epoch, and return where to train on from to reach it."""
        self._by_epoch = {kept: made for kept, made in self._by_epoch.items() if kept <= epoch}
        self.last = self.before(epoch)
        return self.last

    def forget(self) -> None:
        """Let go of all of them."""
        self.last = None
        self._by_epoch.clear()


def _bytes(made: Checkpoint) -> int:
    groups: tuple[Parameters, ...] = (made.parameters, made.state, made.best or {})
    # The history is shared between checkpoints as far as it goes.
    return sum(array.nbytes for group in groups for array in group.values())
