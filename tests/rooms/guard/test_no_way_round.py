"""Nobody reads what they may not, whatever the statement; nobody leaves the house through the engine, not even superusers.

An explicit list of statement forms and targets, and random nestings of them from a fixed seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from tests.clients.conftest import DATABASE, PASSWORD, Running, running
from tests.clients.raw_client import RawClient
from tests.statements.scripts import ask

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

SECRET = "the-secret-value"
MALLORY = ("mallory", "Mallory1Pass")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("ways") / "h"
    initialise(home, DATABASE, PASSWORD)
    house = open_house(home)
    with running(house) as found:
        with found.raw() as admin:
            for sql in (
                "CREATE SCHEMA closed",
                "CREATE SCHEMA opened",
                "CREATE TABLE closed.secret (id integer, v varchar(40))",
                "CREATE TABLE opened.secret (id integer, v varchar(40))",
                f"INSERT INTO closed.secret VALUES (1, '{SECRET}')",
                f"INSERT INTO opened.secret VALUES (1, '{SECRET}')",
                "CREATE VIEW opened.shown AS SELECT * FROM opened.secret",
                "CREATE VIEW opened.late AS SELECT * FROM opened.secret WITH NO SCHEMA BINDING",
                "CREATE MATERIALIZED VIEW opened.kept AS SELECT * FROM opened.secret",
                "CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'lakes' CREATE EXTERNAL DATABASE IF NOT EXISTS",
                "CREATE EXTERNAL TABLE lake.far (id integer, v varchar(40)) STORED AS PARQUET LOCATION 'far/'",
                f"CREATE USER {MALLORY[0]} PASSWORD '{MALLORY[1]}'",
                "GRANT USAGE ON SCHEMA opened TO PUBLIC",
            ):
                answer = ask(admin, sql)
                assert not any(line.startswith("ERROR") for line in answer), (sql, answer)
        yield found
    house.close()


@pytest.fixture(scope="module")
def mallory(server: Running) -> Iterator[RawClient]:
    client = RawClient(server.port)
    client.log_in(*MALLORY, DATABASE)
    with client:
        ask(client, "CREATE TABLE own (id integer, v varchar(40))")
        ask(client, "INSERT INTO own VALUES (1, 'mine')")
        yield client


@pytest.fixture(scope="module")
def admin(server: Running) -> Iterator[RawClient]:
    with server.raw() as found:
        yield found


FORMS = (
    "SELECT * FROM {s}",
    "TABLE {s}",
    "SELECT v FROM {s} x",
    "SELECT count(*) FROM {s}",
    "SELECT x.* FROM own, {s} x",
    "SELECT 1 FROM own JOIN {s} x USING (id)",
    "SELECT 1 FROM own LEFT JOIN {s} x ON x.id = own.id",
    "SELECT * FROM (SELECT * FROM {s}) q",
    "WITH q AS (SELECT * FROM {s}) SELECT * FROM q",
    "WITH own AS (SELECT * FROM {s}) SELECT * FROM own",
    "WITH RECURSIVE q(n) AS (SELECT id FROM {s} UNION ALL SELECT n + 1 FROM q WHERE n < 3) SELECT * FROM q",
    "SELECT (SELECT max(v) FROM {s})",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM {s})",
    "SELECT 1 WHERE 1 IN (SELECT id FROM {s})",
    "SELECT CASE WHEN (SELECT count(*) FROM {s}) > 0 THEN 1 END",
    "SELECT v FROM own UNION ALL SELECT v FROM {s}",
    "SELECT v FROM own ORDER BY (SELECT max(id) FROM {s})",
    "SELECT max(v) OVER (ORDER BY (SELECT max(id) FROM {s}) ROWS UNBOUNDED PRECEDING) FROM own",
    "SELECT id FROM own GROUP BY id HAVING id < (SELECT max(id) FROM {s})",
    "INSERT INTO own SELECT * FROM {s}",
    "INSERT INTO own VALUES ((SELECT max(id) FROM {s}), 'x')",
    "UPDATE own SET v = x.v FROM {s} x WHERE x.id = own.id",
    "UPDATE own SET v = (SELECT max(v) FROM {s})",
    "DELETE FROM own USING {s} x WHERE x.id = own.id",
    "DELETE FROM own WHERE id IN (SELECT id FROM {s})",
    "MERGE INTO own USING {s} x ON own.id = x.id WHEN MATCHED THEN UPDATE SET v = x.v "
    "WHEN NOT MATCHED THEN INSERT VALUES (x.id, x.v)",
    "CREATE TABLE taken AS SELECT * FROM {s}",
    "CREATE TEMP TABLE taken AS SELECT * FROM {s}",
    "SELECT * INTO taken FROM {s}",
    "CREATE VIEW taken AS SELECT * FROM {s}",
    "CREATE MATERIALIZED VIEW taken AS SELECT * FROM {s}",
    "EXPLAIN SELECT * FROM {s}",
    "EXPLAIN VERBOSE INSERT INTO own SELECT * FROM {s}",
    "PREPARE taken AS SELECT * FROM {s}",
    "BEGIN; DECLARE taken CURSOR FOR SELECT * FROM {s}",
    "COPY (SELECT * FROM {s}) TO STDOUT",
    "UNLOAD ('SELECT * FROM {s}') TO 'taken/' FORMAT PARQUET",
)
CLOSED = (
    "closed.secret",
    '"closed"."secret"',
    "CLOSED.Secret",
    "dev.closed.secret",
    "closed/**/.secret",
    "opened.secret",
    "opened.shown",
    "opened.late",
    "opened.kept",
    "lake.far",
)


def refused(client: RawClient, sql: str) -> str:
    """The SQLSTATE of the only error; nothing else may have been told."""
    found = ask(client, sql)
    ask(client, "ROLLBACK")
    assert not any(SECRET in line for line in found), (sql, found)
    errors = [line for line in found if line.startswith("ERROR")]
    assert len(errors) == 1, (sql, found)
    return errors[0].split()[1].rstrip(":")


@pytest.mark.parametrize("form", FORMS)
def test_a_relation_without_privilege_is_closed_in_every_statement(mallory: RawClient, form: str) -> None:
    for source in CLOSED:
        if form.startswith("UNLOAD"):
            source = source.replace("'", "''")
        # MERGE refuses some sources before it is asked who may read them.
        allowed = ("42501", "0A000") if form.startswith("MERGE") else ("42501",)
        assert refused(mallory, form.format(s=source)) in allowed, (form, source)


CHANGES = (
    "INSERT INTO {t} VALUES (2, 'x')",
    "UPDATE {t} SET v = 'x'",
    "DELETE FROM {t}",
    "MERGE INTO {t} USING own x ON {t}.id = x.id WHEN MATCHED THEN UPDATE SET v = 'x' "
    "WHEN NOT MATCHED THEN INSERT VALUES (9, 'x')",
    "TRUNCATE {t}",
    "DROP TABLE {t}",
    "DROP TABLE own, {t} CASCADE",
    "ALTER TABLE {t} ADD COLUMN more integer",
    "ALTER TABLE {t} RENAME TO taken",
    "ALTER TABLE {t} OWNER TO mallory",
    "ALTER TABLE own APPEND FROM {t}",
    "COMMENT ON TABLE {t} IS 'x'",
    "VACUUM {t}",
    "ANALYZE {t}",
    "LOCK {t}",
    "CREATE TABLE taken (LIKE {t})",
    "COPY {t} FROM 'in/x' CSV",
    "GRANT SELECT ON {t} TO mallory",
    "REVOKE ALL ON {t} FROM admin",
)


@pytest.mark.parametrize("form", CHANGES)
def test_a_table_of_others_is_not_changed(mallory: RawClient, admin: RawClient, form: str) -> None:
    for target in ("closed.secret", "opened.secret"):
        assert refused(mallory, form.format(t=target)) == "42501", (form, target)
        assert ask(admin, f"SELECT v FROM {target}")[1:] == [SECRET]


FORBIDDEN = (
    "CREATE USER u PASSWORD 'Abcdef12'",
    "ALTER USER mallory CREATEUSER",
    "ALTER USER admin PASSWORD 'Abcdef12'",
    "ALTER USER mallory SYSLOG ACCESS UNRESTRICTED",
    "DROP USER admin",
    "CREATE GROUP g",
    "CREATE ROLE r",
    "GRANT ROLE sys:superuser TO mallory",
    "GRANT CREATE USER TO ROLE sys:monitor",
    "GRANT CREATE ON DATABASE dev TO mallory",
    "GRANT USAGE ON SCHEMA closed TO mallory",
    "ALTER SCHEMA closed OWNER TO mallory",
    "ALTER DEFAULT PRIVILEGES FOR USER admin GRANT SELECT ON TABLES TO mallory",
    "SET SESSION AUTHORIZATION admin",
    "CREATE SCHEMA taken",
    "DROP SCHEMA closed CASCADE",
    "CREATE TABLE closed.taken (id integer)",
    "CREATE VIEW opened.taken AS SELECT 1 AS one",
    "CREATE EXTERNAL SCHEMA taken FROM DATA CATALOG DATABASE 'lakes'",
    "CREATE EXTERNAL TABLE lake.taken (id integer) STORED AS PARQUET LOCATION 'x/'",
    "DROP TABLE lake.far",
    "ALTER TABLE lake.far SET LOCATION 'x/'",
    "DROP SCHEMA lake",
    "CREATE CRAWLER c DATABASE 'lakes' TARGETS ('x/')",
    "CREATE OR REPLACE VIEW opened.shown AS SELECT 1 AS id, 'x' AS v",
    "REFRESH MATERIALIZED VIEW opened.kept",
)


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_what_is_for_owners_and_superusers_is_refused(mallory: RawClient, sql: str) -> None:
    assert refused(mallory, sql) == "42501"


SOURCES_OF_THE_ENGINE = (
    "boathouse.users",
    '"boathouse"."users"',
    "dev.boathouse.users",
    "memory.rs.svv_roles",
    "rs.svv_roles",
    "main.sqlite_master",
    "temp.sqlite_master",
    "system.main.duckdb_tables",
    "'/etc/hostname'",
    '"/etc/hostname"',
    '"/etc/hostname.csv"',
    "read_text('/etc/hostname')",
    "read_csv('/etc/hostname')",
    "read_csv_auto('/etc/hostname')",
    "read_blob('/etc/hostname')",
    "read_parquet('x')",
    "read_json('x')",
    "parquet_metadata('x')",
    "sniff_csv('/etc/hostname')",
    "glob('/*')",
    "duckdb_tables()",
    "duckdb_settings()",
    "duckdb_secrets()",
    "duckdb_databases()",
    "duckdb_variables()",
    "duckdb_temporary_files()",
    "pragma_version()",
    "pragma_table_info('boathouse.users')",
    "query('SELECT 1')",
    "query_table('boathouse.users')",
    "which_secret('s3://x', 's3')",
    "test_all_types()",
    "range(3)",
)
EXPRESSIONS_OF_THE_ENGINE = (
    "getenv('HOME')",
    "getvariable('user_id')",
    "read_text('/etc/hostname')",
    "memory.rs.user_name(100)",
    "rs.user_name(100)",
    "current_setting('memory_limit')",
    "nextval('boathouse.principal_ids')",
    "error('x')",
    "write_log('x')",
    "pg_read_file('/etc/hostname')",
    "set_config('is_superuser', 'on', false)",
    "list_transform(array(1), x -> getenv('HOME'))",
    "sql_auto_complete('SEL')",
    "json_execute_serialized_sql('x')",
    "(SELECT verifier FROM boathouse.users)",
)
STATEMENTS_OF_THE_ENGINE = (
    "ATTACH '/tmp/other.db'",
    "ATTACH 'other.db' AS other",
    "DETACH dev",
    "USE memory",
    "PRAGMA database_list",
    "PRAGMA memory_limit='1GB'",
    "LOAD httpfs",
    "INSTALL httpfs",
    "CALL pragma_version()",
    "CHECKPOINT",
    "EXPORT DATABASE '/tmp/x'",
    "IMPORT DATABASE '/tmp/x'",
    "CREATE SECRET s (TYPE s3)",
    "CREATE MACRO m(x) AS x",
    "CREATE SEQUENCE q",
    "COPY own TO '/tmp/x.csv'",
    "COPY (SELECT 1) TO '/tmp/x.csv'",
    "COPY own TO 'x.parquet' (FORMAT parquet)",
    "SET VARIABLE user_id = 100",
    "SET user_id TO 100",
    "RESET VARIABLE user_id",
    "SET memory_limit TO '1GB'",
    "SET GLOBAL threads TO 1",
    "SET is_superuser TO on",
    "SET session_authorization TO admin",
    "SET enable_external_access TO true",
    "SUMMARIZE own",
    "DESCRIBE own",
    "FROM own",
    "PIVOT own ON id USING max(v)",
    "INSERT INTO boathouse.users VALUES (1, 'x', 'x', true)",
    "UPDATE boathouse.users SET superuser = true",
    "DELETE FROM boathouse.grants",
    "DROP TABLE boathouse.users",
    "ALTER TABLE boathouse.users RENAME TO x",
    "TRUNCATE boathouse.grants",
    "CREATE TABLE boathouse.x (id integer)",
    "CREATE VIEW memory.rs.x AS SELECT 1 AS one",
    "GRANT SELECT ON boathouse.users TO mallory",
)


@pytest.mark.parametrize("who", ["mallory", "admin"])
def test_the_engine_s_own_tables_files_and_functions_are_out_of_reach(who: str, request: pytest.FixtureRequest) -> None:
    client: RawClient = request.getfixturevalue(who)
    for source in SOURCES_OF_THE_ENGINE:
        for form in FORMS[:20]:
            refused(client, form.format(s=source))
    for expression in EXPRESSIONS_OF_THE_ENGINE:
        for form in ("SELECT {e}", "SELECT 1 WHERE {e} IS NULL", "INSERT INTO own VALUES (1, {e})",
                     "SELECT id FROM own ORDER BY {e}", "CREATE TABLE taken (id varchar(9) DEFAULT {e})"):  # fmt: skip
            refused(client, form.format(e=expression))


@pytest.mark.parametrize("who", ["mallory", "admin"])
@pytest.mark.parametrize("sql", STATEMENTS_OF_THE_ENGINE)
def test_the_engine_s_own_statements_are_refused(who: str, sql: str, request: pytest.FixtureRequest) -> None:
    refused(request.getfixturevalue(who), sql)


def test_random_nestings_find_no_way_round(mallory: RawClient) -> None:
    choose = random.Random(20_261_125)
    layers = (
        "(SELECT * FROM {s})",
        "(SELECT a.id, a.v FROM own a JOIN {s} b ON a.id = b.id)",
        "(SELECT id, v FROM own UNION ALL SELECT id, v FROM {s})",
        "(WITH q AS (SELECT * FROM {s} z) SELECT * FROM q)",
        "(SELECT id, (SELECT max(v) FROM {s} z) AS v FROM own)",
        "(SELECT id, v FROM own WHERE id IN (SELECT id FROM {s} z))",
        "(SELECT id, max(v) AS v FROM {s} z GROUP BY id)",
    )
    for _ in range(150):
        source = choose.choice(CLOSED)
        for depth in range(choose.randint(1, 4)):
            source = choose.choice(layers).replace("{s}", source if depth == 0 else f"{source} n{depth}")
        form = choose.choice(FORMS[2:35])
        sql = form.format(s=source if " x" in form or "q" in form else f"{source} top")
        found = ask(mallory, sql)
        ask(mallory, "ROLLBACK")
        assert not any(SECRET in line for line in found), (sql, found)
        assert [line.split()[1].rstrip(":") for line in found if line.startswith("ERROR")] in (
            ["42501"], ["42601"], ["0A000"]
        ), (sql, found)  # fmt: skip
