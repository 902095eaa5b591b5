"""A small catalog and the same tables on a real engine, for the binder's tests."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from boathouse.contracts.relations import Column, Relation, RelationKind, ViewDefinition
from boathouse.contracts.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    SUPER,
    TIMESTAMP,
    SqlType,
    array_of,
    map_of,
    numeric,
    struct_of,
    varchar,
)
from boathouse.engines.duckdb.macros import install
from boathouse.sql.bind.bind import bind
from boathouse.sql.bind.bound import Bound
from boathouse.sql.parse import parse_statement
from boathouse.sql.statements import Relational

PART = struct_of(("number", INTEGER))
ITEM = struct_of(
    ("sku", INTEGER),
    ("price", numeric(10, 2)),
    ("onsale", BOOLEAN),
    ("vendor", varchar(20)),
    ("weight", DOUBLE),
    ("parts", array_of(PART)),
)


def relation(name: str, columns: Sequence[tuple[str, SqlType]], kind: RelationKind = "table") -> Relation:
    """A relation of the schema public."""
    return Relation("public", name, kind, tuple(Column(*column) for column in columns), f'"memory"."main"."{name}"')


TOYS = relation(
    "toys",
    [
        ("id", INTEGER),
        ("kind", varchar(20)),
        ("count_now", BIGINT),
        ("price", numeric(8, 2)),
        ("tax", numeric(8, 2)),
        ("made", DATE),
        ("sold", TIMESTAMP),
        ("size", DOUBLE),
        ("fun", BOOLEAN),
    ],
)
MAKERS = relation("makers", [("id", INTEGER), ("maker", varchar(10))])
BASKETS = relation(
    "baskets",
    [
        ("buyer", struct_of(("login", varchar(20)), ("home", varchar(40)))),
        ("bought", varchar(10)),
        ("lines", array_of(ITEM)),
        ("phones", array_of(varchar(12))),
        ("wishes", map_of(varchar(20), BOOLEAN)),
    ],
)
NOTES = relation("notes", [("id", INTEGER), ("body", SUPER)])
NUMBERED = Relation(
    "public",
    "numbered",
    "table",
    (Column("id", BIGINT, identity=True), Column("word", varchar(5))),
    '"memory"."main"."numbered"',
)
LAKE = relation("lake_rows", [("id", INTEGER)], "external")
CHEAP = Relation(
    "public",
    "cheap",
    "view",
    (Column("id", INTEGER), Column("label", varchar(20))),
    '"memory"."main"."cheap"',
    ViewDefinition("select id, kind as label, price from toys where price < 5", ("id", "label"), ("public",)),
)


class SmallCatalog:
    """The relations above under the schema public."""

    def relation(self, schema: str | None, name: str) -> Relation | None:
        """See contracts.relations.Catalog."""
        found = {one.name: one for one in (TOYS, MAKERS, BASKETS, NOTES, NUMBERED, LAKE, CHEAP)}
        return found.get(name) if schema in (None, "public") else None

    def has_database(self, database: str) -> bool:
        """See contracts.relations.Catalog."""
        return False

    def in_database(self, database: str, schema: str, name: str) -> None:
        """See contracts.relations.Catalog."""
        return

    def has_schema(self, schema: str) -> bool:
        """See contracts.relations.Catalog."""
        return schema in ("public", "pg_catalog")

    def functions(self, schema: str | None, name: str) -> tuple[()]:
        return ()

    def within(self, search_path: tuple[str, ...]) -> SmallCatalog:
        """See contracts.relations.Catalog."""
        return self


def bound(sql: str, *types: SqlType) -> Bound:
    """The statement parsed and bound."""
    statement = parse_statement(sql)
    assert isinstance(statement, Relational)
    return bind(statement, SmallCatalog(), types)


def names(sql: str) -> list[str]:
    """The output columns' names."""
    return [field.name for field in bound(sql).fields or ()]


def types(sql: str) -> list[str]:
    """The output columns' types as text."""
    return [str(field.type) for field in bound(sql).fields or ()]


def engine() -> duckdb.DuckDBPyConnection:
    """The catalog's tables with a few rows."""
    connection = duckdb.connect()
    install(connection)
    connection.execute(_ROWS)
    return connection


def run(sql: str) -> list[tuple[object, ...]]:
    """The rows of the bound statement on the engine."""
    return engine().execute(bound(sql).tree.sql("duckdb")).fetchall()


_ROWS = """
CREATE TABLE toys (id INT, kind VARCHAR, count_now BIGINT, price DECIMAL(8,2), tax DECIMAL(8,2), made DATE,
    sold TIMESTAMP, size DOUBLE, fun BOOLEAN);
INSERT INTO toys VALUES (1, 'ball', 4, 3.50, 0.35, DATE '2020-01-05', TIMESTAMP '2020-02-01 10:00:00', 1.5, true),
    (2, 'kite', 2, 9.00, 0.90, DATE '2020-03-01', TIMESTAMP '2020-03-02 11:00:00', 2.5, true),
    (3, 'ball', 7, 4.00, 0.40, DATE '2020-04-01', TIMESTAMP '2020-05-02 11:00:00', 0.5, false);
CREATE TABLE makers (id INT, maker VARCHAR);
INSERT INTO makers VALUES (1, 'Ada'), (9, 'Bob');
CREATE TABLE baskets (buyer STRUCT(login VARCHAR, home VARCHAR), bought VARCHAR,
    lines STRUCT(sku INT, price DECIMAL(10,2), onsale BOOLEAN, vendor VARCHAR, weight DOUBLE,
        parts STRUCT("number" INT)[])[],
    phones VARCHAR[], wishes MAP(VARCHAR, BOOLEAN));
INSERT INTO baskets VALUES
    ({'login': 'ann', 'home': 'MI 01234'}, '2019-10-10',
        [{'sku': 30, 'price': 3.5, 'onsale': true, 'vendor': 'V1', 'weight': 1.0, 'parts': [{'number': 9}, {'number': 8}]},
         {'sku': 10, 'price': 1.0, 'onsale': false, 'vendor': 'V2', 'weight': 2.0, 'parts': []},
         {'sku': 20, 'price': 2.0, 'onsale': true, 'vendor': 'V1', 'weight': 4.0, 'parts': [{'number': 7}]}],
        ['p1', 'p2'], MAP {'gift': true, 'fast': false}),
    ({'login': 'bea', 'home': 'NY 1'}, '2019-10-11', [], [], MAP {}),
    ({'login': 'cy', 'home': 'NY 2'}, '2019-10-12', NULL, NULL, NULL);
CREATE TABLE notes (id INT, body VARIANT);
INSERT INTO notes VALUES (1, '{"tags": ["x", "y", "z"], "who": {"name": "Eve", "age": 37.5}, "n": 3}'::JSON::VARIANT),
    (2, '{"tags": 5, "n": "3"}'::JSON::VARIANT), (3, NULL);
CREATE TABLE numbered (id BIGINT, word VARCHAR);
"""
