"""The lab's page in a real browser, in front of the real command."""

from urllib.parse import urlsplit

import pytest

from lab_process import start_lab


@pytest.fixture(scope="session")
def digits_lab(tmp_path_factory, trained_once):
    """A lab with a model of the bundled digits; its address, in which its token stands."""
    lab = start_lab(tmp_path_factory.mktemp("digits-lab"), str(trained_once[0] / "digits.inkling"))
    yield lab.address
    lab.stop()


class Visit:
    """A page of the lab, and all that its console said."""

    def __init__(self, page, address):
        self.page, self.address, self.complaints = page, address, []
        parts = urlsplit(address)
        self.base = f"{parts.scheme}://{parts.netloc}"
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path, heading="main h1"):
        self.page.goto(self.base + path)
        self.page.locator(heading).first.wait_for(timeout=20_000)
        return self.page


@pytest.fixture
def visit(browser, digits_lab):
    """Visit the lab as somebody who opened the address that it printed; nothing may be said in the console."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    visited = Visit(context.new_page(), digits_lab)
    # The token is let in here, which leaves the cookie; a picture, since this is not a visit yet.
    context.request.get(digits_lab, max_redirects=0)
    yield visited
    context.close()
    assert visited.complaints == []
