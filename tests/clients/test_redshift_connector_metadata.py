"""redshift_connector beyond queries: its metadata calls, data frames, bulk inserts, every style of parameters.

Without `show_discovery` the driver asks Redshift's metadata views and PostgreSQL's catalog; the calls that need it
(foreign keys, functions, privileges) say so themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.clients.conftest import Running
from tests.clients.test_redshift_connector import connect

pandas = pytest.importorskip("pandas")
redshift_connector = pytest.importorskip("redshift_connector")


@pytest.fixture(scope="module")
def cursor(server: Running) -> Iterator[Any]:
    connection = connect(server)
    connection.autocommit = True
    cursor = connection.cursor()
    for sql in (
        "CREATE SCHEMA rs_meta",
        "CREATE TABLE rs_meta.orders (id integer NOT NULL DISTKEY, name varchar(20) DEFAULT 'x', price numeric(10,2), "
        "PRIMARY KEY (id))",
        "CREATE PROCEDURE rs_meta.tell(a integer) AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql",
        "CREATE VIEW rs_meta.bound AS SELECT id FROM rs_meta.orders",
        "CREATE VIEW rs_meta.late AS SELECT * FROM rs_meta.orders WITH NO SCHEMA BINDING",
    ):
        cursor.execute(sql)
    yield cursor
    connection.close()


def column(cursor: Any, name: str) -> int:
    return [str(part[0]).lower() for part in cursor.description].index(name)


@pytest.mark.parametrize("schema", ["rs_meta", None], ids=["of one schema", "of all"])
def test_tables_and_views_are_listed(cursor: Any, schema: str | None) -> None:
    found = cursor.get_tables(schema_pattern=schema)
    shown = {row[2]: row[3] for row in found if row[1] == "rs_meta" and row[3] != "INDEX"}
    assert shown == {"orders": "TABLE", "bound": "VIEW", "late": "VIEW"}


@pytest.mark.parametrize("schema", ["rs_meta", None], ids=["of one schema", "of all"])
def test_columns_are_listed_with_jdbcs_types(cursor: Any, schema: str | None) -> None:
    found = cursor.get_columns(schema_pattern=schema, tablename_pattern="orders")
    names = ("column_name", "data_type", "type_name", "column_size", "decimal_digits", "nullable", "ordinal_position")
    places = [column(cursor, name) for name in names]
    assert [tuple(row[place] for place in places) for row in found if row[1] == "rs_meta"] == [
        ("id", 4, "int4", 10, 0, 0, 1),
        ("name", 12, "varchar", 20, 0, 1, 2),
        ("price", 2, "numeric", 10, 2, 1, 3),
    ]


def test_columns_of_late_binding_views_are_listed(cursor: Any) -> None:
    found = cursor.get_columns(schema_pattern="rs_meta", tablename_pattern="late")
    assert [(row[3], row[4]) for row in found] == [("id", 4), ("name", 12), ("price", 2)]


def test_schemas_and_catalogs_are_listed(cursor: Any) -> None:
    assert {"rs_meta", "public", "pg_catalog", "information_schema"} <= {row[0] for row in cursor.get_schemas()}
    assert [list(row) for row in cursor.get_catalogs()] == [["dev"]]


def test_primary_keys_and_procedures_are_listed(cursor: Any) -> None:
    keys = cursor.get_primary_keys(schema="rs_meta", table="orders")
    assert [tuple(row[:6]) for row in keys] == [("dev", "rs_meta", "orders", "id", 1, "orders_pkey")]
    procedures = cursor.get_procedures(schema_pattern="rs_meta")
    assert [(row[1], row[2]) for row in procedures] == [("rs_meta", "tell")]
    assert ("TABLE",) in {tuple(row) for row in cursor.get_table_types()}


def test_what_needs_discovery_says_so(cursor: Any) -> None:
    with pytest.raises(redshift_connector.InterfaceError, match="requires minimum show discovery version 4"):
        cursor.get_imported_keys(schema="rs_meta", table="orders")


def test_data_frames_go_in_and_come_out(cursor: Any) -> None:
    cursor.execute("CREATE TABLE rs_meta.framed (id integer, name varchar(20), price numeric(10,2))")
    cursor.write_dataframe(pandas.DataFrame({"id": [1, 2], "name": ["x", "y"], "price": [1.5, 2.25]}), "rs_meta.framed")
    found = cursor.execute("SELECT id, name, price FROM rs_meta.framed ORDER BY id").fetch_dataframe()
    assert list(found.columns) == ["id", "name", "price"]
    assert found.values.tolist() == [[1, "x", Decimal("1.50")], [2, "y", Decimal("2.25")]]
    assert cursor.execute("SELECT id FROM rs_meta.framed ORDER BY id").fetch_numpy_array().tolist() == [[1], [2]]


def test_files_are_inserted_in_bulk(cursor: Any, tmp_path: Path) -> None:
    cursor.execute("CREATE TABLE rs_meta.bulk (id integer, name varchar(20))")
    source = tmp_path / "bulk.csv"
    source.write_text("id,name\n" + "".join(f"{number},n{number}\n" for number in range(250)))
    cursor.insert_data_bulk(str(source), "rs_meta.bulk", [0, 1], ["id", "name"], ",", batch_size=100)
    assert cursor.execute("SELECT count(*), max(id) FROM rs_meta.bulk").fetchall() == ([250, 249],)


@pytest.mark.parametrize(
    ("style", "sql", "parameters"),
    [
        ("qmark", "SELECT ?::integer, ?", (1, "a")),
        ("numeric", "SELECT :1::integer, :2", (1, "a")),
        ("named", "SELECT :one::integer, :two", {"one": 1, "two": "a"}),
        ("format", "SELECT %s::integer, %s", (1, "a")),
        ("pyformat", "SELECT %(one)s::integer, %(two)s", {"one": 1, "two": "a"}),
    ],
    ids=[
        "qmark",
        "numeric",
        "named",
        "format",
        "pyformat",
    ],  # two colons in an id would part the module between workers
)
def test_parameters_are_taken_in_every_style(cursor: Any, style: str, sql: str, parameters: Any) -> None:
    before, cursor.paramstyle = cursor.paramstyle, style
    try:
        assert cursor.execute(sql, parameters).fetchall() == ([1, "a"],)
    finally:
        cursor.paramstyle = before


def test_its_default_settings_connect_with_the_houses_certificate(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    keywords = server.keywords
    with redshift_connector.connect(
        host="localhost", port=server.port, database="dev", user=keywords["user"], password=keywords["password"]
    ) as found:
        assert found.cursor().execute("SELECT 1").fetchone() == [1]
