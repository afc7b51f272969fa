"""Opening the page in a browser, where there is one that a person sees."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import webbrowser
from contextlib import suppress
from threading import Thread

WSL_OPENER = "wslview"


def has_screen() -> bool:
    """Return whether a browser would show its page to somebody.

    Without a display, Python would start a text browser in this terminal, which waits for keys.
    """
    # Whoever names a browser wants it, whatever the machine looks like.
    if os.environ.get("BROWSER"):
        return True
    # Somebody sits at the other end: a window here would open where nobody sees it.
    if os.environ.get("SSH_CONNECTION") and not os.environ.get("DISPLAY"):
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) or _in_windows()


def _in_windows() -> bool:
    """Return whether this is a Linux within Windows that can open a browser there."""
    return "microsoft" in platform.release().lower() and shutil.which(WSL_OPENER) is not None


def open_browser(address: str) -> None:
    """Open an address, without waiting for it: some browsers end with their window only."""
    Thread(target=_open, args=(address,), daemon=True).start()


def _open(address: str) -> None:
    with suppress(OSError, webbrowser.Error):
        if _in_windows() and not os.environ.get("BROWSER"):
            quiet = subprocess.DEVNULL
            subprocess.run([WSL_OPENER, address], stdout=quiet, stderr=quiet, check=False)
        else:
            webbrowser.open(address)
