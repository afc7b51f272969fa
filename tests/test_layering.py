"""A room of the house imports only from rooms above it: the way of the data goes in one direction."""

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import inklings

PACKAGE = Path(inklings.__file__).parent
ROOMS = (
    "errors",
    "extras",
    "fonts",
    "command_names",
    "serialise",
    "synonyms",
    "portable_math",
    "annotated",
    "arguments",
    "hardware",
    "storage",
    "notebook",
    "reprs",
    "data",
    "pages",
    "networks",
    "engines",
    "training",
    "costs",
    "opponents",
    "models",
    "callbacks",
    "web",
    "export",
    "evaluation",
    "insight",
    "estimators",
    "findings",
    "experiments",
    "search",
    "report",
    "plots",
    "lab",
    "doctor",
    "cli",
)
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path not in (PACKAGE / "__init__.py", PACKAGE / "__main__.py"))


def room_of(module):
    """``inklings.data.readers.idx`` is in the room ``data``; the package itself is everywhere."""
    parts = module.split(".")
    return parts[1] if parts[0] == "inklings" and len(parts) > 1 else None


def module_of(path):
    """``data/idx.py`` is ``inklings.data.readers.idx``, and ``data/__init__.py`` is ``inklings.data``."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def parsed(path):
    """Several tests read each file."""
    return ast.parse(path.read_text())


@cache
def known_modules():
    return frozenset(map(module_of, FILES))


def imports(path, walk=ast.walk):
    """Yield the line and the name of each import, those within functions too."""
    for node in walk(parsed(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


def walk_what_runs(node):
    """Leave out what only type checkers read; a function's imports run when it is called."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from walk_what_runs(child)


def walk_what_loading_runs(node):
    """Leave out what a function imports when it is called, too."""
    for child in ast.iter_child_nodes(node):
        for_checkers = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        if not for_checkers and not isinstance(child, ast.FunctionDef):
            yield child
            yield from walk_what_loading_runs(child)


def files_of(room):
    return [path for path in FILES if path.relative_to(PACKAGE).parts[0].removesuffix(".py") == room]


@pytest.mark.parametrize("room", ROOMS)
def test_a_file_imports_only_from_its_own_room_and_rooms_above(room):
    below = ROOMS[ROOMS.index(room) + 1 :]
    found = [(path, line, module) for path in files_of(room) for line, module in imports(path)]
    assert found
    assert not [f"{path}:{line}: {module}" for path, line, module in found if room_of(module) in below]


def test_no_files_import_each_other_in_a_circle():
    """Neither when they are loaded nor, in all rooms but the engines, when a function is called."""
    known = known_modules()
    graph = {}
    for path in FILES:
        walk = walk_what_loading_runs if room_of(module_of(path)) == "engines" else walk_what_runs
        names = [name for _, name in imports(path, walk)]
        graph[module_of(path)] = {name if name in known else name.rpartition(".")[0] for name in names} & known
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize("room", ROOMS)
def test_a_file_rests_on_the_modules_that_define_what_it_takes_not_on_a_whole_room(room):
    """What a large room's face shows is for users: by it, a file that takes one name would rest on all of the room."""
    known = known_modules()
    faces = {f"inklings.{large}" for large in ("data", "training", "experiments")}
    paths = [path for path in files_of(room) if path.name != "__init__.py"]
    found = [(path, line, name) for path in paths for line, name in imports(path, walk_what_loading_runs)]
    whole = [each for each in found if each[2].rpartition(".")[0] in faces and each[2] not in known]
    assert not [f"{path}:{line}: {name}" for path, line, name in whole]


def test_every_room_is_known():
    found = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in FILES}
    assert found <= set(ROOMS)


@pytest.mark.parametrize("path", sorted((PACKAGE / "networks").glob("*.py")), ids=lambda path: path.name)
def test_networks_know_no_array_library_but_numpy(path):
    assert not {module for _, module in imports(path) if module.split(".")[0] in ("jax", "scipy", "optax", "torch")}
