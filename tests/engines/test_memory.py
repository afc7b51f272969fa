"""What becomes of memory that a program gave back."""

import platform
import subprocess
import sys

import pytest


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only GNU's C library is told to keep memory")
def test_the_compiled_engine_lets_the_memory_of_one_step_serve_the_next():
    script = """
import resource
from inklings import get_engine
get_engine("compiled")
faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
counts = []
for _ in range(3):
    begun = faults()
    b"1" * 200_000_000
    counts.append(faults() - begun)
print(*counts)
"""
    first, *later = map(int, subprocess.check_output([sys.executable, "-c", script], text=True).split())
    assert first > 10_000  # pages of 4 KiB, each touched for the first time
    assert max(later) < first / 10
