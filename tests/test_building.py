"""What a package that is built holds: the native engine's libraries where there is a C compiler, its sources anyhow."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")
ROOT = Path(__file__).parents[1]
NATIVE = "inklings/engines/native"
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")


@pytest.fixture
def sources(tmp_path):
    """A copy of what is built, so that building changes nothing that is in use."""
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "hatch_build.py"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("native_*", "__pycache__"))
    return tmp_path


def build(sources, target, **environment):
    """Build a wheel or a source distribution; give its file and what was said meanwhile."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", "built"],
        cwd=sources,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    (built,) = (sources / "built").iterdir()
    return built, done.stdout + done.stderr


def libraries_in(wheel):
    return [name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(f"{NATIVE}/native_")]


def test_a_run_without_the_native_engine_says_which_one_takes_its_place(sources, tmp_path):
    command = [sys.executable, "-m", "inklings", "train", "softmax", "--steps", "1", "--quiet"]
    environment = os.environ | {"PYTHONPATH": str(sources / "src"), "INKLINGS_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert (
        "note: training with NumPy in float32, three to five times slower, since there is no native engine"
        in done.stderr
    )
    assert "test " in done.stdout


@pytest.mark.slow
@needs_compiler
def test_a_wheel_holds_libraries_for_this_platform_and_trains_by_them(sources, tmp_path):
    wheel, said = build(sources, "wheel")
    assert "compiler" not in said
    assert "-py3-none-" in wheel.name
    assert not wheel.name.endswith("-any.whl")
    assert {f"{NATIVE}/native_{real}_0.so" for real in ("float", "double")} <= set(libraries_in(wheel))
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    code = "import inklings.engines as engines; print(engines.__file__, engines.get_engine().name)"
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "installed")}
    answer = subprocess.check_output([sys.executable, "-c", code], env=environment, cwd=tmp_path, text=True)
    path, name = answer.split()
    assert Path(path).is_relative_to(tmp_path / "installed")
    assert name == "native"


@pytest.mark.parametrize(
    "compiler", ["", "/nowhere/cc", "false"], ids=["none", "one that is not there", "a broken one"]
)
def test_without_a_c_compiler_a_wheel_is_built_all_the_same_and_says_what_is_missing(sources, compiler, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "false").symlink_to(shutil.which("false"))
    (sources / f"src/{NATIVE}/native_float_0.so").write_text("of an older build")
    wheel, said = build(sources, "wheel", PATH=str(tmp_path / "bin"), CC=compiler)
    assert wheel.name.endswith("-py3-none-any.whl")
    assert libraries_in(wheel) == []
    (line,) = [line for line in said.splitlines() if "native engine" in line]
    assert "false failed" in line if compiler == "false" else "no C compiler was found" in line
    assert "install a C compiler (gcc or clang) and install again" in line


def test_a_source_distribution_holds_what_compiles_and_nothing_compiled(sources):
    (sources / f"src/{NATIVE}/native_float_0.so").write_text("of an older build")
    shutil.copy(ROOT / ".gitignore", sources)
    distribution, _ = build(sources, "sdist")
    with tarfile.open(distribution) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    expected = {f"src/{NATIVE}/{path.name}" for path in (ROOT / f"src/{NATIVE}").glob("*.[ch]")}
    assert {"hatch_build.py", *expected} <= names
    assert not [name for name in names if name.endswith(".so")]
