"""Wheels of `make wheels`: named for what they hold, small, and their libraries tried as far as one machine can."""

import os
import re
import subprocess
import sys
import venv
import zipfile

import pytest
from build_native.targets import TARGETS
from packaging.tags import Tag, cpython_tags, mac_platforms, sys_tags
from packaging.utils import parse_wheel_filename

from inklings.engines.native import library
from native_targets.binaries import inspect

pytestmark = pytest.mark.slow
LINUX = [tag for tag in TARGETS if "linux" in tag]
MAC = [tag for tag in TARGETS if tag.startswith("macosx")]
EXPECTED_FORMAT = {"manylinux": "ELF", "musllinux": "ELF", "macosx": "Mach-O", "win": "PE"}
RUNNABLE = [tag for tag in TARGETS if tag not in MAC]
# Of float32 a sixteen millionth is the last digit; of float64, 2e-16.
TOLERANCE = {"float": 1e-5, "double": 1e-12}


def exported():
    """What the package calls."""
    return set(library._PROTOTYPES) | {"processor_level"}


@pytest.mark.parametrize("tag", TARGETS)
def test_a_wheel_is_small_and_says_twice_that_any_python_on_its_platform_may_have_it(tag, wheel):
    path = wheel(tag)
    assert path.stat().st_size < 6_000_000
    assert parse_wheel_filename(path.name)[3] == {Tag("py3", "none", tag)}
    with zipfile.ZipFile(path) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/WHEEL")]
        lines = archive.read(name).decode().splitlines()
    assert [line for line in lines if line.startswith(("Tag", "Root"))] == [
        "Root-Is-Purelib: false",
        f"Tag: py3-none-{tag}",
    ]


@pytest.mark.parametrize("python", [(3, 11), (3, 14)])
def test_installers_of_these_systems_take_the_wheels(python):
    def takes(platforms, tag):
        # What pip compares with, for a Python of that version on those platforms.
        from packaging.tags import compatible_tags

        platforms = list(platforms)
        accepted = {*cpython_tags(python, platforms=platforms), *compatible_tags(python, platforms=platforms)}
        return Tag("py3", "none", tag) in accepted

    assert takes(mac_platforms((11, 0), "arm64"), "macosx_11_0_arm64")
    assert takes(mac_platforms((26, 0), "arm64"), "macosx_11_0_arm64")
    assert takes(mac_platforms((10, 13), "x86_64"), "macosx_10_13_x86_64")
    assert takes(mac_platforms((15, 0), "x86_64"), "macosx_10_13_x86_64")
    assert not takes(mac_platforms((15, 0), "arm64"), "macosx_10_13_arm64"), "no Mac has that"
    assert takes(["win_amd64"], "win_amd64")


def test_this_machines_installer_takes_one_of_them():
    assert {Tag("py3", "none", tag) for tag in TARGETS} & set(sys_tags())


@pytest.mark.parametrize("tag", TARGETS)
def test_a_wheel_holds_each_library_in_its_platforms_format(tag, libraries):
    found, target = libraries(tag), TARGETS[tag]
    assert set(found) == {f"native_{real}_{level}" for real in ("float", "double") for level in target.levels}
    for path in found.values():
        binary = inspect(path)
        assert path.suffix == target.suffix
        assert binary.format == EXPECTED_FORMAT[re.match("[a-z]+", tag)[0]]
        assert tag.endswith(binary.machine)


@pytest.mark.parametrize("tag", MAC)
def test_a_macs_library_offers_what_the_package_calls_and_needs_nothing_but_the_system(tag, libraries):
    for path in libraries(tag).values():
        binary = inspect(path)
        assert exported() <= binary.offers
        assert binary.needs == {"/usr/lib/libSystem.B.dylib"}
        assert binary.oldest_system == TARGETS[tag].oldest_macos
        assert binary.is_signed or not tag.endswith("arm64"), "Apple's processors run nothing that is not signed"
        assert binary.undefined <= IN_EVERY_MACOS


def names(text):
    return set(text.split())


IN_EVERY_MACOS = names("""
    __bzero __memcpy_chk bzero calloc dyld_stub_binder exp expm1 free log log1p malloc memcpy memmove memset
    memset_pattern16 pow pthread_atfork pthread_cond_broadcast pthread_cond_wait pthread_create pthread_detach
    pthread_mutex_lock pthread_mutex_unlock sched_yield sqrt sqrtf tanh
""")
"""Of the C library: nothing of the compiler's own, which no other machine has."""


