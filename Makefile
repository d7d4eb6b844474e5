# `make run` and `make test` are all one needs; PYTHON names another Python than python3, PORT other ports.
PYTHON ?= python3
PORT ?= 8000
export PORT

.PHONY: help run own test lint format reset bench-pos bench-pricing bench-distribution bench-hardware kill-test soak

help:
	@echo "make run      set up and start everything; Ctrl-C stops it    (PORT=9000 make run: other ports)"
	@echo "make own      the same for a company of one's own, from nothing; its data is kept in .own"
	@echo "make test     all checks and tests, as the build server runs them"
	@echo "make lint     the checks without the tests"
	@echo "make format   mend the layout of code and templates"
	@echo "make reset    forget all data of the embedded mode"
	@echo "make bench-pos | bench-pricing | bench-distribution | bench-hardware     speed, beside a reference (QUICK=1: roughly)"
	@echo "make soak     print, pay and live through a day with everything going wrong, for an hour or so"
	@echo "make kill-test    sell, then distribute, while processes are killed, for an hour or two"

run:
	@$(PYTHON) run

own:
	@$(PYTHON) run own

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
	@KILLS=100 nice .venv/bin/pytest -q -p no:randomly tests/channels_app/test_kill.py

# 10,000 prints and 100,000 payments with faults, and a day of a station in five minutes; `make test` has the short forms
soak:
	@$(PYTHON) run setup --dev
	@FAULT_JOBS=10000 PAYMENTS=100000 SOAK_SECONDS=300 nice .venv/bin/pytest -q -p no:randomly -k "fault_in_every or one_in_ten or day_in_a_few" \
		tests/hardware/test_faults.py tests/hardware/test_payments.py tests/hardware/test_soak.py
