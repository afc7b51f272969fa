"""Names in ZIP archives: in UTF-8 with a flag that says so, without it as macOS has them, or in an older encoding."""

from __future__ import annotations

import zipfile
from pathlib import Path

from inklings.data.readers.folder_tree import is_junk

_UTF8 = 0x800


def name_of(info: zipfile.ZipInfo) -> str:
    """Return a name as it was meant: macOS writes UTF-8 without the flag that says so."""
    if info.flag_bits & _UTF8 or info.filename.isascii():
        return info.filename
    try:
        # zipfile decodes names without the flag as cp437, in which every byte is a character: so nothing was lost.
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def describe_foreign(path: Path) -> list[str]:
    """Return what to say of names that are neither ASCII nor UTF-8: programs for Windows write its own alphabets."""
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not any(map(is_junk, info.filename.split("/")))]
    unflagged = [info for info in infos if not info.flag_bits & _UTF8 and not info.filename.isascii()]
    # UTF-8 by its bytes comes out otherwise.
    foreign = [info.filename for info in unflagged if name_of(info) == info.filename]
    if not foreign:
        return []
    return [f"{len(foreign):,} names in it are not in UTF-8, and were read as MS-DOS wrote them, such as {foreign[0]}"]
