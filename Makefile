# The main commands are make mapping, make build and make test.
export DBT_PROJECT_DIR := .
export DBT_PROFILES_DIR := .
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

override PYTHON_IN_VENV := .venv/bin/python
# Spark and Superset take 700 MB each, the notebook 260: each is installed on first use, in an
# environment of its own.
override SPARK_ENVIRONMENT := scripts/need_java.sh && scripts/environment.sh requirements-spark.txt .venv-spark
override SUPERSET_ENVIRONMENT := scripts/environment.sh requirements-superset.txt .venv-superset
override EXPLORE_ENVIRONMENT := scripts/environment.sh requirements-explore.txt .venv-explore
# Values from the user are text, never code: make does not expand them again, and the shell takes
# them from the environment as a whole, between quotes. The scripts split lists. Make also exports
# everything else on its command line to the environment, so the same applies to that.
override SAID := BASE MAPPING DATA TARGET FULL NAME FILES FORMAT EXPORT CHECKS ROWS ROUNDS JSON PORT PYTHON
override name := $(value name)
override ON_COMMAND_LINE := $(foreach name,$(.VARIABLES),$\
                   $(if $(filter command,$(firstword $(origin $(name)))),$(name)))
$(foreach name,$(SAID) $(ON_COMMAND_LINE),$(eval override $(name) := $$(value $(name))))
export $(SAID) $(ON_COMMAND_LINE)
override OF_MAPPING := $${MAPPING:+--mapping="$$MAPPING"}
override BUILD_ARGUMENTS := $(OF_MAPPING) $${TARGET:+--target="$$TARGET"} $${DATA:+--data="$$DATA"} \
                   $${FILES:+--files="$$FILES"} $${NAME:+--name="$$NAME"} $${FULL:+--full} \
                   $${EXPORT:+--export="$$EXPORT"}

# The lock files serve every system and name no package index. The smaller one is part of the
# larger one, so that building and checking use the same versions.
override LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
                --no-header --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help build list diff rollback mapping check test test-spark test-dashboards export superset explore \
        screenshot docs schema benchmark format lock clean

help: ## Show this help
	@echo "usage: make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' Makefile

build: ## Build, test and publish the warehouse [FILES="sales.csv ..." [NAME=shop]] [MAPPING=mappings/NAME.yml] [DATA=folder] [TARGET=spark] [FULL=1] [EXPORT="parquet csv xlsx"]
ifeq ($(TARGET),spark)
	@$(SPARK_ENVIRONMENT)
	@.venv-spark/bin/python -m topheavy build $(BUILD_ARGUMENTS)
else
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) -m topheavy build $(BUILD_ARGUMENTS)
endif

list: ## Show what is published, from what and when
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) -m topheavy list

diff: ## Show what differs from the previous release [MAPPING=...]
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) -m topheavy diff $(OF_MAPPING)

rollback: ## Restore the previous release; a second rollback undoes it [MAPPING=...]
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) -m topheavy rollback $(OF_MAPPING)

mapping: ## Draft mappings/NAME.yml for an export FILES="sales.csv ..." [NAME=shop]
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) -m topheavy draft --save $${NAME:+--name="$$NAME"} --files="$$FILES"

check: ## Run the quick checks of changed files before a commit [BASE=main]
	@scripts/environment.sh requirements-dev.txt
	@$(PYTHON_IN_VENV) -m tools.run_checks --changed="$$BASE"

test: ## Run every check [CHECKS="dbt pytest sqruff spark mypy yaml ruff"]
	@scripts/environment.sh requirements-dev.txt
	@$(PYTHON_IN_VENV) -m tools.run_checks --groups="$$CHECKS"

test-spark: ## Build on Spark and compare every table with DuckDB's (needs Java 17)
	@$(SPARK_ENVIRONMENT)
	@.venv-spark/bin/python -m pytest tests/spark

test-dashboards: ## Run the charts of the dashboard in a fresh Superset, and the notebook
	@scripts/environment.sh requirements-dev.txt
	@$(SUPERSET_ENVIRONMENT)
	@$(EXPLORE_ENVIRONMENT)
	@$(PYTHON_IN_VENV) -m pytest tests/dashboards

export: ## Export the published tables to warehouse/NAME [FORMAT=parquet|csv|xlsx] [MAPPING=...]
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) -m topheavy export $(OF_MAPPING) $${FORMAT:+--format="$$FORMAT"}

superset: ## Start a Superset on this machine that shows the published file [MAPPING=...] [PORT=8088]
	@scripts/environment.sh requirements.txt
	@$(SUPERSET_ENVIRONMENT)
	@$(PYTHON_IN_VENV) -m topheavy superset --open $(OF_MAPPING) $${PORT:+--port="$$PORT"}

explore: ## Open a notebook with pickers over the published file [MAPPING=...] [PORT=2718]
	@$(EXPLORE_ENVIRONMENT)
	@.venv-explore/bin/python -m topheavy explore $(OF_MAPPING) $${PORT:+--port="$$PORT"}

screenshot: ## Write docs/report.png, the screenshot in the README [MAPPING=...] (needs Chromium)
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) -m tools.screenshot $(OF_MAPPING)

docs: ## Write warehouse/NAME/docs.html: every model and column of the last build [MAPPING=...]
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) -m topheavy docs $(OF_MAPPING)

schema: ## Write mappings/schema.json, with which editors complete and explain the keys of a mapping
	@scripts/environment.sh requirements.txt
	@$(PYTHON_IN_VENV) -m topheavy check --schema > mappings/schema.json

benchmark: ## Compare the cost of a build with its lower bound and with alternatives [ROWS=10000000] [ROUNDS=3] [JSON=1]
	@scripts/environment.sh requirements-dev.txt
	@$(PYTHON_IN_VENV) -m tools.benchmark $${ROWS:+--rows="$$ROWS"} \
	    $${ROUNDS:+--rounds="$$ROUNDS"} $${JSON:+--json}

format: ## Rewrite Python and SQL to the house style
	@scripts/environment.sh requirements-dev.txt
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .
	@.venv/bin/sqruff fix .

lock: ## Resolve requirements*.in into the hashed locks, after a change (needs uv)
	@uv pip compile $(LOCK_OPTIONS) requirements-dev.in -o requirements-dev.txt
	@uv pip compile $(LOCK_OPTIONS) requirements.in -c requirements-dev.txt -o requirements.txt
	@uv pip compile $(LOCK_OPTIONS) requirements-spark.in -c requirements-dev.txt -o requirements-spark.txt
	@uv pip compile $(LOCK_OPTIONS) requirements-superset.in -o requirements-superset.txt
	@uv pip compile $(LOCK_OPTIONS) requirements-explore.in -c requirements-dev.txt -o requirements-explore.txt
	@uv pip compile $(LOCK_OPTIONS) requirements-ci.in -o requirements-ci.txt

clean: ## Remove everything that the other commands created
	rm -rf .venv .venv-spark .venv-superset .venv-explore target logs
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache tests/browser/node_modules
	rm -rf integration_tests/target integration_tests/logs integration_tests/dbt_packages
	rm -f integration_tests/package-lock.yml integration_tests/derby.log
	find warehouse -mindepth 1 ! -path warehouse/sample ! -path warehouse/sample/build \
	    ! -name .gitignore -delete
