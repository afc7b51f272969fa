"""How many threads the native engine shares its work among."""

from __future__ import annotations

import os

from inklings.hardware import cores


def usable_threads() -> int:
    """Say how many threads to share work among: a core each, or fewer if OMP_NUM_THREADS says so, as in joblib's."""
    wanted, usable = os.environ.get("OMP_NUM_THREADS", ""), cores().usable
    return min(usable, max(1, int(wanted))) if wanted.isdigit() else usable
