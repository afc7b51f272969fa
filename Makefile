# Everything happens in .venv, with the versions that constraints.txt names.
#     make digits          train all six networks on the bundled digits; the report is digits-report/report.html
#     make digits QUICK=1  the same in seconds, with less training
#     make test            install what tests need, and run them
#     make test-slow       the tests that take longer
#     make test-lowest     the tests, with the lowest versions that pyproject.toml allows (constraints-lowest.txt)
#     make test-lowest QUICK=1    those that what is installed beside decides most about
#     make docs            the documentation as a site, into site/; open site/index.html
#     make story           run the notebook docs/story.ipynb again, and keep what it prints and draws
#     make lint            style and types
#     make lock            after versions were changed: write locks/ anew, by uv
#     make fuzz SECONDS=600    try changed files and requests on whatever reads them (docs/reliability.md)
#     make sanitize        the C engine's tests under the address, undefined-behaviour and thread sanitizers
#     make sanitize QUICK=1    fewer of them, in two minutes
#     make sbom            list what is installed with the package, as CycloneDX, into sbom.json
#     make audit           ask PyPI which of it has known weaknesses
#     make wheels          wheels for Linux, macOS and Windows, into dist/ (docs/install.md)
#     make wheels-check    the same, and what of them this machine can try
#     make wasm            compile the C engine for browsers, after it was changed
#     make bench           beside scikit-learn, PyTorch, Keras, SciPy, Optuna and Ray Tune: an hour or more
#     make bench BENCH="--only mlp cnn2"    some works of it; BENCH=--help lists them
#     make mnist MNIST=folder    accuracy on all of MNIST for 1, 3, 10, 25 minutes of training (ONLY=1m: one row)
PYTHON ?=
VENV := .venv
RUN := $(VENV)/bin/python -m
OUT ?= digits-report
DIST ?= dist
SECONDS ?= 60
LOCK ?= constraints.txt
SBOM ?= sbom.json
ATHERIS := atheris==3.0.0

