"""How the C engine is compiled: for which machines, by which compiler, and into which files.

Used by ``hatch_build.py`` while the package is built, never by the package itself. Needs the standard library and what
hatchling brings along.
"""
