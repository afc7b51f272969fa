"""The wheels that `make wheels` made, unpacked, and what runs their libraries on this machine."""

import json
import os
import shutil
import subprocess
import zipfile
from functools import cache
from pathlib import Path

import pytest
from build_native.compilers import find_compiler
from build_native.targets import TARGETS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NATIVE = ROOT / "src/inklings/engines/native"


@pytest.fixture(scope="session")
def wheels():
    """The folder of the wheels: INKLINGS_WHEELS, which `make wheels-check` sets."""
    if "INKLINGS_WHEELS" not in os.environ:
        pytest.skip("there are no wheels: make wheels-check")
    return Path(os.environ["INKLINGS_WHEELS"]).resolve()


@pytest.fixture(scope="session")
def wheel(wheels):
    def find(tag):
        (found,) = wheels.glob(f"inklings-*-py3-none-{tag}.whl")
        return found

    return find


@pytest.fixture(scope="session")
def libraries(wheel, tmp_path_factory):
    """Unpack a wheel's libraries; return them by name."""

    def unpack(tag):
        folder = tmp_path_factory.mktemp(tag)
        with zipfile.ZipFile(wheel(tag)) as archive:
            names = [name for name in archive.namelist() if "/native/native_" in name]
            archive.extractall(folder, names)
        return {Path(name).stem: folder / name for name in names}

    return unpack


@pytest.fixture(scope="session")
def zig():
    compiler = find_compiler({"INKLINGS_TARGET": "any"})
    if compiler is None:
        pytest.skip("needs the package ziglang")
    return compiler


@pytest.fixture(scope="session")
def trial(zig, tmp_path_factory):
    """Compile trial.c for a target by zig, or for this machine by another compiler."""
    # Beside what `make wheels` keeps: MinGW's hundred files are compiled there already.
    environment = {f"ZIG_{kind}_CACHE_DIR": str(ROOT / "build/zig-cache") for kind in ("LOCAL", "GLOBAL")} | os.environ

    def build(tag, real):
        target = TARGETS[tag]
        program = tmp_path_factory.mktemp(tag) / ("trial.exe" if target.is_windows else "trial")
        # Linked to musl, zig's programs are static unless told otherwise, and load no library.
        command = [*zig.command, "-target", target.triple, "-dynamic", "-O2", "-std=gnu11", f"-DREAL={real}"]
        libraries = [] if target.is_windows else ["-ldl"]
        command += [f"-I{NATIVE}", str(HERE / "trial.c"), "-o", str(program), "-lm", *libraries]
        subprocess.run(command, check=True, env=environment, capture_output=True)
        return program

    return build


@pytest.fixture(scope="session")
def problem(tmp_path_factory):
    from inklings.engines import native
    from native_targets.problem import write_problem

    if reason := native.why_not():
        pytest.skip(reason)
    path = tmp_path_factory.mktemp("problem") / "problem.bin"
    write_problem(path)
    return path


@pytest.fixture(scope="session")
def system(tmp_path_factory):
    """Return a folder with a Linux target's C library, as its root would hold it."""

    @cache
    def find(tag):
        machine = "amd64" if tag.endswith("x86_64") else "arm64"
        return _unpacked("musl" if tag.startswith("musl") else "libc6", machine, tmp_path_factory.mktemp("system"))

    return find


@pytest.fixture(scope="session")
def system_libraries(system):
    def find(tag):
        (path,) = system(tag).glob("lib/*-linux-musl/libc.so")
        return str(path.parent)

    return find


@pytest.fixture(scope="session")
def emulator(system, tmp_path_factory):
    """Return the command that runs a target's programs here; skip where there is none."""
    home = tmp_path_factory.mktemp("wine")

    def find(tag):
        if tag == "manylinux_2_17_x86_64":
            return []
        if tag == "win_amd64":
            return _wine(home)
        root = system(tag)
        if tag.endswith("aarch64"):
            return [_program("qemu-aarch64", "qemu-user"), "-L", str(root)]
        return [str(root / "lib/ld-musl-x86_64.so.1")]

    return find


def _program(name, package):
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"needs {name} (on Debian: apt-get install {package})")
    return path


def _wine(home):
    debian = Path("/usr/lib/wine/wine64")  # which Debian's wine64 puts into no folder of PATH
    wine = str(debian) if debian.exists() else _program("wine", "wine64")
    os.environ.update(WINEPREFIX=str(home / "prefix"), WINEDEBUG="-all")
    subprocess.run([wine, "wineboot", "-i"], capture_output=True, timeout=300, check=False)
    return [wine]


def _unpacked(package, machine, folder):
    """Unpack a C library of Debian's into a folder, without installing it or telling apt of another processor."""
    _program("apt-get", "apt")
    (folder / "lists/partial").mkdir(parents=True)
    options = [f"APT::Architecture={machine}", f"APT::Architectures={machine}"]
    options += [f"Dir::State::lists={folder / 'lists'}", "Dir::State::status=/dev/null"]
    apt = ["apt-get", *(word for option in options for word in ("-o", option))]
    for words in (["update"], ["download", f"{package}:{machine}"]):
        if subprocess.run([*apt, *words], cwd=folder, capture_output=True, check=False).returncode:
            pytest.skip(f"needs Debian's package {package} for {machine}")
    (archive,) = folder.glob("*.deb")
    subprocess.run(["dpkg", "-x", archive, folder / "root"], check=True)
    return folder / "root"


@pytest.fixture(scope="session")
def outcome(problem):
    """Run a trial by a library; return what it found."""

    def run(emulator, program, library, repeats=1):
        command = [*emulator, program.name, library.name, problem.name, str(repeats)]
        if program.suffix != ".exe":
            command[-4:-1] = [str(program), str(library), str(problem)]
        else:  # which knows other paths: from the folder that all of it is in
            for path in (library, problem):
                shutil.copy(path, program.parent)
        done = subprocess.run(command, cwd=program.parent, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
