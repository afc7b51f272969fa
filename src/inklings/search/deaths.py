"""Why a worker died, as far as anything says so: memory is blamed where something shows it, and nothing is guessed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from distributed import Client
from distributed.scheduler import KilledWorker

from inklings.hardware import oom_kills

_NANNYS_TOPIC = "worker-restart-memory"
"""Under which Dask's nannies log that they end a worker for its memory (``distributed/worker_memory.py``)."""
UNKNOWN = "why is not known here, their logs may say more"


@dataclass(frozen=True)
class Deaths:
    """Looks for the reason of a worker's death.

    Parameters
    ----------
    client : Client
    local : bool
        Whether the workers are in this machine's, and so in this process's, control group.
    """

    client: Client
    local: bool
    _killed_before: int = field(default_factory=oom_kills)

    def describe(self, problem: BaseException | None) -> str:
        """Return what is known of the death that a task's error tells of."""
        if isinstance(problem, KilledWorker) and self._ended_by_nanny(problem.last_worker.address):
            return "the last took more memory than Dask allows a worker, whose nanny ended it"
        # Nobody says which process it was: that is why the count of this process's own group alone is looked at.
        if self.local and oom_kills() > self._killed_before:
            return "meanwhile the system killed a process of this control group for want of memory"
        return UNKNOWN

    def _ended_by_nanny(self, address: str) -> bool:
        with suppress(Exception):  # the scheduler may be gone: then its log is too
            events = self.client.get_events(_NANNYS_TOPIC)
            return any(message.get("worker") == address for _, message in events)
        return False
