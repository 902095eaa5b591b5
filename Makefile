# Two commands do everything: `make demo` and `make test`. Both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_WORKERS ?= 2
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check bench clean help

help:
	@echo "make demo    set up, run the main job on generated data, print a summary (KEEP=1 leaves it running)"
	@echo "make test    set up, run the checks' tests (needs PyPI and Debian's packages only)"
	@echo "make check   ruff, mypy --strict, import contracts"
	@echo "make bench   every benchmark, each beside its peer; minutes"

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ...") if sys.version_info < (3, 11) else 0'
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade pip
	@touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml constraints.txt
	@$(PIP) install --constraint constraints.txt --editable '.[demo]'
	@touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml constraints.txt
	@$(PIP) install --constraint constraints.txt --editable '.[demo,test,check]'
	@touch $@

# Real programs that the client tests drive. Where they cannot be had, those tests are skipped and say so.
.PHONY: programs
programs:
	@command -v psql >/dev/null 2>&1 || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "installing postgresql-client ..."; \
	  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql-client) >/dev/null 2>&1 || \
	    echo "postgresql-client could not be installed: the psql tests are skipped"; \
	else echo "psql is missing (Debian: apt-get install postgresql-client): its tests are skipped"; fi

demo: $(VENV)/.demo
	@$(BIN)/boathouse demo $(if $(KEEP),--keep,) $(if $(DEMO_HOME),--home $(DEMO_HOME),)

test: $(VENV)/.test programs
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadscope $(TESTS)

check: $(VENV)/.test
	@$(BIN)/ruff check src tests bench
	@$(BIN)/ruff format --check src tests bench
	@$(BIN)/mypy src
	@$(BIN)/lint-imports

bench: $(VENV)/.test
	@for each in $(filter-out bench/servers.py,$(wildcard bench/*.py)); do echo "== $$each"; $(BIN)/python $$each || exit 1; done

clean:
	rm -rf $(VENV) build src/*.egg-info
