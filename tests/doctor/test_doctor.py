"""Each check against a machine that is known to have what it looks for."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from inklings import hardware
from inklings.doctor import Check, Verdict, costliest, examine, exit_code, explain_slowness
from inklings.engines import native
from inklings.engines.native.bindings import FOLDER, LEVELS, used_level

WIDE = bool({"AVX2", "AVX-512"} & set(hardware.vector_instructions()))
BLAS = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
needs_openblas = pytest.mark.skipif(not WIDE or "openblas" not in BLAS, reason="needs OpenBLAS on AVX2")
needs_native = pytest.mark.skipif(not native.is_available(), reason=native.why_not())
needs_linux = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux")


def by_name(checks):
    return {check.name: check for check in checks}


@pytest.fixture(scope="module")
def here(examined):
    return examined(measure=True, with_jax=True)[0]


def test_everything_is_looked_at(here):
    assert list(here) == [
        "versions",
        "processor",
        "vector instructions",
        "cores",
        "native engine",
        "native engine's threads",
        "BLAS",
        "NumPy's threads",
        "GPU",
        "other programs",
        "memory",
        "disk",
    ]
    assert f"numpy {np.__version__}" in here["versions"]["found"]


@needs_native
def test_the_engine_s_speed_is_held_against_the_machine_s_limit(here):
    assert here["native engine"]["verdict"] == "ok"
    assert re.search(
        r"at [\d.]+ GFLOP/s, (\d+% of|faster than) NumPy's matrix product here", here["native engine"]["found"]
    )


@needs_openblas
def test_the_kernel_that_openblas_chose_itself_is_right(here):
    assert here["BLAS"]["verdict"] == "ok"
    assert here["BLAS"]["advice"] == ""


def factors_of(found):
    """The least and the largest factor between two measured speeds, which a check rounds to whole numbers."""
    here, without = map(float, re.search(r"at (\d+) GFLOP/s, without that at (\d+)$", found).groups())
    return (without - 0.5) / (here + 0.5), (without + 0.5) / (here - 0.5)


def is_judged_by_what_it_measured(check):
    """Whether a check is slow if and only if it measured a difference, and costs what it measured."""
    least, largest = factors_of(check["found"])
    if check["verdict"] == "info":
        return least < 1.25 and (check["factor"], check["advice"]) == (1, "")
    return check["verdict"] == "slow" and check["factor"] >= 1.25 and least <= check["factor"] <= largest


@needs_openblas
def test_a_kernel_that_was_measured_to_be_slow_costs_what_was_measured(examined):
    for _ in range(3):  # a machine that other programs fill may be as slow with the free choice for a moment
        check = examined(measure="briefly", engine="numpy", OPENBLAS_CORETYPE="Nehalem")[0]["BLAS"]
        assert "OPENBLAS_CORETYPE=Nehalem; the processor has AVX" in check["found"]
        assert is_judged_by_what_it_measured(check)
        if check["verdict"] == "slow":
            break
    assert check["verdict"] == "slow"
    assert check["advice"] == "unset OPENBLAS_CORETYPE"


@needs_openblas
def test_a_kernel_that_was_measured_to_be_as_fast_costs_nothing_though_it_was_forced(examined, here):
    kernel = here["BLAS"]["found"].split("kernel ")[1]
    check = examined(measure="briefly", engine="numpy", OPENBLAS_CORETYPE=kernel)[0]["BLAS"]
    assert f"OPENBLAS_CORETYPE={kernel}" in check["found"]
    assert is_judged_by_what_it_measured(check)


@needs_openblas
@pytest.mark.skipif(hardware.cores().usable < 2, reason="needs two cores")
def test_a_kernel_and_threads_that_were_not_measured_are_named_and_blamed_for_nothing(examined):
    checks, _ = examined(measure=False, OPENBLAS_CORETYPE="Prescott", OPENBLAS_NUM_THREADS="1")
    for name, variable in (("BLAS", "OPENBLAS_CORETYPE"), ("NumPy's threads", "OPENBLAS_NUM_THREADS")):
        assert (checks[name]["verdict"], checks[name]["factor"]) == ("info", 1)
        assert f"{variable}=" in checks[name]["found"]
        assert checks[name]["advice"].startswith(f"unset {variable}")


@needs_openblas
@pytest.mark.skipif(hardware.cores().usable < 2, reason="needs two cores")
def test_too_few_threads_for_numpy_cost_what_was_measured(examined):
    check = examined(measure="briefly", engine="numpy", OPENBLAS_NUM_THREADS="1")[0]["NumPy's threads"]
    assert check["found"].startswith(f"1 for {hardware.cores().usable} cores; the environment sets ")
    assert is_judged_by_what_it_measured(check)


@needs_native
@pytest.mark.skipif(hardware.cores().usable < 2, reason="needs two cores")
def test_too_few_threads_for_the_native_engine_are_named(examined):
    check = examined(OMP_NUM_THREADS="1")[0]["native engine's threads"]
    assert check["found"] == f"1 for {hardware.cores().usable} cores; the environment sets OMP_NUM_THREADS=1"
    assert (check["verdict"], check["advice"]) == ("slow", "unset OMP_NUM_THREADS")
    assert check["factor"] == hardware.cores().usable


@needs_native
@needs_openblas
@pytest.mark.skipif(hardware.cores().usable < 2, reason="needs two cores")
def test_what_slows_an_engine_that_does_not_train_costs_nothing(examined):
    checks = examined(measure="briefly", OPENBLAS_CORETYPE="Nehalem")[0]
    assert (checks["BLAS"]["verdict"], checks["BLAS"]["factor"]) == ("info", 1)
    assert checks["BLAS"]["advice"] == "unset OPENBLAS_CORETYPE; this matters only with --engine numpy"
    check = examined(engine="numpy", OMP_NUM_THREADS="1")[0]["native engine's threads"]
    assert (check["verdict"], check["factor"]) == ("info", 1)
    assert check["advice"] == "unset OMP_NUM_THREADS; this matters only with --engine native"


@needs_linux
@pytest.mark.skipif(shutil.which("taskset") is None or hardware.cores().allowed < 2, reason="needs taskset, two cores")
def test_a_process_bound_to_one_core_is_told_so_and_uses_one_thread(examined):
    checks, _ = examined("taskset", "-c", str(min(os.sched_getaffinity(0))))
    assert "may run on 1" in checks["cores"]["found"]
    assert checks["cores"]["factor"] == hardware.cores().present
    for name in ("NumPy's threads", *(["native engine's threads"] if native.is_available() else [])):
        assert checks[name]["found"] == "1 for 1 core"


@needs_native
def test_the_native_engine_names_its_vectors_and_agrees_with_numpy(examined):
    check = examined()[0]["native engine"]
    name = LEVELS[used_level()]
    assert check["found"] == f"works with {name}, and agrees with the NumPy engine"
    assert check["verdict"] == "ok"


def test_a_native_engine_that_was_not_compiled_costs_what_the_one_in_its_place_falls_short_of(examined, without_native):
    check = examined(measure="briefly", PYTHONPATH=without_native)[0]["native engine"]
    assert check["verdict"] == "slow"
    assert check["found"].startswith("missing: it was not compiled when ")
    assert check["advice"].startswith("reinstall Inklings with INKLINGS_REQUIRE_NATIVE=1 set, ")
    share = float(re.search(r"the NumPy engine trains in its place, at ([\d.]+)% of", check["found"]).group(1)) / 100
    assert 0.4 / check["factor"] == pytest.approx(min(0.4, share), abs=6e-4)  # rounded to a tenth of a per cent


@needs_native
def test_a_native_engine_that_cannot_be_loaded_is_replaced_by_numpy(examined, without_native, tmp_path):
    shutil.copytree(Path(without_native) / "inklings", tmp_path / "inklings")
    for library in FOLDER.glob("native_*.so"):
        (tmp_path / "inklings/engines/native" / library.name).write_text("no library")
    check = examined(PYTHONPATH=str(tmp_path))[0]["native engine"]
    assert "its library cannot be loaded" in check["found"]
    assert check["found"].endswith("the NumPy engine trains in its place")
    assert check["verdict"] == "slow"


@pytest.fixture
def broken_jax(tmp_path):
    """A folder with a JAX that cannot be loaded."""
    (tmp_path / "jax").mkdir()
    (tmp_path / "jax" / "__init__.py").write_text("raise ImportError('jaxlib is version 0.1, but 0.10 is needed')")
    return str(tmp_path)


def test_a_jax_that_cannot_start_is_broken_where_it_trains(examined, broken_jax):
    checks, code = examined(PYTHONPATH=broken_jax, engine="jax", with_jax=True)
    assert checks["GPU"]["verdict"] == "broken"
    assert "jaxlib is version 0.1" in checks["GPU"]["found"]
    assert "pip install --force-reinstall 'inklings[jax]'" in checks["GPU"]["advice"]
    assert code == 1


def test_a_jax_that_cannot_start_costs_nothing_where_another_engine_trains(examined, broken_jax):
    check = examined(measure="briefly", with_jax=True, PYTHONPATH=broken_jax)[0]["GPU"]
    assert (check["verdict"], check["factor"]) == ("info", 1)
    assert "jaxlib is version 0.1" in check["found"]


def test_jax_says_on_which_device_it_computes(examined):
    pytest.importorskip("jax")
    check = examined(measure=False, engine="jax", with_jax=True, JAX_PLATFORMS="cpu")[0]["GPU"]
    assert check["verdict"] in ("ok", "info")
    assert "the processor" in check["found"]


def test_explaining_a_slow_run_loads_no_jax():
    code = "import sys; from inklings.doctor import explain_slowness; explain_slowness(60.0, 10.0); print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert "jax" not in modules


@pytest.fixture
def container(tmp_path):
    """A container with little of everything, and a graphics card."""
    files = {
        "proc/self/cgroup": "0::/\n",
        "sys/fs/cgroup/cpu.max": "50000 100000\n",
        "sys/fs/cgroup/memory.max": "700000000\n",
        "sys/fs/cgroup/memory.current": "300000000\n",
        "proc/meminfo": "MemTotal: 16000000 kB\nMemAvailable: 9000000 kB\n",
        "proc/stat": "cpu 1 2 3\nprocs_running 9\n",
        "proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA T4\nIRQ: 5\n",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


@pytest.fixture
def contained(container):
    return by_name(examine(measure=False, root=container, runs=container))


def test_a_quota_below_the_cores_is_slow(contained):
    assert "a control group limits this process to the time of 0.5" in contained["cores"].found
    assert contained["cores"].factor == hardware.cores().allowed / 0.5
    assert "OPENBLAS_NUM_THREADS=1" in contained["cores"].advice


def test_little_memory_within_a_limit_is_told(contained):
    assert contained["memory"].verdict is Verdict.SLOW
    assert contained["memory"].found == "0.4 GB free, limited to 0.7 GB by a control group"


def test_other_programs_are_counted(contained):
    assert contained["other programs"].factor == 1 + 8  # eight others for the one core of the quota
    assert contained["other programs"].found == "8.0 of their threads compete for 1 core, on average"


def test_an_unused_graphics_processor_is_named_and_costs_nothing(contained):
    check = contained["GPU"]
    assert check.found == "NVIDIA T4, unused"
    assert "train with --engine jax" in check.advice
    assert (check.verdict, check.factor) == (Verdict.INFO, 1)


def test_a_slow_run_is_explained_in_one_line_by_what_costs_most(container):
    line = explain_slowness(60.0, 10.0, root=container)
    assert line.startswith("6.0 times slower than expected: other programs: ")
    assert "\n" not in line


@needs_openblas
@pytest.mark.skipif(hardware.cores().usable < 2, reason="needs two cores")
def test_a_slow_run_is_not_explained_by_what_nobody_measured(container):
    (container / "proc/stat").write_text("procs_running 1\n")
    (container / "sys/fs/cgroup/cpu.max").write_text("max 100000\n")
    with threadpool_limits(limits=1, user_api="blas"):
        line = explain_slowness(60.0, 10.0, root=container)
    assert "NumPy's threads" not in line


def test_a_run_as_fast_as_expected_needs_no_explanation(container):
    assert explain_slowness(19.0, 10.0, root=container) is None


def test_only_a_factor_above_2_makes_the_command_fail():
    mild, severe = Check("a", "b", Verdict.SLOW, factor=2.0), Check("c", "d", Verdict.SLOW, factor=2.1)
    assert exit_code([mild]) == 0
    assert exit_code([mild, severe]) == 1
    assert costliest([mild, severe]) is severe
    assert costliest([Check("a", "b")]) is None


def test_a_check_is_json_even_where_training_is_impossible():
    plain = Check("disk", "full", Verdict.BROKEN, "make room", float("inf")).to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False))["factor"] is None
    assert Check("disk", "slow", Verdict.SLOW, "", 3.0).to_dict()["factor"] == 3.0
