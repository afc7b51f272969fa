"""What a container, a cluster or a laptop tells in its files is read as its administrator meant it."""

import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inklings import hardware

GIB = 1 << 30


@pytest.fixture
def system(tmp_path):
    """Write files as a Linux system has them; gives the folder that stands for ``/``."""

    def write(files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path

    write({"proc/meminfo": f"MemTotal:   {8 * GIB // 1024} kB\nMemAvailable:   {6 * GIB // 1024} kB\n"})
    return write


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        ("fpu sse sse2 sse4_2", ("SSE4.2",)),
        ("sse4_2 avx avx2 fma", ("SSE4.2", "AVX", "AVX2")),
        ("sse4_2 avx avx2 avx512f avx512_bf16", ("SSE4.2", "AVX", "AVX2", "AVX-512", "AVX-512 bfloat16")),
    ],
)
def test_vector_instructions_are_named_from_narrow_to_wide(system, flags, names):
    root = system({"proc/cpuinfo": f"processor : 0\nmodel name\t: A 3000\nflags\t\t: {flags}\n\nprocessor : 1\n"})
    assert hardware.vector_instructions(root) == names
    assert hardware.processor_name(root) == "A 3000"


def test_an_arm_processor_tells_its_features(system):
    root = system({"proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd sve\n"})
    assert hardware.vector_instructions(root) == ("NEON", "SVE")


def test_a_quota_of_control_groups_version_2_is_read(system):
    root = system({"proc/self/cgroup": "0::/job/step\n", "sys/fs/cgroup/job/step/cpu.max": "150000 100000\n"})
    assert hardware.cores(root).quota == 1.5


@pytest.mark.parametrize(
    ("line", "file"), [("0::/job\n", "job/memory.events"), ("4:memory:/job\n", "memory/job/memory.oom_control")]
)
def test_processes_that_were_killed_for_want_of_memory_are_counted(line, file, system):
    assert hardware.oom_kills(system({})) == 0
    root = system({"proc/self/cgroup": line, f"sys/fs/cgroup/{file}": "oom 9\noom_kill 2\n"})
    assert hardware.oom_kills(root) == 2


def test_a_quota_of_control_groups_version_1_is_read(system):
    group = "sys/fs/cgroup/cpu,cpuacct/docker/abc"
    root = system(
        {
            "proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n",
            f"{group}/cpu.cfs_quota_us": "50000\n",
            f"{group}/cpu.cfs_period_us": "100000\n",
        }
    )
    assert hardware.cores(root).quota == 0.5
    assert hardware.cores(root).usable == 1


@pytest.mark.parametrize("limit", ["max 100000", "-1"])
def test_no_quota_is_no_limit(system, limit):
    root = system(
        {
            "proc/self/cgroup": "3:cpu:/\n0::/\n",
            "sys/fs/cgroup/cpu.max": limit,
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": limit,
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
        }
    )
    assert hardware.cores(root).quota is None
    assert hardware.cores(root).usable == hardware.cores(root).allowed


def test_the_tightest_limit_of_a_group_and_its_parents_counts(system):
    root = system(
        {
            "proc/self/cgroup": "0::/slice/job\n",
            "sys/fs/cgroup/slice/cpu.max": "200000 100000",
            "sys/fs/cgroup/slice/job/cpu.max": "max 100000",
            "sys/fs/cgroup/slice/memory.max": f"{2 * GIB}",
            "sys/fs/cgroup/slice/memory.current": f"{GIB}",
            "sys/fs/cgroup/slice/job/memory.max": f"{3 * GIB}",
            "sys/fs/cgroup/slice/job/memory.current": "0",
        }
    )
    assert hardware.cores(root).quota == 2
    assert hardware.memory(root) == hardware.Memory(8 * GIB, 2 * GIB, GIB)


def test_a_container_that_sees_its_own_group_as_the_top_is_limited_by_it(system):
    root = system(
        {
            "proc/self/cgroup": "5:memory:/kubepods/pod1\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GIB}",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{GIB // 2}",
        }
    )
    assert hardware.memory(root).available == GIB // 2


def test_what_a_group_holds_of_files_counts_as_free(system):
    root = system(
        {
            "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/memory.max": f"{GIB}",
            "sys/fs/cgroup/memory.current": f"{GIB}",
            "sys/fs/cgroup/memory.stat": f"anon 5\ninactive_file {GIB // 4}\n",
        }
    )
    assert hardware.memory(root).available == GIB // 4


def test_without_a_limit_the_machine_s_free_memory_counts(system):
    assert hardware.memory(system({})) == hardware.Memory(8 * GIB, None, 6 * GIB)


def test_a_system_that_tells_nothing_gives_no_figures(tmp_path):
    assert hardware.memory(tmp_path) == hardware.Memory(None, None, None)
    assert hardware.vector_instructions(tmp_path) == ()


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="memory is asked elsewhere")
def test_a_jail_without_proc_gives_no_figures(tmp_path, monkeypatch):
    """As of chroot: psutil raised FileNotFoundError, and so did every training."""
    monkeypatch.setattr(hardware, "ROOT", tmp_path)
    monkeypatch.setattr("psutil.PROCFS_PATH", str(tmp_path / "proc"))
    assert hardware.memory(tmp_path).total is None
    assert hardware.resident_memory(tmp_path) is None


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_affinity_limits_the_cores():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert hardware.cores().usable == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much address space is taken")
def test_a_limit_of_address_space_counts():
    program = "from inklings import hardware; print(hardware.memory().available)"
    limited = f"ulimit -v 2000000; exec {sys.executable} -c '{program}'"
    answer = subprocess.run(["sh", "-c", limited], capture_output=True, text=True, check=True)
    assert 0 < int(answer.stdout) < 2_000_000 * 1024


def test_a_process_took_at_its_peak_what_it_takes_now_or_more(tmp_path):
    if hardware.resident_memory() is None:
        pytest.skip("this system does not tell")
    assert hardware.peak_memory() > 0.9 * hardware.resident_memory()  # the kernel counts both a little late
    assert hardware.peak_memory(tmp_path) is None


def test_a_process_knows_for_how_long_it_has_been_running():
    code = "import time; time.sleep(0.3); from inklings.hardware import process_seconds as p; print(p(), p())"
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = map(float, done.stdout.split())
    if sys.platform == "linux":  # elsewhere it is since the import
        assert first > 0.29
    assert first <= second <= time.perf_counter() - begun + 0.02  # ticks are of 0.01 s


def test_waiting_for_a_core_is_told_from_work(tmp_path):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/schedstat").write_text("2000000000 6000000000 40\n")
    assert hardware.slowness(tmp_path) == 4
    (tmp_path / "proc/self/schedstat").write_text("0 6000000000 40\n")  # as where the kernel does not count
    assert 1 <= hardware.slowness(tmp_path) < math.inf


def test_beside_another_program_on_its_core_a_process_is_slowed_down():
    spin = "import time; end = time.perf_counter() + 0.6\nwhile time.perf_counter() < end: pass\n"
    told = f"import os; os.sched_setaffinity(0, {{min(os.sched_getaffinity(0))}})\n{spin}"
    told += "from inklings.hardware import slowness; print(slowness())"
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system does not pin processes to cores")
    both = [subprocess.Popen([sys.executable, "-c", told], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert all(float(each.communicate()[0]) > 1.3 for each in both)
