"""Build the site: ``python tools/docs/build.py`` writes ``site/``, and ends with 1 at the first thing that is wrong.

Docs are plain Markdown, to be read where they lie. What a site needs besides is made here, in ``build/site-sources``:
the navigation, the reference, the list of decisions, the story's page, and copies of what was measured.
"""

import shutil
import sys
from pathlib import Path

from notebook_page import read_notebook
from reference import overview, pages, undocumented
from sphinx.cmd.build import build_main

ROOT = Path(__file__).parents[2]
DOCS, SOURCES, SITE = ROOT / "docs", ROOT / "build" / "site-sources", ROOT / "site"
MEASURED = ("results.md", "results.json", "growth.json")
NAVIGATION = {
    "Start": ("start/terminal", "start/python", "story"),
    "Understand": (
        "learn/index",
        "learn/layer",
        "learn/over-fitting",
        "learn/dropout",
        "learn/convolution",
        "learn/repeats",
        "learn/interval",
    ),
    "How to": (
        "guide",
        "lab",
        "data",
        "data-check",
        "models",
        "insight",
        "export",
        "estimators",
        "study",
        "cluster",
        "devices",
        "install",
    ),
    "Look up": ("reference", "reliability", "benchmarks", "measured/results", "decisions/index"),
}
"""The pages, as the site shows them; those of docs/ itself that are not named here come last."""


def write_sources() -> None:
    """Put together what Sphinx reads."""
    shutil.rmtree(SOURCES, ignore_errors=True)
    shutil.copytree(DOCS, SOURCES, ignore=shutil.ignore_patterns("*.ipynb"))
    with (SOURCES / "index.md").open("a") as index:
        index.writelines(_contents(caption, names) for caption, names in _navigation().items())
    with (SOURCES / "reference.md").open("a") as reference:
        reference.write(overview())
    for name, text in (*pages(), ("decisions/index.md", _decisions())):
        _write(name, text.encode())
    story, pictures = read_notebook(DOCS / "story.ipynb", "pictures/story")
    for name, content in ({"story.md": story.encode()} | pictures).items():
        _write(name, content)
    for name in MEASURED:
        _write(f"measured/{name}", (ROOT / "benchmarks" / name).read_bytes())
    for path in SOURCES.rglob("*.md"):
        # On the disk these lead to the notebook and out of docs/; the site has pages and copies.
        text = path.read_text().replace("story.ipynb)", "story.md)").replace("](../benchmarks/", "](measured/")
        text = text.replace("](decisions)", "](decisions/index.md)")
        path.write_text(text)


def _navigation() -> dict[str, tuple[str, ...]]:
    """Return the pages by their captions, and those that no caption names as the last."""
    named = {name for names in NAVIGATION.values() for name in names} | {"index"}
    others = tuple(sorted(path.stem for path in DOCS.glob("*.md") if path.stem not in named))
    return NAVIGATION | ({"More": others} if others else {})


def _write(name: str, content: bytes) -> None:
    path = SOURCES / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _contents(caption: str, names: tuple[str, ...] | list[str]) -> str:
    listed = "\n".join(names)
    return f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{listed}\n```\n"


def _decisions() -> str:
    names = sorted(path.stem for path in (DOCS / "decisions").glob("[0-9]*.md"))
    titles = {name: (DOCS / "decisions" / f"{name}.md").read_text().partition("\n")[0].lstrip("# ") for name in names}
    about = "Why things are as they are: a page for each choice that may be questioned, and what was measured."
    listed = "\n".join(f"- [{title}]({name}.md)" for name, title in titles.items())
    return f"# Decisions\n\n{about}\n\n{listed}\n{_contents('Decisions', names)}"


def main() -> int:
    """Build the site, and say what is wrong."""
    for line in (lines := undocumented()):
        print(f"docs: {line}", file=sys.stderr)
    if lines:
        return 1
    write_sources()
    shutil.rmtree(SITE, ignore_errors=True)
    arguments = ["-q", "-W", "--keep-going", "-j", "2", "-b", "html", "-c", str(Path(__file__).parent)]
    code = build_main([*arguments, "-d", str(ROOT / "build" / "site-trees"), str(SOURCES), str(SITE)])
    if not code:
        print(f"the site: {SITE / 'index.html'}")
    return code


if __name__ == "__main__":
    sys.exit(main())