def test_windows_libraries_offer_what_the_package_calls_and_need_windows_10(libraries):
    for path in libraries("win_amd64").values():
        binary = inspect(path)
        assert exported() <= binary.offers
        assert {name for name in binary.needs if not name.startswith("api-ms-win-crt-")} <= {
            "kernel32.dll",
            "ntdll.dll",
        }


@pytest.mark.skipif(sys.platform != "linux", reason="auditwheel runs on Linux")
@pytest.mark.parametrize("tag", LINUX)
def test_auditwheel_agrees_with_the_tag(tag, wheel, system_libraries):
    pytest.importorskip("auditwheel")
    command = [sys.executable, "-m", "auditwheel", "show", str(wheel(tag))]
    # Of musl it looks for libc.so, and stumbles over the text that glibc's headers bring under that name.
    environment = os.environ | ({"LD_LIBRARY_PATH": system_libraries(tag)} if tag.startswith("musl") else {})
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    said = " ".join(done.stdout.split())
    kind, version = re.search(r'consistent with the following platform tag: "(\w+linux)_([\d_]+)_[a-z]', said).groups()
    promised, promised_version = re.match(r"(\w+linux)_([\d_]+)_", tag).groups()
    assert kind == promised
    assert tuple(map(int, version.split("_"))) <= tuple(map(int, promised_version.split("_")))


@pytest.mark.parametrize("real", TOLERANCE)
@pytest.mark.parametrize("tag", RUNNABLE)
def test_libraries_train_to_the_numbers_of_the_numpy_engine(tag, real, libraries, trial, emulator, outcome):
    command, program, tried = emulator(tag), trial(tag, real), 0
    for name, path in libraries(tag).items():
        level = int(name.rpartition("_")[2])
        if f"_{real}_" in name and level <= library.processor_level():
            found = outcome(command, program, path)
            assert found["compiled_level"] == level
            assert found["processor_level"] == (library.processor_level() if TARGETS[tag].is_x86 else 0)
            assert found["loss_error"] < TOLERANCE[real]
            assert found["weight_error"] < TOLERANCE[real]
            tried += 1
    assert tried


def test_what_is_trained_moves_the_weights_far_more_than_they_may_differ(problem):
    import numpy as np

    from inklings.networks import initial_parameters
    from native_targets.problem import NETWORK, flat

    count = len(flat(initial_parameters(NETWORK, 3)))
    before = np.frombuffer(flat(initial_parameters(NETWORK, 3)))
    after = np.frombuffer(problem.read_bytes()[-count:])
    assert np.abs(after - before).max() > 1000 * TOLERANCE["float"] * np.abs(after).max()


@pytest.mark.parametrize("real", TOLERANCE)
def test_zigs_library_is_as_fast_as_the_machines_compilers(real, libraries, trial, outcome):
    """Both are the best for this processor; each in turn with the other, since the machine may do other things too."""
    tag, level = "manylinux_2_17_x86_64", library.processor_level()
    if not {Tag("py3", "none", tag)} & set(sys_tags()):
        pytest.skip("not the libraries of this machine")
    program = trial(tag, real)
    own = library.FOLDER / f"native_{real}_{level}{library.SUFFIX}"
    zigs = libraries(tag)[f"native_{real}_{level}"]
    base = libraries(tag)[f"native_{real}_0"]
    seconds = {path: float("inf") for path in (own, zigs, base)}
    for _ in range(4):
        for path in seconds:
            seconds[path] = min(seconds[path], outcome([], program, path, 10)["seconds_per_step"])
    print(real, "ms a step by this compiler, by zig, by zig for any processor:")
    print([round(1e3 * each, 2) for each in seconds.values()])
    assert seconds[zigs] < 1.3 * seconds[own]
    if level:
        assert seconds[zigs] < 0.7 * seconds[base]


def test_a_wheel_is_installed_into_a_fresh_environment_and_trains_by_the_native_engine(wheel, tmp_path):
    (tag,) = [tag for tag in TARGETS if Tag("py3", "none", tag) in set(sys_tags())]
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel(tag))]
    subprocess.run(pip, check=True, cwd=tmp_path, env=environment)
    code = "from inklings.engines import get_engine, native; print(get_engine().name, native.library.used_level())"
    said = subprocess.check_output([python, "-c", code], text=True, cwd=tmp_path, env=environment)
    assert said.split() == ["native", str(library.processor_level())]
    train = [str(python), "-m", "inklings", "train", "mlp", "--epochs", "2", "--quiet"]
    done = subprocess.run(train, capture_output=True, text=True, cwd=tmp_path, env=environment, check=True)
    assert "test " in done.stdout
    assert "slower" not in done.stderr
