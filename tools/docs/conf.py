"""Settings of Sphinx; ``build.py`` calls it. docs/decisions/0033-a-site-of-pages.md says why it is Sphinx."""

import importlib
import sys
from pathlib import Path
from typing import Any

from docutils.nodes import Element, TextElement, document
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PyObject
from sphinx.environment import BuildEnvironment

sys.path.insert(0, str(Path(__file__).parent))
from reference import documented, value_of

import inklings

project, author, release = "Inklings", "The Inklings authors", inklings.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "myst_parser", "sphinx_copybutton"]
nitpicky = True  # a name in a docstring that is not there is an error
highlight_language = "default"

html_theme = "furo"
html_title = "Inklings"
html_static_path = ["static"]
html_css_files, html_js_files = ["site.css"], ["disk.js"]
html_search_scorer = str(Path(__file__).with_name("scorer.js"))  # Sphinx looks for it beside the pages
html_copy_source = html_show_sourcelink = html_show_sphinx = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
pygments_style, pygments_dark_style = "tango", "monokai"

myst_heading_anchors = 4
myst_enable_extensions = ["html_image"]  # pictures that have a width
copybutton_prompt_text, copybutton_prompt_is_regexp = r">>> |\.\.\. ", True

add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings name them, in words
autodoc_class_signature = "mixed"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

DOCUMENTED = documented()


def _find(path: str) -> tuple[object, str] | None:
    """Return the module's member that a dotted path leads to, and what of it is meant (``.predict``)."""
    parts = path.split(".")
    for size in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:size]))
        except ImportError:
            continue
        rest = parts[size:]
        member = getattr(found, rest[0], None) if rest else found
        whole = member
        for part in rest[1:]:
            whole = getattr(whole, part, None) or _field_of(whole, part)
        return None if whole is None else (member, "".join(f".{part}" for part in rest[1:]))
    return None


def _field_of(owner: object, name: str) -> str | None:
    """A dataclass' field without a default is no attribute of the class."""
    return name if name in getattr(owner, "__annotations__", {}) else None


def find_by_any_name(app: Sphinx, env: BuildEnvironment, node: Element, text: TextElement) -> Element | None:
    """Lead a reference to where its object is documented, by whichever of its names; of private ones stays the name."""
    target, module, owner = node["reftarget"], node.get("py:module"), node.get("py:class")
    around = ("", f"{module}.", f"{module}.{owner}.") if module else ("",)
    homes = [getattr(value_of(f"{module}.{owner.partition('.')[0]}"), "__module__", "")] if module and owner else []
    for before in (*around, *(f"{home}." for home in homes)):
        if (found := _find(before + target)) is None:
            continue
        name = DOCUMENTED.get(id(found[0]))
        link = None
        if name:
            domain = env.get_domain("py")
            link = domain.resolve_xref(env, node["refdoc"], app.builder, "obj", name + found[1], node, text)
        return link or text
    # A type that is another library's ("Path") stays a word; what a docstring says by a role must be there.
    return None if "refwarn" in node else text


def leave_types_in_words(app: Sphinx, page: document) -> None:
    """Types are words of a sentence ("array of shape (n, 2), optional"): only what begins as a class does is a link."""
    for node in list(page.findall(pending_xref)):
        # Docutils' roles say whether they warn; what Sphinx makes of a field's type does not.
        if "refwarn" not in node and node.get("refdomain") == "py" and not node["reftarget"][:1].isupper():
            node.replace_self(node.children)


def without_strangers(app: Sphinx, what: str, name: str, member: object, skip: bool, options: object) -> bool | None:
    """Leave out what scikit-learn puts into every estimator (``set_fit_request``), and is explained there."""
    return True if name.startswith("set_") and name.endswith("_request") else None


def setup(app: Sphinx) -> None:
    """Connect it."""
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"  # as numpydoc calls them; Sphinx says "Variables"
    app.connect("missing-reference", find_by_any_name)
    app.connect("doctree-read", leave_types_in_words)
    app.connect("autodoc-skip-member", without_strangers)
