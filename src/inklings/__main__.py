"""``python -m inklings`` is the command ``inklings``."""

from inklings.cli import main

main()
