#!/bin/sh
# Make or bring up to date a virtual environment with this project and pinned packages. Called by the Makefile:
#     tools/install.sh VENV EXTRAS [PYTHON [REQUIREMENTS]]
# One clear line when something that it needs is missing.
set -u
venv=$1 extras=$2 wanted=${3:-} more=${4:-}

fail() {
    echo "make: $1" >&2
    exit 1
}

suits() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if [ ! -x "$venv/bin/python" ]; then
    found=
    if [ -n "$wanted" ]; then set -- "$wanted"; else set -- python3 python3.14 python3.13 python3.12 python3.11 python; fi
    for python in "$@"; do
        if suits "$python"; then found=$python; break; fi
    done
    [ -n "$found" ] || fail "found no Python 3.11 or newer as $*; install one, or name it: make PYTHON=/path/to/python3"
    echo "making $venv with $("$found" --version 2>&1)"
    "$found" -m venv "$venv" >/dev/null 2>&1 || { rm -rf "$venv"
        fail "$found cannot make a virtual environment; install its venv module (on Debian: apt install python3-venv)"; }
fi

echo "installing packages into $venv"
log=$venv/install.log
pip() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >>"$log" 2>&1
}
compiles() {
    command -v "$1" >/dev/null 2>&1 && echo 'int main(void) { return 0; }' | "$1" -x c -o /dev/null - 2>/dev/null
}
install() {
    # First what is locked, each file by its hash; the rest below finds it there. Other versions than ours are asked for
    # by what is installed besides, and for the lowest versions.
    isolation=
    if [ -z "$more" ] && [ -z "${CONSTRAINTS:-}" ]; then
        lock=locks/core.txt
        case $extras in "[test"*) lock=locks/test.txt ;; esac
        pip --require-hashes --no-deps -r "$lock" || return 1
        # What builds the package is locked too; only a machine without a compiler lets pip fetch one (hatch_build.py).
        if [ -n "${CC:-}" ] || compiles cc || compiles gcc || compiles clang; then isolation=--no-build-isolation; fi
    fi
    [ -n "$more" ] || export PIP_CONSTRAINT="${CONSTRAINTS:-constraints.txt}"
    pip $isolation --editable ".$extras" ${more:+-r "$more"}
}
: >"$log"
install \
    || { native=$(sed -n 's/^ *\(.*\); INKLINGS_REQUIRE_NATIVE asks for.*/\1/p' "$log" | head -n 1)
    [ -z "$native" ] || fail "the native engine could not be compiled: $native"
    fail "packages could not be installed: $(sed -n 's/.*ERROR: //p' "$log" | head -n 1 | cut -c 1-200) Is the registry reachable? See $log"; }

# pip keeps to itself what the build says.
why=$("$venv/bin/python" -c 'from inklings.engines import native; print(native.why_not())' 2>>"$log")
[ -z "$why" ] || echo "no native engine: $why; training is slower without it. INKLINGS_REQUIRE_NATIVE=1 make -B says why" >&2