# What is installed is made of: when one of them changes, it is installed again, which compiles the native engine anew.
MADE_OF := pyproject.toml constraints.txt locks/core.txt locks/test.txt tools/install.sh hatch_build.py hatch_readme.py $(wildcard build_native/*.py) \
    $(wildcard src/inklings/engines/native/*.[ch])

.PHONY: digits test test-slow test-lowest docs story lint lock fuzz sanitize sbom audit wheels wheels-check wasm bench mnist clean

digits: $(VENV)/.installed
	@$(VENV)/bin/inklings compare --data digits --out $(OUT) $(if $(QUICK),--quick)

test: $(VENV)/.installed-test
	@$(RUN) pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
	    --doctest-modules tests src/inklings -m "not slow" --durations=5

# Here JAX's programs are compiled as users have them, which the everyday tests leave out (tests/conftest.py).
test-slow: export JAX_DISABLE_MOST_OPTIMIZATIONS := 0
test-slow: export XLA_FLAGS :=
test-slow: $(VENV)/.installed-test
	@$(RUN) pytest -q tests -m slow --durations=5
	@$(RUN) pytest -q tests/engines tests/training -m "not slow" -k jax

# The rooms that read and write with other libraries, or print by them.
LOWEST := $(addprefix tests/, callbacks cli data estimators evaluation experiments export field fuzzing opponents report search \
    faults/test_numerics.py test_notebook.py test_startup.py test_without_posix.py)

test-lowest: $(VENV)-lowest/.installed
	@$(VENV)-lowest/bin/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
	    $(if $(QUICK),$(LOWEST) -k "not browser",tests) -m "not slow" --durations=5

docs: $(VENV)/.installed-docs
	@$(VENV)/bin/python tools/docs/build.py

story: $(VENV)/.installed-story
	@$(VENV)/bin/python tools/docs/run_story.py

lint: $(VENV)/.installed-test
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy

# Guided by coverage where atheris can be installed, which has wheels for Linux alone.
fuzz: $(VENV)/.installed-test
	@$(VENV)/bin/python -m pip install --quiet "$(ATHERIS)" || echo "fuzzing without atheris: inputs are changed at random"
	@cd tests && ../$(RUN) fuzzing --seconds $(SECONDS) $(if $(ONLY),--only $(ONLY))

sanitize: $(VENV)/.installed-test
	@$(VENV)/bin/python tools/sanitize.py address $(if $(QUICK),--quick)
	@$(VENV)/bin/python tools/sanitize.py thread $(if $(QUICK),--quick)

sbom: $(VENV)-supply/.installed
	@$(VENV)-supply/bin/python -m cyclonedx_py requirements $(LOCK) --pyproject pyproject.toml --output-reproducible \
	    --of JSON -o $(SBOM)

# Strict: without it, "No known vulnerabilities found" is said of packages that could not be asked about, too.
audit: $(VENV)-supply/.installed
	@$(VENV)-supply/bin/python -m pip_audit --requirement $(LOCK) --no-deps --disable-pip --strict

lock:
	@$(or $(PYTHON),python3) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@tools/lock.sh $(VENV)-lock/bin/uv

wheels: $(VENV)/.installed-wheels
	@$(RUN) build_native.wheels $(DIST)

wheels-check: wheels
	@INKLINGS_WHEELS=$(DIST) $(RUN) pytest -q tests/native_targets -m slow -s

wasm: $(VENV)/.installed-wheels
	@$(RUN) build_native.webassembly

# With onnx, so that all that the README shows works here.
$(VENV)/.installed: $(MADE_OF)
	@tools/install.sh $(VENV) "[onnx]" "$(PYTHON)"
	@touch $@

$(VENV)/.installed-test: $(MADE_OF)
	@tools/install.sh $(VENV) "[test]" "$(PYTHON)"
	@touch $(VENV)/.installed $@

$(VENV)/.installed-docs: $(MADE_OF)
	@tools/install.sh $(VENV) "[test,docs]" "$(PYTHON)"
	@touch $(VENV)/.installed $(VENV)/.installed-test $@

$(VENV)/.installed-story: $(MADE_OF)
	@tools/install.sh $(VENV) "[test,story]" "$(PYTHON)"
	@touch $(VENV)/.installed $(VENV)/.installed-test $@

$(VENV)/.installed-wheels: $(MADE_OF)
	@tools/install.sh $(VENV) "[test,wheels]" "$(PYTHON)"
	@touch $(VENV)/.installed $(VENV)/.installed-test $@

bench: $(VENV)-bench/.installed
	@env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(VENV)-bench/bin/python benchmarks/bench.py $(BENCH)

mnist: $(VENV)/.installed
	@$(if $(MNIST),,echo "make: MNIST=folder is missing: where train-images-idx3-ubyte.gz and its labels are" >&2; exit 2;) \
	    env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(VENV)/bin/python benchmarks/mnist.py "$(MNIST)" \
	    $(if $(ONLY),--only $(ONLY))

$(VENV)-lowest/.installed: $(MADE_OF) constraints-lowest.txt
	@CONSTRAINTS=constraints-lowest.txt tools/install.sh $(VENV)-lowest "[test]" "$(PYTHON)"
	@touch $@

$(VENV)-bench/.installed: $(MADE_OF) benchmarks/requirements.txt
	@tools/install.sh $(VENV)-bench "[onnx]" "$(PYTHON)" benchmarks/requirements.txt
	@touch $@

# Beside the package, so that what looks at its parts is none of them.
$(VENV)-supply/.installed: tools/supply-chain.txt
	@$(or $(PYTHON),python3) -m venv $(VENV)-supply
	@$(VENV)-supply/bin/python -m pip install --quiet --disable-pip-version-check -r tools/supply-chain.txt
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-bench $(VENV)-lowest $(VENV)-supply $(VENV)-lock build/site-sources build/site-trees site .pytest_cache .mypy_cache .ruff_cache
