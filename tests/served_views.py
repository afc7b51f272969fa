"""Views of the page with a network, served as the lab serves them: for tests in a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np

import inklings.web
from inklings.data.dataset import Dataset
from inklings.models.model import Model
from inklings.web.browser_model import browser_model

STATIC = Path(inklings.web.__file__).parent / "static"
KINDS = {".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".html": "text/html"}
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
STYLES = ("tokens", "base", "parts", "shell", "draw", "inside")
PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Inklings</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
{"".join(f'<link rel="stylesheet" href="/static/style/{name}.css">' for name in STYLES)}
<script type="module" src="/page.js"></script></head><body><main></main></body></html>"""


@contextmanager
def served_views(model: Model, test: Dataset) -> Iterator[str]:
    """Serve the views on a free port; yields the address to which ``?view=draw`` is added."""
    made = browser_model(model, title="small")
    images = np.asarray(test.images[:200], np.float32).tobytes() + np.asarray(test.labels[:200], np.int32).tobytes()
    script = Path(__file__).with_name("web") / "served_views.js"
    known = {
        "/": ("text/html", PAGE.encode()),
        "/page.js": ("text/javascript", script.read_bytes()),
        "/header": ("application/json", json.dumps(made.header).encode()),
        "/weights": ("application/octet-stream", made.weights),
        "/images": ("application/octet-stream", images),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            file = STATIC / path.removeprefix("/static/")
            if path.startswith("/static/") and file.is_file():
                kind, content = KINDS.get(file.suffix, "application/octet-stream"), file.read_bytes()
            elif path in known:
                kind, content = known[path]
            else:
                self.send_error(404)
                return
            self.send_response(200)
            for name, value in (("Content-Type", kind), ("Content-Length", str(len(content)))):
                self.send_header(name, value)
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
