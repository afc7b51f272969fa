"""What building makes: libraries of the native engine wherever something compiles, and a package anyhow."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("hatchling")
ROOT = Path(__file__).parents[1]
NATIVE = "inklings/engines/native"
COMPILER = shutil.which("gcc") or shutil.which("clang")
needs_compiler = pytest.mark.skipif(COMPILER is None or sys.platform == "win32", reason="needs gcc or clang")
# Which changes nothing that is tested here, and takes a tenth of the time to compile.
QUICK = {"CFLAGS": "-O0"}
OLD = "of an older build"


def copy_sources(folder):
    """Copy what is built, so that building changes nothing that is in use."""
    folder.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "hatch_build.py", "hatch_readme.py"):
        shutil.copy(ROOT / name, folder)
    for name in ("src", "build_native"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("native_*", "__pycache__"))
    return folder


@pytest.fixture
def sources(tmp_path):
    return copy_sources(tmp_path / "sources")


@pytest.fixture
def programs(tmp_path):
    """An empty folder that is all of PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    return folder


def script(path, *lines):
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return str(path)


def run(command, sources, **environment):
    cleared = dict.fromkeys(("CC", "CFLAGS", "LDFLAGS", "ARCHFLAGS", "INKLINGS_TARGET", "INKLINGS_REQUIRE_NATIVE"), "")
    environment = {**os.environ, **cleared, **environment}
    return subprocess.run(command, cwd=sources, env=environment, capture_output=True, text=True, check=False)


def try_build(sources, target, **environment):
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", "built"]
    return run(command, sources, **environment)


