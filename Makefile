# Two commands: `make demo` and `make test`. Both make what they need from Python 3.11+ and a package registry.
VENV ?= .venv
PORT ?= 8000
HOST ?= 127.0.0.1
# processes of the test run
N ?= 2
# more arguments for pytest: make test ARGS="-k tickets"
ARGS ?=
export PORT HOST
# Where it is set, each of the hundred processes of a test run would compile all sources anew, for a second each.
unexport PYTHONDONTWRITEBYTECODE
PY := $(VENV)/bin/python
KEJU := $(VENV)/bin/keju
CODE := src tests bench conftest.py
.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check format lint types contracts models words generated fix bench docs locks clean

help: ## lists these
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: .run ## starts everything with a demo exam: PORT=8000 HOST=127.0.0.1
	@$(KEJU) up --demo

demo-reset: .run ## wipes the demo and only the demo
	@$(KEJU) demo-reset

test: check ## every check and every test, in browsers too
	chromium=$$(bin/chromium $(VENV)) && export KEJU_CHROMIUM="$$chromium" && \
	  $(PY) -m pytest -q -n $(N) --dist loadfile --no-loadscope-reorder -m "not nightly" $(ARGS)

check: format lint types contracts models words generated ## everything that needs no database, under a minute

format: .dev
	$(VENV)/bin/ruff format --check --quiet $(CODE)

lint: .dev
	$(VENV)/bin/ruff check --quiet $(CODE)

types: .dev
	$(VENV)/bin/mypy --no-error-summary

contracts: .dev
	$(VENV)/bin/lint-imports --no-logo

models: .dev # settings load, and no model is ahead of its migrations
	$(KEJU) models --check

words: .dev # every string that a person reads stands in both languages
	$(KEJU) words --check

generated: .dev # generated docs are what the code says
	$(KEJU) docs --check

fix: .dev ## formats, and mends what can be mended
	$(VENV)/bin/ruff check --quiet --fix --exit-zero $(CODE)
	$(VENV)/bin/ruff format --quiet $(CODE)

bench: .dev ## prints every figure that we claim
	@for file in bench/[a-z]*.py; do echo "== $$file"; $(PY) "$$file" || exit 1; done

docs: .dev ## writes the generated pages below docs/
	$(KEJU) docs

locks: .dev ## pins requirements/*.in anew
	for name in run dev; do $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-emit-find-links -o requirements/$$name.txt requirements/$$name.in || exit 1; done

clean: ## removes caches; data and environment stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis out
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: .run .dev
.run:
	@bin/environment $(VENV) run
.dev:
	@bin/environment $(VENV) dev
