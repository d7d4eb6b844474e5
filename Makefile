# `make run` and `make test` are all one needs; PYTHON names another Python than python3, PORT other ports.
PYTHON ?= python3
PORT ?= 8000
export PORT

.PHONY: help run test lint format reset bench-pos bench-pricing bench-distribution bench-hardware kill-test

help:
	@echo "make run      set up and start everything; Ctrl-C stops it    (PORT=9000 make run: other ports)"
	@echo "make test     all checks and tests, as the build server runs them"
	@echo "make lint     the checks without the tests"
	@echo "make format   mend the layout of code and templates"
	@echo "make reset    forget all data of the embedded mode"
	@echo "make bench-pos | bench-pricing | bench-distribution | bench-hardware     speed, beside a reference (QUICK=1: roughly)"
	@echo "make kill-test    sell while processes are killed, for an hour or so"

run:
	@$(PYTHON) run

test:
	@PYTHON=$(PYTHON) .ci/run

lint:
	@PYTHON=$(PYTHON) .ci/run lint

format:
	@$(PYTHON) run setup --dev
	@.venv/bin/ruff check --quiet --fix . ; .venv/bin/ruff format --quiet . ; find templates -name '*.html' -exec .venv/bin/djade --target-version 5.2 {} +

reset:
	@$(PYTHON) run reset

bench-pos bench-pricing bench-distribution bench-hardware: bench-%:
	@$(PYTHON) run setup --dev
	@.venv/bin/python -m bench.$*

kill-test:
	@$(PYTHON) run setup --dev
	@.venv/bin/python -m tests.reliability.kills
