"""What this machine has, and how much of it this process may use: processor, cores, memory.

Linux keeps such facts in files; every function that reads some takes the folder they lie in, ``/`` by default. On macOS
``sysctl`` is asked about the processor, elsewhere psutil about memory. What a system does not tell is None.
"""

from __future__ import annotations

import mmap
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path("/")

_IMPORTED = perf_counter()
_LEAST_WORK = 1e-3
"""Seconds of work; clocks are too coarse to tell less."""
_STARTED = 20
"""Which field of /proc/self/stat after the process' name is when it started, in ticks since the machine did."""

# What matrix products are made of, from narrow to wide: the name that people know, and the flags that Linux, macOS and
# ARM's Linux give it.
VECTOR_INSTRUCTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("SSE4.2", ("sse4_2", "sse4.2")),
    ("AVX", ("avx", "avx1.0")),
    ("AVX2", ("avx2",)),
    ("AVX-512", ("avx512f",)),
    ("AVX-512 bfloat16", ("avx512_bf16",)),
    ("AMX bfloat16", ("amx_bf16",)),
    ("NEON", ("asimd", "neon")),
    ("SVE", ("sve",)),
)


def processor_name(root: Path = ROOT) -> str:
    """Return the processor's name as its maker has it, or its family if nothing says more."""
    # One of each core; they are the same but on processors of mixed cores, where the first stands for all.
    names = _cpuinfo("model name", root) or [_sysctl("machdep.cpu.brand_string", root)]
    return names[0] or platform.processor() or platform.machine()


def vector_instructions(root: Path = ROOT) -> tuple[str, ...]:
    """Return the vector instructions that the processor and the system let a program use, from narrow to wide."""
    listed = _cpuinfo("flags", root) or _cpuinfo("Features", root)
    if not listed:
        # AVX2 and AVX-512 are listed in the second: leaf 7 of the instruction cpuid.
        keys = ("machdep.cpu.features", "machdep.cpu.leaf7_features")
        listed = [" ".join(_sysctl(key, root) for key in keys)]
        listed[0] += " neon" if sys.platform == "darwin" and platform.machine() == "arm64" else ""
    flags = set(listed[0].lower().split())
    return tuple(name for name, known in VECTOR_INSTRUCTIONS if flags.intersection(known))


def _cpuinfo(key: str, root: Path) -> list[str]:
    """Return what /proc/cpuinfo says of each core under a key; nothing where there is no such file."""
    pairs = (line.partition(":") for line in _read(root / "proc/cpuinfo").splitlines())
    return [value.strip() for name, _, value in pairs if name.strip() == key]


