"""What a shared library's file says of itself: for which processor, from which system on, and what it needs."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

ELF = {62: "x86_64", 183: "aarch64"}
MACH = {0x01000007: "x86_64", 0x0100000C: "arm64"}
PE = {0x8664: "amd64"}


@dataclass(frozen=True)
class Binary:
    """A shared library; what a format does not say is empty."""

    format: str
    machine: str
    oldest_system: str = ""
    is_signed: bool = False
    needs: set[str] = field(default_factory=set)
    offers: set[str] = field(default_factory=set)
    undefined: set[str] = field(default_factory=set)


def inspect(path: Path) -> Binary:
    """Read a file's headers: ELF of Linux, Mach-O of macOS or PE of Windows."""
    data = path.read_bytes()
    if data[:4] == b"\x7fELF":
        return Binary("ELF", ELF[struct.unpack_from("<H", data, 18)[0]])
    if data[:4] == b"\xcf\xfa\xed\xfe":
        return _mach(data)
    assert data[:2] == b"MZ", f"{path.name} is no library"
    return _portable_executable(data)


def _text(data: bytes, start: int) -> str:
    return data[start : data.index(b"\0", start)].decode()


def _mach(data: bytes) -> Binary:
    """Walk the load commands, numbered as in <mach-o/loader.h>."""
    machine, commands, place = struct.unpack_from("<I", data, 4)[0], struct.unpack_from("<I", data, 16)[0], 32
    oldest, signed, needs, offers, undefined = "", False, set(), set(), set()
    for _ in range(commands):
        command, size = struct.unpack_from("<II", data, place)
        if command in (0x24, 0x32):  # LC_VERSION_MIN_MACOSX, LC_BUILD_VERSION
            version = struct.unpack_from("<I", data, place + (8 if command == 0x24 else 12))[0]
            oldest = f"{version >> 16}.{version >> 8 & 255}"
        elif command == 0x1D:  # LC_CODE_SIGNATURE
            signed = True
        elif command == 0x0C:  # LC_LOAD_DYLIB
            needs.add(_text(data, place + struct.unpack_from("<I", data, place + 8)[0]))
        elif command == 0x02:  # LC_SYMTAB
            symbols, count, strings, _ = struct.unpack_from("<4I", data, place + 8)
            for number in range(count):
                name, kind, *_ = struct.unpack_from("<IBBHQ", data, symbols + 16 * number)
                if kind & 1:  # external; of no section: from elsewhere
                    (offers if kind & 0x0E else undefined).add(_text(data, strings + name).removeprefix("_"))
        place += size
    return Binary("Mach-O", MACH[machine], oldest, signed, needs, offers, undefined)


def _portable_executable(data: bytes) -> Binary:
    """Find the imported DLLs and the exported names, by Microsoft's "PE Format"."""
    start = struct.unpack_from("<I", data, 60)[0]
    machine, sections, optional = (
        *struct.unpack_from("<HH", data, start + 4),
        struct.unpack_from("<H", data, start + 20)[0],
    )
    table = start + 24 + optional
    places = [struct.unpack_from("<4I", data, table + 40 * number + 8) for number in range(sections)]

    def at(address: int) -> int:
        return next(file + address - first for size, first, _, file in places if first <= address < first + size)

    exports, imports = (struct.unpack_from("<I", data, start + 24 + 112 + 8 * number)[0] for number in (0, 1))
    needs, entry = set(), at(imports)
    while name := struct.unpack_from("<I", data, entry + 12)[0]:
        needs.add(_text(data, at(name)).lower())
        entry += 20
    count, names = (
        struct.unpack_from("<I", data, at(exports) + 24)[0],
        struct.unpack_from("<I", data, at(exports) + 32)[0],
    )
    offers = {_text(data, at(each)) for each in struct.unpack_from(f"<{count}I", data, at(names))}
    return Binary("PE", PE[machine], needs=needs, offers=offers)
