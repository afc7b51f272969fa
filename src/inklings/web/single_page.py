"""A network as one page that anyone can open: from the disk or any web space, without a server and without a network.

All that it takes lies in the file: styles, modules put together as one script, the engine and the weights, compressed.
The page's own policy lets nothing else in or out: no address can be fetched, and no script runs but this one, which it
knows by its hash.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
from base64 import b64encode
from typing import Any

from inklings.web.assets import assets
from inklings.web.browser_model import BrowserModel
from inklings.web.bundle import bundle_modules
from inklings.web.page_images import PageImages

_STYLES = ("tokens", "base", "parts", "figures", "shell", "draw", "inside", "learn")
_SCRIPT, _WORKER = "page.js", "engine/worker.js"
_ENGINE = "engine/inklings.wasm"

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Inklings">
<title>{title}</title>
<style>{styles}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="entrance">
  <a class="name" href="#/draw">{title}</a>
  <nav aria-label="Rooms"><ul class="rooms"></ul></nav>
</header>
<main id="main" tabindex="-1">
  <noscript><p class="room notice">This page computes in your browser and needs JavaScript for it.</p></noscript>
</main>
<footer class="leaving">Nothing you draw here leaves this computer: the page cannot send it. Made by Inklings.</footer>
{packed}
<script type="module">{script}</script>
</body>
</html>
"""


def single_page(model: BrowserModel, images: PageImages | None = None) -> str:
    """Return a network as a page's HTML.

    Parameters
    ----------
    model : BrowserModel
        The network, and what the page calls it.
    images : PageImages, optional
        With them the page can train, and shows them: whoever gets it, gets them.
    """
    styles = "\n".join(_text(f"style/{name}.css") for name in _STYLES)
    script = bundle_modules(_SCRIPT, _text)
    # Compressed, then base64: text is a third larger than bytes, and HTML holds no bytes.
    packed = {"engine": assets()[_ENGINE].content, "weights": model.weights}
    elements = [_json_element("header", model.header)]
    if images is not None:
        elements.append(_json_element("data", images.header))
        packed |= {"images": images.content, "worker": bundle_modules(_WORKER, _text).encode()}
    elements += [_packed_element(name, content) for name, content in packed.items()]
    return _PAGE.format(
        policy=_policy(script, styles),
        title=html.escape(model.header["title"]),
        styles=styles,
        script=script,
        packed="\n".join(elements),
    )


def _policy(script: str, styles: str) -> str:
    """Return what the page may do: run its own script and engine, show its own pictures, and nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}' 'wasm-unsafe-eval'",
            f"style-src '{_hash(styles)}'",
            "img-src blob: data:",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    for end in ("</script", "</style", "<!--"):
        if end in text.lower():
            raise ValueError(f"the page's own script or style has {end!r}, which would end it")
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _json_element(name: str, values: dict[str, Any]) -> str:
    # Class names are anybody's: "</script>" among them would end the element.
    escaped = (
        json.dumps(values, allow_nan=False).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    )
    return f'<script type="application/json" id="{name}">{escaped}</script>'


def _packed_element(name: str, content: bytes) -> str:
    # Without the time, so that the same model makes the same page.
    packed = b64encode(gzip.compress(content, mtime=0)).decode()
    return f'<script type="application/gzip" id="{name}">{packed}</script>'


def _text(name: str) -> str:
    return assets()[name].content.decode()