def _sysctl(key: str, root: Path) -> str:
    if sys.platform != "darwin" or root != ROOT:
        return ""
    answer = subprocess.run(["/usr/sbin/sysctl", "-n", key], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


@dataclass(frozen=True)
class Cores:
    """How many cores there are, and what keeps this process from using all.

    Parameters
    ----------
    present : int
        In the machine.
    allowed : int
        That the process may run on: its affinity.
    quota : float, optional
        How many cores' worth of time its control groups give it (as ``docker run --cpus`` sets), if they limit it.
    """

    present: int
    allowed: int
    quota: float | None = None

    @property
    def usable(self) -> int:
        """How many threads can be at work at once."""
        # Rounded up: half a core's time is still a thread that can be at work.
        return self.allowed if self.quota is None else max(1, min(self.allowed, ceil(self.quota)))


def cores(root: Path = ROOT) -> Cores:
    """Count the cores; what is below ``root`` decides the quota alone."""
    present = os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else present
    quotas = [quota for group in _control_groups("cpu", root) if (quota := _quota(group)) is not None]
    return Cores(present, allowed, min(quotas, default=None))


def _quota(group: Path) -> float | None:
    together = _read(group / "cpu.max").split()  # version 2: "150000 100000", or "max 100000" without a limit
    quota, period = together if len(together) == 2 else (_read(group / f"cpu.cfs_{n}_us") for n in ("quota", "period"))
    # Version 1 has -1 where there is no limit.
    limit, length = _whole(quota), _whole(period)
    return limit / length if limit is not None and length and limit > 0 else None


@dataclass(frozen=True)
class Memory:
    """Memory in bytes.

    Parameters
    ----------
    total : int or None
        In the machine.
    limit : int or None
        The most that this process's control groups let it have together with others in them; None without a limit.
    available : int or None
        What can be taken now without swapping and without reaching a limit.
    """

    total: int | None
    limit: int | None
    available: int | None


def memory(root: Path = ROOT) -> Memory:
    """Return the machine's memory, and what of it is free for this process."""
    pairs = (line.partition(":") for line in _read(root / "proc/meminfo").splitlines())
    sizes = {name: int(value.split()[0]) * 1024 for name, _, value in pairs if value.strip()}
    if not sizes and root == ROOT:
        elsewhere = _from_psutil(lambda psutil: psutil.virtual_memory())
        sizes = {} if elsewhere is None else {"MemTotal": elsewhere.total, "MemAvailable": elsewhere.available}
    # MemAvailable, not MemFree: what files take in the cache is given back as soon as it is asked for.
    total = sizes.get("MemTotal")
    free = [sizes["MemAvailable"]] if "MemAvailable" in sizes else []
    limits = []
    for group in _control_groups("memory", root):
        limit = _first_whole(group, "memory.max", "memory.limit_in_bytes")
        used = _first_whole(group, "memory.current", "memory.usage_in_bytes")
        # A limit of more than the machine has is how version 1 says that there is none.
        if limit is not None and used is not None and (total is None or limit < total):
            limits.append(limit)
            # What the kernel can drop at once counts as free.
            free.append(max(0, limit - used + _reclaimable(group)))
    if root == ROOT and (left := _address_space_left(root)) is not None:
        free.append(left)
    # The tightest of all bounds counts.
    return Memory(total, min(limits, default=None), min(free, default=None))


def _reclaimable(group: Path) -> int:
    """Return what a group's usage holds of cached files, which the kernel frees when memory is asked for."""
    sizes = dict(line.split(maxsplit=1) for line in _read(group / "memory.stat").splitlines())
    return int(sizes.get("total_inactive_file", sizes.get("inactive_file", 0)))


def resident_memory(root: Path = ROOT) -> int | None:
    """Return how many bytes this process has in memory now; None where the system does not tell."""
    pages = _read(root / "proc/self/statm").split()
    if pages:
        return int(pages[1]) * mmap.PAGESIZE
    if root != ROOT:
        return None
    resident: int | None = _from_psutil(lambda psutil: int(psutil.Process().memory_info().rss))
    return resident


def _from_psutil(ask: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - whatever is asked
    """Return what psutil tells; None if it cannot, as on a Linux whose /proc is not mounted."""
    import psutil

    try:
        return ask(psutil)
    except (OSError, psutil.Error):
        return None


def process_seconds(root: Path = ROOT) -> float:
    """Return for how long this process has been running; where the system does not tell, since this was imported."""
    since_import = perf_counter() - _IMPORTED
    _, _, after_name = _read(root / "proc/self/stat").rpartition(")")  # the name may hold blanks and brackets
    fields = after_name.split()
    if len(fields) < _STARTED or not hasattr(time, "CLOCK_BOOTTIME"):
        return since_import
    started = int(fields[_STARTED - 1]) / os.sysconf("SC_CLK_TCK")
    return max(since_import, time.clock_gettime(time.CLOCK_BOOTTIME) - started)


def slowness(root: Path = ROOT) -> float:
    """Return how many times longer this process' main thread has taken than on an idle machine, at least 1.

    From the time that it waited for a core, as Linux has it; elsewhere from the time that passed for a second of work,
    by which a process that waits for its files seems slowed down too.
    """
    fields = _read(root / "proc/self/schedstat").split()
    if len(fields) == 3 and int(fields[0]) > 0:
        # Waiting over running time: how much longer than on a core of its own.
        return 1 + int(fields[1]) / int(fields[0])
    return max(1.0, process_seconds(root) / max(time.process_time(), _LEAST_WORK))


def peak_memory(root: Path = ROOT) -> int | None:
    """Return how many bytes this process had in memory at most; None where the system does not tell."""
    sizes = dict(line.split(":", 1) for line in _read(root / "proc/self/status").splitlines() if ":" in line)
    # VmHWM, the "high water mark".
    if "VmHWM" in sizes:
        return 1024 * int(sizes["VmHWM"].split()[0])
    if root != ROOT:
        return None
    try:
        import resource
    except ModuleNotFoundError:  # Windows has none
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most  # macOS counts bytes, others kibibytes


def oom_kills(root: Path = ROOT) -> int:
    """Return how many processes of this one's control group the system has killed for want of memory."""
    for group in _control_groups("memory", root):
        for name in ("memory.events", "memory.oom_control"):  # of version 2, and of version 1
            found = dict(line.split(None, 1) for line in _read(group / name).splitlines() if " " in line)
            if (kills := _whole(found.get("oom_kill", ""))) is not None:
                return kills
    return 0


def address_space_limit() -> int | None:
    """Return how many bytes of address space ``ulimit -v`` allows this process; None if there is no limit."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows has none, and no such limit
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def _address_space_left(root: Path) -> int | None:
    """Return how much this process may still take where ``ulimit -v`` bounds it."""
    limit = address_space_limit()
    pages = _read(root / "proc/self/statm").split()
    if limit is None or not pages:
        return None
    return max(0, limit - int(pages[0]) * mmap.PAGESIZE)


def _control_groups(controller: str, root: Path) -> Iterator[Path]:
    """Yield the folders of the control groups that bound this process, its own first; each parent's limit counts too.

    A container may see its own group as the root while the path it is told is that of the machine; so the path is
    followed as far as it exists.
    """
    mounted = root / "sys/fs/cgroup"
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers:
            tops = [mounted / controllers, mounted / controller] if controller in controllers.split(",") else []
        else:  # version 2, by itself or beside version 1
            tops = [mounted, mounted / "unified"]
        # The first that is there: "cpu,cpuacct" is one folder on some systems, with links of the single names on
        # others.
        for top in [top for top in tops if top.is_dir()][:1]:
            own = top / path.strip("/")
            yield from (group for group in (own, *own.parents) if group.is_relative_to(top) and group.is_dir())


def _first_whole(folder: Path, *names: str) -> int | None:
    return next((value for name in names if (value := _whole(_read(folder / name))) is not None), None)


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
