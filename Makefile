SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

RUN := setup/uv run --frozen --all-extras
LANES := python tests/lanes/run.py
export PYTEST_ARGS
FULL_SIZE := tests/integration/examination/test_verdicts.py tests/integration/examination/test_large_files.py tests/integration/postgres/test_plans.py
NEWER := tests/contract/test_brokers.py tests/integration/worker tests/integration/postgres \
	tests/integration/application/test_intake.py tests/integration/stack/test_given_up.py
DEMO := $(RUN) --no-default-groups medvault demo
CHAOS = $(foreach name,MESSAGES KILLS MINUTES SEED ONLY,$(call option,$(name))) \
	$(if $(EMBEDDED),--embedded)
option = $(if $($(1)),--$(shell echo $(1) | tr A-Z a-z) $($(1)))

.PHONY: help demo tour quick check test watch e2e newer chaos reliability security audit synced provision lint format \
	types layers manifests messages bench bench-growth clean

help:
	@echo "medvault: a vault for a patient's medical reports that lives in WhatsApp"
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Run all of medvault on this machine, with a chat page in the browser (ARGS="--help" for more).
	@$(DEMO) $(ARGS)

tour: ## Watch a patient use the demo by herself, on data that are thrown away.
	@data=$$(mktemp -d); trap 'rm -rf "$$data"' EXIT; $(DEMO) --tour --data "$$data" $(ARGS)

quick: synced ## Style, types, layers, and the tests that need no servers: at most 2 minutes.
	@$(RUN) $(LANES) quick

check: synced ## The same, and the tests with servers that a change reaches: at most 5 (SINCE=commit).
	@setup/servers
	@$(RUN) $(LANES) check --since $(or $(SINCE),HEAD)

test: synced ## All checks and tests but those on a cluster: 18 minutes (PYTEST_ARGS="-k name").
	@setup/servers
	@$(RUN) $(LANES) test

watch: synced ## Run the tests that a file reaches, whenever you save one; Ctrl-C ends it.
	@PATH="$$($(RUN) python -c 'import sys; print(sys.prefix)')/bin:$$PATH"; exec watchfiles \
		--target-type command --sigint-timeout 60 --verbosity warning \
		"$(LANES) watch" services operator tests charts docs k8s setup

synced:
	@setup/retry setup/uv sync --quiet --frozen --all-extras

provision: synced ## Install what the tests need: Python packages, and servers where root may.
	@setup/servers
	@setup/helm

lint: ## Check style, without changing anything.
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .

format: ## Mend what style the linter can mend.
	@$(RUN) ruff check --fix-only .
	@$(RUN) ruff format .

types: ## Check types.
	@$(RUN) mypy

layers: ## Check who imports whom.
	@PYTHONPATH=tests $(RUN) lint-imports

manifests: ## Write what is made from the typed model and the chart: definition, pages, k8s/base.
	@setup/helm
	@mkdir -p build
	@$(RUN) python -m medvault_operator.api.crd > build/medicalvaults.yaml
	@mv build/medicalvaults.yaml charts/vault/crd/medicalvaults.yaml
	@$(RUN) python -m medvault_operator.rights > build/rights.md
	@mv build/rights.md docs/rights.md
	@charts/render

messages: synced ## Bring the catalogues of other languages up to date with the words that patients read.
	@$(RUN) setup/messages

e2e: synced ## Serve a patient on a real cluster, and try to break it: at most 22 (KEEP=1, PYTEST_ARGS).
	@setup/helm helm3
	@rm -f build/e2e.json
	@$(RUN) $(LANES) e2e $(if $(KEEP),--keep)

newer: provision ## Try RabbitMQ 4, also in chaos, and PostgreSQL 17, of Debian 13: 13 minutes (root on Debian or Ubuntu).
	@setup/newer $(RUN) pytest $(NEWER) -k "not wheel" -n 2 $(PYTEST_ARGS)
	@setup/newer sh -c 'MEDVAULT_TEST_RABBITMQ_SCRIPTS="$$MEDVAULT_TEST_NEWER_SCRIPTS" exec "$$@"' \
		newer $(RUN) pytest tests/chaos/test_chaos.py -k minute_of_chaos

chaos: provision ## Kill and freeze everything at random while patients write (ARGS="--help" for more).
	@$(RUN) python tests/chaos/run.py $(CHAOS) $(ARGS)

reliability: provision ## Try every promise of docs/reliability.md at full size (two hours; PYTEST_ARGS).
	@rm -f build/reliability.json
	@MEDVAULT_TEST_FULL=1 $(RUN) pytest tests/reliability $(FULL_SIZE) $(PYTEST_ARGS)

security: provision ## Attack medvault at full size, and print what came through (PYTEST_ARGS).
	@rm -f build/security.json
	@MEDVAULT_TEST_FULL=1 $(RUN) pytest tests/security $(PYTEST_ARGS)
	@setup/audit || [ $$? = 3 ]

audit: ## Look up advisories on every package; what could not be looked up is a failure.
	@setup/audit

bench: provision ## Measure what medvault takes, beside references (ARGS="--help" for more).
	@setup/wrk
	@$(RUN) --group bench python tests/load/bench.py $(ARGS)

bench-growth: provision ## Measure with a million patients in the database (PATIENTS=, REPORTS=; half an hour).
	@$(RUN) --group bench python tests/load/bench.py --only growth \
		--known $(or $(PATIENTS),1000000) --reports $(or $(REPORTS),10000000) $(ARGS)

clean: ## Remove what was built and cached here; the demo's data in .medvault stay.
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
