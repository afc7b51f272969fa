#!/bin/sh
# Write locks/core.txt and locks/test.txt anew from pyproject.toml and constraints.txt: every package that is installed for
# use and for tests, in its one version, with the hashes of all its files on PyPI, for all systems and Pythons.
#     tools/lock.sh [UV]      uv comes from `pip install uv`
set -eu
cd "$(dirname "$0")/.."
uv=${1:-uv}
# What builds the package is locked too, so that installing it from here fetches nothing else.
build=$(mktemp) && trap 'rm -f "$build"' EXIT
echo hatchling >"$build"
for name in core test; do
    # `make digits` installs what the README's commands need: the core, and onnx.
    extra=onnx
    [ "$name" = core ] || extra=$name
    "$uv" pip compile --quiet --universal --python-version 3.11 --constraint constraints.txt --generate-hashes \
        --no-annotate --no-header --extra "$extra" pyproject.toml "$build" --output-file "locks/$name.txt"
done
