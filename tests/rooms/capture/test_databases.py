"""A database made from an integration: a name over what lands, read from everywhere, changed from nowhere."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest

from boathouse.capture.attend import Left, remove
from boathouse.contracts.errors import BoathouseError, FeatureNotSupported, InvalidParameterValue

STATE = "SELECT table_state FROM svv_integration_table_state WHERE table_name = 'orders'"


def refused(house: CaptureHouse, statement: str) -> str:
    failure = house.fails(statement)
    assert isinstance(failure, BoathouseError)
    return f"{failure.sqlstate} {failure.message}"


def test_a_name_over_what_lands(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute("CREATE SCHEMA sales")
    db.execute("CREATE TABLE orders (id int PRIMARY KEY, amount int); INSERT INTO orders VALUES (1, 10), (2, 20)")
    db.execute('CREATE TABLE sales."Lines" (id int PRIMARY KEY); INSERT INTO sales."Lines" VALUES (7)')
    house.integrate("INTO SCHEMA landed")
    house.run("CREATE DATABASE crm FROM INTEGRATION 'shop'")
    house.begin()
    house.until_dumped()
    run = house.run

    # From everywhere a table may be read.
    run("CREATE TABLE public.mine (id integer); INSERT INTO public.mine VALUES (2)")
    assert run("SELECT o.amount FROM crm.public.orders o JOIN public.mine USING (id)") == [(20,)]
    assert run("SELECT public.orders.amount, orders.id FROM crm.public.orders ORDER BY 1") == [(10, 1), (20, 2)]
    assert run("SELECT a.id FROM crm.sales.lines a, landed.lines b WHERE a.id = b.id") == [(7,)]
    run("CREATE VIEW public.v AS SELECT sum(amount) AS total FROM crm.public.orders")
    run("CREATE VIEW public.late AS SELECT * FROM crm.sales.lines WITH NO SCHEMA BINDING")
    run("CREATE MATERIALIZED VIEW public.mv AS SELECT max(amount) AS most FROM crm.public.orders")
    run(
        "CREATE TABLE public.copied AS SELECT * FROM crm.public.orders; INSERT INTO public.mine SELECT id FROM crm.sales.lines"
    )
    run("UNLOAD ('SELECT id FROM crm.public.orders ORDER BY 1') TO 'out/' PARALLEL OFF")
    seen = "SELECT (SELECT total FROM v), (SELECT most FROM mv), (SELECT count(*) FROM copied), (SELECT id FROM late)"
    assert run(seen) == [(30, 20, 2, 7)]
    assert (house.open.home / "lake" / "out" / "000").read_text() == "1\n2\n"
    db.execute("INSERT INTO orders VALUES (3, 30)")
    house.until(lambda: run("SELECT total FROM public.v") == [(60,)], "it is not followed")
    run("REFRESH MATERIALIZED VIEW public.mv")
    assert run("SELECT most FROM public.mv") == [(30,)]

    # Nothing is changed through it, and no name of this house is taken for one over there.
    for statement in (
        "INSERT INTO crm.public.orders VALUES (9, 9)", "UPDATE crm.public.orders SET amount = 0", "DELETE FROM crm.public.orders",
        "TRUNCATE crm.public.orders", "DROP TABLE crm.public.orders", "CREATE TABLE crm.public.t (a int)",
        "ALTER TABLE crm.public.orders ADD COLUMN b int", "COPY crm.public.orders FROM 'out/'", "VACUUM crm.public.orders",
        "MERGE INTO crm.public.orders USING mine ON crm.public.orders.id = mine.id WHEN MATCHED THEN DELETE "
        "WHEN NOT MATCHED THEN INSERT VALUES (1, 1)",
    ):  # fmt: skip
        assert refused(house, statement).startswith("0A000 cross-database writes are not supported: crm.public."), (
            statement
        )
    assert refused(house, "SELECT * FROM crm.public.mine") == '42P01 relation "crm.public.mine" does not exist'
    assert refused(house, "SELECT * FROM nobody.landed.orders").startswith("0A000 cross-database references")
    assert isinstance(house.fails("USE crm"), FeatureNotSupported)
    assert "already" in refused(house, "CREATE DATABASE crm2 FROM INTEGRATION 'shop'")
    assert refused(house, "CREATE DATABASE dev FROM INTEGRATION 'shop'") == '42P04 database "dev" already exists'

    # What lists databases, schemas, tables.
    assert run("SELECT database_name, database_type, database_options FROM svv_redshift_databases ORDER BY 1") == [
        ("crm", "local", "QUERY_ALL_STATES=FALSE"), ("dev", "local", None)]  # fmt: skip
    assert run("SELECT datname FROM pg_database ORDER BY 1") == [("crm",), ("dev",)]
    assert run("SELECT trim(target_database) FROM svv_integration") == [("crm",)]
    for view in ("svv_all_schemas", "svv_redshift_schemas"):
        assert run(f"SELECT schema_name FROM {view} WHERE database_name = 'crm' ORDER BY 1") == [
            ("public",),
            ("sales",),
        ]
    for view in ("svv_all_tables", "svv_redshift_tables"):
        found = run(f"SELECT schema_name, table_name FROM {view} WHERE database_name = 'crm' ORDER BY 1")
        assert found == [("public", "orders"), ("sales", "lines")]
        assert ("landed", "orders") in run(f"SELECT schema_name, table_name FROM {view} WHERE database_name = 'dev'")
    for view in ("svv_all_columns", "svv_redshift_columns"):
        assert run(f"SELECT table_name, column_name FROM {view} WHERE database_name = 'crm' ORDER BY 1, 2") == [
            ("lines", "id"), ("orders", "amount"), ("orders", "id")]  # fmt: skip
    assert [row[0] for row in run("SHOW DATABASES")] == ["crm", "dev"]
    assert [row[1] for row in run("SHOW SCHEMAS FROM DATABASE crm")] == ["public", "sales"]
    assert [row[:3] for row in run("SHOW TABLES FROM SCHEMA crm.sales")] == [("crm", "sales", "lines")]
    assert [row[3] for row in run("SHOW COLUMNS FROM TABLE crm.public.orders")] == ["id", "amount"]
    assert refused(house, "SHOW TABLES FROM SCHEMA crm.landed") == '3F000 schema "landed" does not exist'

    # What may be read in which state.
    run("ALTER INTEGRATION shop SET CHUNK_PAUSE_SECONDS = 30, CHUNK_ROWS = 1")
    run("ALTER DATABASE crm INTEGRATION REFRESH TABLE public.orders")
    house.until(lambda: run(STATE) == [("ResyncInitiated",)], "no dump begins")
    assert refused(house, "SELECT * FROM crm.public.orders").startswith(
        '55000 table "orders" of database "crm" is in state Resync'
    )
    assert refused(house, "SELECT * FROM public.v").startswith("55000")
    assert run("SELECT count(*) FROM landed.orders") == [(3,)]
    run("ALTER DATABASE crm INTEGRATION SET QUERY_ALL_STATES = TRUE")
    assert run("SELECT count(*) FROM crm.public.orders") == [(3,)]
    run("ALTER INTEGRATION shop SET CHUNK_PAUSE_SECONDS = 0, CHUNK_ROWS = 100")
    house.until_dumped()

    # Who may: USAGE on the database, and SELECT on the table.
    run("CREATE USER reader PASSWORD 'Readers1'")
    as_reader = "SET SESSION AUTHORIZATION reader; SELECT count(*) FROM crm.public.orders"
    assert refused(house, as_reader) == "42501 permission denied for database crm"
    run("RESET SESSION AUTHORIZATION; GRANT USAGE ON DATABASE crm TO reader")
    assert refused(house, as_reader) == "42501 permission denied for relation orders"
    run("RESET SESSION AUTHORIZATION; GRANT SELECT ON crm.public.orders TO reader")
    assert run(as_reader) == [(3,)]
    assert run("SELECT table_name FROM svv_all_tables WHERE database_name = 'crm'") == [("orders",)]
    run("RESET SESSION AUTHORIZATION")
    assert refused(house, "GRANT CREATE ON DATABASE crm TO reader").startswith("0LP01")

    # It is kept, renamed, given away, and dropped; what it named stays.
    run("ALTER DATABASE crm RENAME TO cr; ALTER DATABASE cr OWNER TO reader")
    home, settings = house.open.home, house.settings
    house.end()
    house.close()
    house.reopen(home, settings)
    assert house.run("SELECT count(*) FROM cr.public.orders") == [(3,)]
    house.run("DROP INTEGRATION shop")
    assert house.run("SELECT count(*) FROM cr.public.orders") == [(3,)]
    assert refused(house, "ALTER DATABASE cr INTEGRATION REFRESH ALL TABLES").startswith(
        "55000 the database's integration"
    )
    house.run("DROP DATABASE cr")
    assert refused(house, "SELECT 1 FROM cr.landed.orders").startswith("0A000 cross-database references")
    assert house.run("SELECT count(*) FROM landed.orders") == [(3,)]
    assert house.own("SELECT * FROM boathouse.grants WHERE kind = 'database' AND object_name = 'cr'") == []


def test_the_source_and_the_mode_that_are_named_are_those_there_are(
    db: psycopg.Connection[Any], house: CaptureHouse
) -> None:
    db.execute("CREATE TABLE t (id int PRIMARY KEY)")
    house.integrate()
    make = "CREATE DATABASE crm FROM INTEGRATION 'shop'"
    assert "has not reached its source" in refused(house, f"{make} DATABASE 'x'")
    house.begin()
    house.until_dumped()
    assert refused(house, f"{make} DATABASE 'x'").startswith('42704 integration "shop" captures the database')
    assert refused(house, f"{make} SET HISTORY_MODE = TRUE").startswith("0A000")
    (name,) = house.run("SELECT trim(source_database) FROM svv_integration")[0]
    house.run(f"{make} DATABASE '{name}' SET HISTORY_MODE FALSE QUERY_ALL_STATES TRUE WITH OWNER admin")
    assert house.run("SELECT count(*) FROM crm.public.t") == [(0,)]


@pytest.mark.parametrize("database", ["crm", "CRM"])
def test_nobody_connects_to_it(house: CaptureHouse, database: str) -> None:
    house.integrate()
    house.run("CREATE DATABASE crm FROM INTEGRATION 'shop'")
    service = house.open.service
    user = service.user("admin")
    assert user is not None
    with pytest.raises(FeatureNotSupported, match=f'connections to the database "{database}" are not supported'):
        service.open(user, database, {}, b"", lambda notice: None, lambda name, value: None)


def test_who_may_what_is_asked_of_it_by_name_and_number(house: CaptureHouse) -> None:
    house.integrate()
    house.run("CREATE DATABASE crm FROM INTEGRATION 'shop'; CREATE USER reader PASSWORD 'Readers1'")
    run = house.run
    may = "SELECT has_database_privilege('reader', {}, '{}')"
    assert run(may.format("'crm'", "usage")) == [(False,)]
    run("GRANT USAGE ON DATABASE crm TO reader")
    assert run(may.format("'CRM'", "usage")) == [(True,)]
    assert run(may.format("'crm'", "temp, usage")) == [(True,)]
    assert run(may.format("'crm'", "usage with grant option")) == [(False,)]
    # Nobody connects to it, nothing is made in it: not by its owner either.
    for privilege in ("connect", "create", "temp"):
        assert run(may.format("'crm'", privilege)) == [(False,)]
        assert run(f"SELECT has_database_privilege('crm', '{privilege}')") == [(False,)]
    asked = "SELECT datname, has_database_privilege('reader', {}, '{}') FROM pg_database ORDER BY 1"
    for column in ("oid", "datname"):
        assert run(asked.format(column, "connect")) == [("crm", False), ("dev", True)]
    listed = (
        "SELECT database_name FROM svv_redshift_databases WHERE has_database_privilege('reader', database_name, 'temp')"
    )
    assert run(listed) == [("dev",)]
    assert refused(house, may.format("'crn'", "usage")) == '3D000 database "crn" does not exist'
    assert refused(house, may.format("'dev'", "usage")) == '22023 unrecognized privilege type: "USAGE"'
    assert refused(house, may.format("'crm'", "fly")) == '22023 unrecognized privilege type: "fly"'
    assert refused(house, "SELECT has_database_privilege('nobody', 'crm', 'connect')") == (
        '42704 user "nobody" does not exist'
    )


def test_a_name_is_a_statements_or_the_settings(house: CaptureHouse) -> None:
    """Whichever comes second is refused."""
    house.integrate()
    house.run("CREATE DATABASE crm FROM INTEGRATION 'shop'")
    home, config = house.open.home, house.open.home / "boathouse.toml"
    config.write_text(config.read_text() + '\n[databases.CRM]\nuri = "db.internal"\nsecret = "shop"\n')
    house.close()
    with pytest.raises(
        InvalidParameterValue, match=r"\[databases.crm\]: a database made by CREATE DATABASE"
    ) as failure:
        house.reopen(home, house.settings)
    assert failure.value.hint
    config.write_text(config.read_text().replace("databases.CRM", "databases.other"))
    house.reopen(home, house.settings)
    failed = house.fails("ALTER DATABASE crm RENAME TO other")
    assert (failed.sqlstate, failed.hint) == ("42P04", "[databases.other] stands in boathouse.toml.")


def test_nothing_is_left_of_a_dropped_integration(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    """But the tables that a database names, as long as it does."""
    db.execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
    house.integrate()
    house.run("CREATE DATABASE crm FROM INTEGRATION 'shop'; ALTER INTEGRATION shop SET CHUNK_ROWS = 10")
    house.run("ALTER INTEGRATION shop ADD OUTPUT o TO 'changes/' FORMAT parquet")
    house.begin()
    house.until_dumped()
    house.until_delivered()
    house.until(lambda: house.own("SELECT 1 FROM boathouse.capture_paces") != [], "no pace")
    kept = [table for table in _tables_with_rows(house) if table != "capture_databases"]
    assert {"capture_progress", "capture_dumps", "capture_paces", "capture_output_states"} <= set(kept)
    house.run("DROP INTEGRATION shop")
    house.until(lambda: set(_tables_with_rows(house)) == {"capture_databases", "capture_tables"}, "something is left")
    assert house.run("SELECT id FROM crm.public.t") == [(1,)]
    house.run("DROP DATABASE crm")
    assert _tables_with_rows(house) == []


def _tables_with_rows(house: CaptureHouse) -> list[str]:
    names = house.own("SELECT table_name FROM memory.rs.stored_tables() WHERE table_name LIKE 'capture_%' ORDER BY 1")
    return [str(name) for (name,) in names if house.own(f"SELECT 1 FROM boathouse.{name} LIMIT 1")]


def test_a_source_that_does_not_answer_is_asked_to_let_go_more_and_more_seldom(
    house: CaptureHouse, postgres: PostgresUnderTest
) -> None:
    house.integrate()
    home, secrets = house.open.home, house.open.home / "secrets.toml"
    secrets.write_text(secrets.read_text().replace(postgres.folder, "/nowhere", 1))  # the first is the source's
    house.close()
    house.reopen(home, house.settings | {"capture": {**house.settings["capture"], "retry_seconds_max": 3.0}})
    house.run("DROP INTEGRATION shop")
    served, left = house.open.service.house, Left()
    engine = served.engine.session()
    pauses = []
    for _ in range(4):
        assert not remove(served, engine, left)
        ((slot, (at, pause)),) = left.later.items()
        assert at > 0
        pauses.append(pause)
        left.later[slot] = (0.0, pause)
    assert pauses == [2.0, 3.0, 3.0, 3.0]
    ((slot, (_, pause)),) = left.later.items()
    left.later[slot] = (served.clock.monotonic() + 600, pause)
    assert not remove(served, engine, left) and left.later[slot][1] == pause, "it is not its turn"
    engine.close()
