"""ES modules as one script, for pages that are opened from the disk, where browsers load no modules.

Each module becomes a function that returns what it exports, in the order in which they need one another. Understood are
the forms that the modules of this package use: ``import { a, b } from "./other.js";``, ``export`` before a function, a
class or a constant, and ``export { a };`` of what was imported.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function\*?|class|const|let) (\w+)", re.MULTILINE)
_EXPORT_NAMES = re.compile(r"^export \{ ([\w, ]+) \};$", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b.*$|\bimport\(", re.MULTILINE)


def bundle_modules(entry: str, read: Callable[[str], str]) -> str:
    r"""Return a module and all that it imports as one script without imports.

    Parameters
    ----------
    entry : str
        The module's path, with slashes.
    read : callable
        ``read(path) -> str``, of the modules.

    Raises
    ------
    ValueError
        A module imports or exports in a form that is not understood, or modules import one another in a circle.

    Examples
    --------
    >>> modules = {"a.js": 'import { b } from "./b.js";\nalert(b);', "b.js": "export const b = 1;"}
    >>> print(bundle_modules("a.js", modules.__getitem__))
    const $0 = (() => {
    const b = 1;
    return { b };
    })();
    (() => {
    const { b } = $0;
    alert(b);
    })();
    """
    numbers: dict[str, int] = {}
    written: list[str] = []
    _add(entry, read, numbers, written, ())
    return "\n".join(written)


def _add(
    path: str, read: Callable[[str], str], numbers: dict[str, int], written: list[str], within: tuple[str, ...]
) -> None:
    if path in within:
        raise ValueError(f"modules import one another in a circle: {' > '.join((*within, path))}")
    text = read(path)
    for _, address in _IMPORT.findall(text):
        needed = _resolve(path, address)
        if needed not in numbers:
            _add(needed, read, numbers, written, (*within, path))
    names = [name for _, name in _EXPORT.findall(text)] + _EXPORT_NAMES.findall(text)
    body = _IMPORT.sub(lambda found: _destructure(found, numbers[_resolve(path, found[2])]), text)
    body = _EXPORT_NAMES.sub("", _EXPORT.sub(r"\1 \2", body))
    if other := _OTHER.search(body):
        raise ValueError(
            f"{path} has {other[0]!r}, expected import {{ a, b }} from ...; or export before a declaration"
        )
    if within:
        numbers[path] = len(numbers)
        # A function of its own for each module, so that names which it does not export stay its own.
        written.append(f"const ${numbers[path]} = (() => {{\n{body.rstrip()}\nreturn {{ {', '.join(names)} }};\n}})();")
    else:
        written.append(f"(() => {{\n{body.rstrip()}\n}})();")


def _resolve(path: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), address))


def _destructure(found: re.Match[str], number: int) -> str:
    return f"const {{{found[1].replace(' as ', ': ')}}} = ${number};"