def build(sources, target, **environment):
    """Build a wheel or a source distribution; return its file and what was said meanwhile."""
    done = try_build(sources, target, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = (sources / "built").iterdir()
    return built, done.stdout + done.stderr


def libraries_in(wheel):
    return [name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(f"{NATIVE}/native_")]


def installed(sources):
    """Return the libraries that an editable install would load, with their contents."""
    return {path.name: path.read_bytes() for path in (sources / "src" / NATIVE).glob("native_*")}


def reason_in(folder):
    """Say why the package in a folder does not use the native engine; empty if it does."""
    code = "from inklings.engines import native; print(native.why_not())"
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.check_output([sys.executable, "-c", code], env=environment, cwd=folder, text=True).strip()


def test_a_run_without_the_native_engine_says_which_one_takes_its_place(sources, tmp_path):
    command = [sys.executable, "-m", "inklings", "train", "softmax", "--steps", "1", "--quiet"]
    environment = os.environ | {"PYTHONPATH": str(sources / "src")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert (
        "note: training with NumPy in float32, three to five times slower, since there is no native engine"
        in done.stderr
    )
    assert "test " in done.stdout


FLAGS = {"CFLAGS": "-O0 -DFROM_CFLAGS", "LDFLAGS": "-L/from/ldflags", "ARCHFLAGS": "-DFROM_ARCHFLAGS"}


@pytest.fixture(scope="module")
def by_pip(tmp_path_factory):
    """Install by pip, with a compiler that notes its calls; give the folder, what was said and the calls."""
    folder = tmp_path_factory.mktemp("by-pip")
    sources, log = copy_sources(folder / "sources"), folder / "calls"
    (sources / f"src/{NATIVE}/native_float_0.so").write_text(OLD)
    compiler = script(folder / "cc", f'echo "$*" >> {log}', f'exec {COMPILER} "$@"')
    command = [sys.executable, "-m", "pip", "install", "-v", "--no-build-isolation", "--no-deps", "--target"]
    done = run([*command, str(folder / "installed"), "."], sources, CC=compiler, **FLAGS)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout + done.stderr, log.read_text().splitlines()


@needs_compiler
def test_a_wheel_holds_libraries_for_this_platform_and_runs_by_them(by_pip):
    from packaging.tags import parse_tag, sys_tags

    folder, said, _ = by_pip
    assert "compiler" not in said
    assert installed(folder / "sources") == {"native_float_0.so": OLD.encode()}, (
        "a wheel changes nothing of the sources"
    )
    (about,) = (folder / "installed").glob("inklings-*.dist-info/WHEEL")
    tags = {tag for line in re.findall(r"^Tag: (.+)$", about.read_text(), re.M) for tag in parse_tag(line)}
    assert tags & set(sys_tags())
    assert {(tag.interpreter, tag.abi) for tag in tags} == {("py3", "none")}
    if sys.platform == "linux":  # what links to this machine's C library is for this machine, and no index takes it
        assert {tag.platform.partition("_")[0] for tag in tags} == {"linux"}
    assert reason_in(folder / "installed") == ""


@pytest.mark.parametrize(
    "compiler",
    [
        pytest.param("", id="none", marks=pytest.mark.skipif(bool(find_spec("ziglang")), reason="ziglang compiles")),
        pytest.param("/nowhere/cc", id="one that is not there"),
        pytest.param("false", id="a broken one"),
    ],
)
def test_without_a_c_compiler_a_wheel_is_built_all_the_same_and_says_what_is_missing(sources, compiler, programs):
    (programs / "false").symlink_to(shutil.which("false"))
    (sources / f"src/{NATIVE}/native_float_0.so").write_text(OLD)
    wheel, said = build(sources, "wheel", PATH=str(programs), CC=compiler)
    assert wheel.name.endswith("-py3-none-any.whl")
    assert libraries_in(wheel) == []
    assert "inklings/web/static/engine/inklings.wasm" in zipfile.ZipFile(wheel).namelist()
    (line,) = [line for line in said.splitlines() if "native engine" in line]
    assert "false failed" in line if compiler == "false" else "no C compiler was found" in line
    assert "install a C compiler (gcc or clang) and install again" in line


@pytest.mark.parametrize(
    ("compiler", "expected"),
    [("false", "false failed: it exited with 1"), ("/nowhere/cc", "CC names /nowhere/cc, and no C compiler")],
)
def test_where_the_native_engine_is_required_a_failed_compile_is_an_error(sources, compiler, expected):
    (sources / f"src/{NATIVE}/native_float_0.so").write_text(OLD)
    done = try_build(sources, "wheel:editable", CC=compiler, INKLINGS_REQUIRE_NATIVE="1")
    assert done.returncode != 0
    (line,) = (done.stdout + done.stderr).strip().splitlines()
    assert expected in line
    assert installed(sources) == {"native_float_0.so": OLD.encode()}


@needs_compiler
def test_what_fails_is_told_in_the_compilers_first_error(sources):
    done = try_build(sources, "wheel", CC=COMPILER, CFLAGS="-include nowhere.h", INKLINGS_REQUIRE_NATIVE="1")
    assert done.returncode != 0
    (line,) = (done.stdout + done.stderr).strip().splitlines()
    assert re.search(r"failed: .*error: .*nowhere\.h", line)


def test_a_build_that_fails_takes_nothing_away_from_an_editable_install(sources):
    for name in ("native_float_0.so", "native_double_0.so"):
        (sources / f"src/{NATIVE}/{name}").write_text(OLD)
    before = installed(sources)
    _, said = build(sources, "wheel:editable", CC="false")
    assert installed(sources) == before
    assert "false failed" in said


@needs_compiler
def test_a_level_that_the_compiler_does_not_know_leaves_the_others(sources, programs, by_pip):
    if len(levels()) == 1:
        pytest.skip("this processor has one level")
    refuses = script(
        programs / "cc",
        'case "$*" in *-mavx512f*) echo "error: what is AVX-512?" >&2; exit 1;; esac',
        'for each; do [ "$before" = -o ] && made=$each; before=$each; done',
        f'compiled={by_pip[0]}/installed/{NATIVE}/$(basename "$made")',
        # What these sources were compiled to before needs no second time.
        f'[ -e "$compiled" ] && exec cp "$compiled" "$made"; exec {COMPILER} "$@"',
    )
    (sources / f"src/{NATIVE}/native_float_4.so").write_text(OLD)
    _, said = build(sources, "wheel:editable", CC=refuses)
    assert set(installed(sources)) == {f"native_{real}_{level}.so" for real in ("float", "double") for level in (0, 3)}
    assert reason_in(sources / "src") == ""
    assert "error: what is AVX-512?: without part of the native engine" in said


@pytest.mark.slow
@needs_compiler
def test_two_installs_at_once_do_not_get_in_each_others_way(sources):
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel:editable", "--directory"]
    environment = os.environ | {"CC": COMPILER, **QUICK}
    both = [subprocess.Popen([*command, name], cwd=sources, env=environment) for name in ("one", "other")]
    assert [each.wait(120) for each in both] == [0, 0]
    assert reason_in(sources / "src") == ""
    assert not [name for name in installed(sources) if name.endswith(".tmp")]


def levels():
    sys.path.insert(0, str(ROOT))
    try:
        from build_native.targets import this_machine
    finally:
        sys.path.remove(str(ROOT))
    return this_machine({}).levels


@needs_compiler
def test_pip_compiles_each_library_once_with_the_users_flags(by_pip):
    _, _, calls = by_pip
    made = [re.search(r"native_\w+", call)[0] for call in calls]
    assert sorted(made) == sorted(f"native_{real}_{level}" for real in ("float", "double") for level in levels())
    for call in calls:
        assert (
            call.index("-O3") < call.index("-O0 -DFROM_CFLAGS") < call.index("-DREAL") < call.index("-L/from/ldflags")
        )
        assert "-DFROM_ARCHFLAGS" in call


def required_by(sources, **environment):
    code = "import hatchling.build as backend; print(*backend.get_requires_for_build_wheel(), sep='\\n')"
    done = run([sys.executable, "-c", code], sources, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_zig_is_asked_for_where_nothing_else_compiles(sources, programs):
    assert required_by(sources, PATH=str(programs)).startswith("ziglang>=")
    script(programs / "cc", "exit 1")  # as on a Mac without its developer tools
    assert required_by(sources, PATH=str(programs)).startswith("ziglang>=")
    assert required_by(sources, PATH=str(programs), CC="false") == ""
    assert required_by(sources, INKLINGS_TARGET="win_amd64").startswith("ziglang>=")


@needs_compiler
def test_zig_is_not_asked_for_where_a_compiler_works(sources):
    assert required_by(sources) == ""


@pytest.mark.parametrize(
    ("name", "target", "expected"),
    [
        (
            "manylinux_2_17_vax",
            "wheel",
            "INKLINGS_TARGET is 'manylinux_2_17_vax', expected one of manylinux_2_17_x86_64",
        ),
        (
            "win_amd64",
            "wheel:editable",
            "INKLINGS_TARGET=win_amd64 is for wheels; an editable install is for this machine",
        ),
    ],
)
def test_a_target_that_cannot_be_built_is_refused_in_one_line(sources, name, target, expected):
    done = try_build(sources, target, INKLINGS_TARGET=name)
    assert done.returncode != 0
    (line,) = (done.stdout + done.stderr).strip().splitlines()
    assert expected in line


def test_a_source_distribution_holds_what_compiles_and_nothing_compiled(sources):
    (sources / f"src/{NATIVE}/native_float_0.so").write_text(OLD)
    distribution, _ = build(sources, "sdist")
    with tarfile.open(distribution) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    expected = {f"src/{NATIVE}/{path.name}" for path in (ROOT / f"src/{NATIVE}").glob("*.[ch]")}
    expected |= {f"build_native/{path.name}" for path in (ROOT / "build_native").glob("*.py")}
    expected |= {"src/inklings/web/static/engine/inklings.wasm", "src/inklings/web/static/page.js"}
    assert {"hatch_build.py", "hatch_readme.py", *expected} <= names
    assert not [name for name in names if "/native_" in name]


@pytest.mark.slow
@needs_compiler
def test_a_source_distribution_builds_a_wheel_with_libraries(sources, tmp_path):
    distribution, _ = build(sources, "sdist")
    with tarfile.open(distribution) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    wheel, _ = build(unpacked, "wheel", CC=COMPILER, **QUICK)
    assert len(libraries_in(wheel)) == 2 * len(levels())
