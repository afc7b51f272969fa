import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import inklings

PROGRAM = """
import json, sys
from dataclasses import asdict
from inklings.doctor import engine_check, examine, exit_code
from inklings.engines import microbenchmarks
measure, engine, with_jax = json.loads(sys.argv[1])
if not with_jax:
    sys.modules["jax"] = None
if measure == "briefly":
    at_length = microbenchmarks.best_seconds
    microbenchmarks.best_seconds = engine_check.best_seconds = lambda run, within=0.0: at_length(run, within=0.05)
    microbenchmarks.PRODUCT_SIZES = (512,)
checks = examine(measure=bool(measure), engine=engine)
print(json.dumps({"checks": [asdict(check) for check in checks], "exit_code": exit_code(checks)}))
"""


@pytest.fixture(scope="session")
def without_native(tmp_path_factory):
    """A folder with the package as it is installed where there is no C compiler."""
    folder = tmp_path_factory.mktemp("without-native")
    ignored = shutil.ignore_patterns("native_*", "__pycache__")
    shutil.copytree(Path(inklings.__file__).parent, folder / "inklings", ignore=ignored)
    return str(folder)


@pytest.fixture(scope="session")
def examined():
    """Examine this machine in a process of its own, with other variables in its environment or started by a program.

    Gives the checks by name, and the exit code. What takes most of the time is left out unless it is asked for: JAX,
    and, if speeds are measured "briefly", the largest product and most runs.
    """

    def examine(*started_by, measure=False, engine="auto", with_jax=False, **environment):
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("OPENBLAS", "OMP", "JAX"))}
        path = os.pathsep.join([environment.pop("PYTHONPATH", ""), *(path for path in sys.path if path)])
        answer = subprocess.run(
            [*started_by, sys.executable, "-c", PROGRAM, json.dumps([measure, engine, with_jax])],
            env=kept | {"PYTHONPATH": path.strip(os.pathsep)} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        found = json.loads(answer.stdout)
        return {check["name"]: check for check in found["checks"]}, found["exit_code"]

    return examine
