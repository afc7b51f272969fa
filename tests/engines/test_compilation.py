"""What was compiled serves the next process."""

import os
import subprocess
import sys

SCRIPT = """
from inklings.engines.compilation import keep_compiled
from inklings.engines import compilation
compilation._WORTH_KEEPING = 0
print(keep_compiled())
import jax
jax.jit(lambda x: x @ x + 1)(jax.numpy.ones((3, 3)))
"""


def in_a_process(cache, script=SCRIPT, **settings):
    environment = os.environ | {"INKLINGS_CACHE": str(cache)} | settings
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip(), done.stderr


def test_a_program_is_compiled_once_for_all_processes(tmp_path):
    folder, _ = in_a_process(tmp_path)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*-cache")}
    assert kept
    assert folder.startswith(str(tmp_path / "compiled"))
    _, complaints = in_a_process(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*-cache")} == kept
    assert complaints == ""


def test_a_spoilt_program_is_compiled_again(tmp_path):
    in_a_process(tmp_path)
    for path in tmp_path.rglob("*-cache"):
        path.write_bytes(b"not a program")
    in_a_process(tmp_path)


def test_what_is_compiled_to_measure_compiling_is_not_kept(tmp_path):
    measured = SCRIPT.replace("print(keep_compiled())", "keep = compilation.keep_nothing(); keep.__enter__()")
    in_a_process(tmp_path, script=measured)
    assert not list(tmp_path.rglob("*-cache"))
    afterwards = "keep.__exit__(None, None, None)\njax.jit(lambda x: x @ x + 2)(jax.numpy.ones((3, 3)))"
    in_a_process(tmp_path, script=measured + afterwards)
    assert list(tmp_path.rglob("*-cache"))


def test_a_folder_of_the_users_own_for_jax_stays(tmp_path):
    folder, _ = in_a_process(tmp_path / "ours", JAX_COMPILATION_CACHE_DIR=str(tmp_path / "own"))
    assert folder == "None"
    assert not (tmp_path / "ours").exists()


def test_without_a_folder_that_can_be_written_all_is_compiled_as_ever(tmp_path):
    (tmp_path / "a file").write_text("")
    assert in_a_process(tmp_path / "a file" / "below it")[0] == "None"


def test_compiling_is_measured_again_though_this_process_compiled_the_same_before(tmp_path):
    twice = """
from time import perf_counter
from inklings.engines.compilation import keep_nothing
import jax
from jax import numpy as jnp
program = jax.jit(lambda x: jnp.linalg.inv(jnp.sort(x @ x)) + jnp.cumsum(x, axis=1))
for _ in range(2):
    with keep_nothing():
        start = perf_counter()
        program(jnp.ones((30, 30))).block_until_ready()
        first, second = perf_counter() - start, perf_counter()
        program(jnp.ones((30, 30))).block_until_ready()
        print(first / (perf_counter() - second))
"""
    first, again = map(float, in_a_process(tmp_path, script=twice)[0].split())
    assert min(first, again) > 5
