"""The machines that the C engine is compiled for, each under the name that wheels give to its platform."""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.tags import sys_tags

# Named one by one, since compilers know x86-64-v3 and v4 only since about 2021.
_AVX2 = ("-mavx2", "-mfma", "-mbmi", "-mbmi2")
_AVX512 = ("-mavx512f", "-mavx512bw", "-mavx512cd", "-mavx512dq", "-mavx512vl", "-mprefer-vector-width=512")
X86_LEVELS = {0: (), 3: _AVX2, 4: (*_AVX2, *_AVX512)}
"""The compiler's flags for each level of instructions that ``cpu_features.c`` knows, beside ``-march``."""


@dataclass(frozen=True)
class Target:
    """A kind of machine.

    Parameters
    ----------
    tag : str
        The platform in a wheel's name: which systems install it.
    triple : str
        What zig calls it; empty if zig is left to find out.
    oldest_macos : str
        The version of macOS from which on the library loads; empty elsewhere. The tag promises the same version.
    """

    tag: str
    triple: str = ""
    oldest_macos: str = ""

    @property
    def is_x86(self) -> bool:
        """Whether the processor has the levels of instructions that x86-64 counts."""
        return self.triple.startswith("x86_64")

    @property
    def musl(self) -> str:
        """What musl's own systems call their C library, as wheels' rules want to see it; empty elsewhere."""
        return f"libc.musl-{self.triple.partition('-')[0]}.so.1" if self.triple.endswith("-musl") else ""

    @property
    def is_windows(self) -> bool:
        """Whether the libraries are DLLs."""
        return self.tag.startswith("win")

    @property
    def levels(self) -> dict[int, tuple[str, ...]]:
        """The compiler's flags for each level of instructions."""
        return X86_LEVELS if self.is_x86 else {0: ()}

    @property
    def suffix(self) -> str:
        """How libraries' names end."""
        return ".dll" if self.is_windows else ".dylib" if self.tag.startswith("macosx") else ".so"


TARGETS = {
    target.tag: target
    for target in (
        # glibc 2.17 is that of manylinux2014; numpy's and scipy's own wheels ask for as much or more.
        Target("manylinux_2_17_x86_64", "x86_64-linux-gnu.2.17"),
        Target("manylinux_2_17_aarch64", "aarch64-linux-gnu.2.17"),
        Target("musllinux_1_2_x86_64", "x86_64-linux-musl"),
        Target("musllinux_1_2_aarch64", "aarch64-linux-musl"),
        Target("macosx_10_13_x86_64", "x86_64-macos.10.13", "10.13"),
        # No Mac with this processor runs anything older, and no installer accepts macosx_10_*_arm64.
        Target("macosx_11_0_arm64", "aarch64-macos.11.0", "11.0"),
        Target("win_amd64", "x86_64-windows-gnu"),
    )
}
"""What wheels are made for, by the platform's tag."""


def named_target(name: str) -> Target:
    """Return the target that ``INKLINGS_TARGET`` names.

    Raises
    ------
    ValueError
        There is none of that name.
    """
    if name not in TARGETS:
        raise ValueError(f"INKLINGS_TARGET is {name!r}, expected one of {', '.join(TARGETS)}")
    return TARGETS[name]


def this_machine(environment: Mapping[str, str]) -> Target:
    """Return the target that this Python installs packages for.

    It is asked of Python, not of the kernel: a Python for Intel runs on a Mac with Apple's processor too. ``ARCHFLAGS``
    decides on a Mac, where one machine's compiler serves both processors.

    Raises
    ------
    ValueError
        ``ARCHFLAGS`` names several processors, or one that there is no target for.
    """
    platforms = [tag.platform for tag in sys_tags()]
    if sys.platform == "darwin" and (names := set(re.findall(r"-arch\s+(\S+)", environment.get("ARCHFLAGS", "")))):
        return target_of_architectures(names)
    return target_of_platforms(platforms) or Target(sysconfig.get_platform().replace("-", "_").replace(".", "_"))


def target_of_platforms(platforms: Iterable[str]) -> Target | None:
    """Return the target that is accepted by an installer which accepts these platforms, if there is one."""
    accepted = set(platforms)
    return next((target for tag, target in TARGETS.items() if tag in accepted), None)


def target_of_architectures(names: set[str]) -> Target:
    """Return the target for the processor that ``ARCHFLAGS`` names on a Mac."""
    found = [target for target in TARGETS.values() if target.oldest_macos and target.tag.split("_", 3)[3] in names]
    if len(names) != 1 or not found:
        raise ValueError(
            f"ARCHFLAGS names {', '.join(sorted(names))}, expected one of x86_64, arm64: one wheel for each"
        )
    return found[0]
