"""The reference's pages: which names are public, and where each is explained."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src"
EARLIER = ("fit_together",)
"""Names that are accepted for one version more, and say so when they are used."""


@dataclass(frozen=True)
class Room:
    """A part of the package that has a page, what that says first, and public names that no ``__all__`` has."""

    name: str
    about: str
    more: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """Where its names are imported from."""
        return f"inklings.{self.name}"

    @property
    def names(self) -> tuple[str, ...]:
        """Full names of all that its page explains."""
        module = importlib.import_module(self.module)
        listed = getattr(module, "__all__", None) or [name for name, home in homes().items() if home == self.module]
        return (*(f"{self.module}.{name}" for name in listed if name not in EARLIER), *self.more)


ROOMS = (
    Room("data", "From a file or a well-known name to images, labels, and parts of them to learn from and to test on."),
    Room("networks", "Layers that fit each other. They describe a network; engines compute it."),
    Room("callbacks", "What watches a training: progress, tables, loggers, the best network so far; or your own."),
    Room("training", "How a network is trained, and what comes of it."),
    Room("costs", "What a training will cost, before it starts."),
    Room("models", "A trained network that is saved, loaded and used."),
    Room(
        "experiments",
        "Networks that are compared on the same images, and runs that are kept.",
        ("inklings.experiments.mirroring.try_mirroring",),
    ),
    Room("search", "Many configurations, here or on a cluster: what to try, and what came of it."),
    Room("opponents", "Classifiers that are no networks, trained and measured as networks are."),
    Room(
        "evaluation",
        "How well a network classifies, and how sure that is.",
        ("inklings.evaluation.statistics.wilson_interval", "inklings.evaluation.temperature.calibrate"),
    ),
    Room("plots", "Figures of data, trainings, results and of what networks see, on Matplotlib's axes."),
    Room("insight", "What a network has learnt, and why it gives an image its class: arrays in, arrays out."),
    Room("report", "Figures, and pages of one file."),
    Room("export", "What other programs can use."),
    Room("findings", "What is the matter with a data set: wrong labels, copies, odd images."),
    Room("pages", "From a photograph of handwriting to single characters."),
    Room("estimators", "Networks in scikit-learn's tools."),
    Room(
        "engines",
        "What computes a network: NumPy to read, C to run, JAX on accelerators.",
        ("inklings.engines.gradcheck.check_gradients", "inklings.engines.gradcheck.compare_engines"),
    ),
    Room("doctor", "Why it is slow."),
    Room("errors", "What can go wrong. Each error is one line: what was found, what was expected, what to do."),
)


def homes() -> dict[str, str]:
    """Return which part each of the package's own names belongs to."""
    import inklings

    return dict(inklings._HOME_OF)


def value_of(name: str) -> object:
    """Return what a full name stands for."""
    module, _, last = name.rpartition(".")
    return getattr(importlib.import_module(module), last)


def needs_example(value: object) -> bool:
    """Classes and functions do; a table or a type's other name explains itself."""
    return inspect.isclass(value) or inspect.isfunction(value)


def home_of(name: str) -> tuple[str, str]:
    """Follow the imports of a name to where it is assigned; return its full name there, and the text below."""
    module, _, last = name.rpartition(".")
    path = SOURCES.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    body = ast.parse(path.read_text()).body
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.ImportFrom) and last in {alias.asname or alias.name for alias in node.names}:
            return home_of(f"{node.module}.{last}")
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        if last in {getattr(target, "id", "") for target in targets}:
            text = after.value if isinstance(after, ast.Expr) else None
            return name, str(text.value) if isinstance(text, ast.Constant) else ""
    return name, ""


def undocumented() -> list[str]:
    """Return a line for each public name that nothing explains, or that has no example."""
    lines = []
    for name in (name for room in ROOMS for name in room.names):
        value = value_of(name)
        said = inspect.getdoc(value) if needs_example(value) else home_of(name)[1]
        if not said:
            lines.append(f"{name} is public, and nothing explains it")
        elif needs_example(value) and ">>>" not in said:
            lines.append(f"{name} is public, and its docstring has no example")
    return lines


def documented() -> dict[int, str]:
    """Return where each class and function is explained, by what it is: the first page that has it, of several."""
    found: dict[int, str] = {}
    for name in (name for room in ROOMS for name in room.names):
        if needs_example(value_of(name)):
            found.setdefault(id(value_of(name)), name)
    return found


def pages() -> Iterator[tuple[str, str]]:
    """Yield each page's path and its text."""
    explained = documented()
    for room in ROOMS:
        here = [name for name in room.names if explained.get(id(value_of(name)), name) == name]
        others = [f":obj:`{name.rpartition('.')[2]} <{name}>`" for name in room.names if name not in here]
        also = [f"Also here, and explained elsewhere: {', '.join(others)}."] if others else []
        parts = [_heading(room.module), room.about, *also, *map(_entry, here)]
        yield f"reference/{room.name}.rst", "\n\n".join(parts) + "\n"


def _entry(name: str) -> str:
    value = value_of(name)
    if inspect.isclass(value):
        kind = "exception" if issubclass(value, Exception) else "class"
        inherited = "\n   :inherited-members:" if _inherits_unexplained(value) else ""
        return f".. auto{kind}:: {name}\n   :members:{inherited}"
    return (
        f".. autofunction:: {name}" if inspect.isfunction(value) else f".. autodata:: {home_of(name)[0]}\n   :no-value:"
    )


def _inherits_unexplained(value: type) -> bool:
    """Return whether a class has members of another of ours that no page explains; what is not ours, others explain."""
    inherited = value.__mro__[1:-1]
    ours = all(each.__module__.startswith("inklings.") for each in inherited)
    return ours and any(id(each) not in documented() for each in inherited)


def overview() -> str:
    """Return what follows the reference's first paragraph: the package's own names, and its parts, as Markdown."""
    own = "\n".join(f"* :obj:`{name} <{home}.{name}>`" for name, home in sorted(homes().items()))
    parts = "\n".join(f"- [{room.module}](reference/{room.name}.rst): {room.about}" for room in ROOMS)
    listed = "\n".join(f"reference/{room.name}" for room in ROOMS)
    return f"""
Most of what one needs is found in `inklings` itself:

```{{eval-rst}}
.. hlist::
   :columns: 3

{_indented(own)}
```

The parts are found without being imported, as in `inklings.insight.explain`:

{parts}

```{{toctree}}
:hidden:

{listed}
```
"""


def _heading(text: str) -> str:
    return f"{text}\n{'=' * len(text)}"


def _indented(text: str) -> str:
    return "\n".join(f"   {line}" for line in text.splitlines())
