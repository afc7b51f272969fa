"""The exported page as a file: what is in it, what it may do, and what cannot break out of it."""

import base64
import gzip
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np

from inklings import Dense, Flatten, Model, Network
from inklings.data.build import from_arrays
from inklings.networks import initial_parameters
from inklings.web.assets import assets
from inklings.web.browser_model import browser_model
from inklings.web.page_images import choose_images
from inklings.web.single_page import single_page

NASTY = "</script><script>alert(1)</script><!-- &"
NETWORK = Network((4, 4, 1), (Flatten(), Dense(2, "softmax")))


class Elements(HTMLParser):
    """Every element by its name, with its attributes, and the text of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.found, self.texts, self.title = [], {}, ""
        self._open = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self._open = (tag, dict(attrs).get("id") or dict(attrs).get("type") or tag)

    def handle_data(self, data):
        if self._open and self._open[0] in ("script", "style"):
            self.texts[self._open[1]] = self.texts.get(self._open[1], "") + data
        elif self._open and self._open[0] == "title":
            self.title += data

    def handle_endtag(self, tag):
        self._open = None


def make_page(name="mine", classes=("ant", "bee"), *, with_images=False):
    model = browser_model(Model(NETWORK, initial_parameters(NETWORK, 0), classes), title=name)
    images = np.random.default_rng(0).uniform(0, 1, (40, 4, 4, 1)).astype(np.float32)
    chosen = choose_images(from_arrays(images, list(classes) * 20).split(), classes) if with_images else None
    return model, single_page(model, chosen)


def unpack(elements, name):
    return gzip.decompress(base64.b64decode(elements.texts[name]))


def test_the_page_holds_engine_and_weights_and_asks_for_nothing():
    model, page = make_page()
    elements = Elements(page)
    assert unpack(elements, "engine") == assets()["engine/inklings.wasm"].content
    assert unpack(elements, "weights") == model.weights
    assert json.loads(elements.texts["header"]) == model.header
    assert not [attributes for _, attributes in elements.found if "src" in attributes]
    assert not [tag for tag, _ in elements.found if tag in ("link", "iframe", "object", "embed", "form", "base")]
    assert "images" not in elements.texts


def test_its_policy_knows_its_script_and_styles_by_their_hashes_and_lets_nothing_out():
    elements = Elements(make_page(with_images=True)[1])
    (policy,) = [
        attributes["content"] for tag, attributes in elements.found if tag == "meta" and "http-equiv" in attributes
    ]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    for rule, text in (("script-src", elements.texts["module"]), ("style-src", elements.texts["style"])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in rules[rule]
        assert "unsafe-inline" not in rules[rule]
    assert "'unsafe-eval'" not in rules["script-src"]
    assert rules["default-src"] == "'none'"  # which connect-src, font-src, frame-src and the rest fall back to
    assert set(rules) == {"default-src", "script-src", "style-src", "img-src", "worker-src", "base-uri", "form-action"}
    assert not re.search(r"https?:", rules["img-src"] + rules["worker-src"])


def test_names_with_markup_stay_names():
    elements = Elements(make_page(NASTY, (NASTY, "bee"), with_images=True)[1])
    assert json.loads(elements.texts["header"])["class_names"] == [NASTY, "bee"]
    assert json.loads(elements.texts["data"])["class_names"] == [NASTY, "bee"]
    assert NASTY in elements.title
    scripts = [attributes.get("id", attributes["type"]) for tag, attributes in elements.found if tag == "script"]
    assert scripts == ["header", "data", "engine", "weights", "images", "worker", "module"]


def test_the_same_model_makes_the_same_page():
    assert make_page()[1] == make_page()[1]


def test_importing_the_package_loads_none_of_it():
    code = "import sys, inklings; print([name for name in sys.modules if name.startswith('inklings.web')])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
