"""Nested columns of external tables, from the statement's text to rows: parsed, bound, rewritten, scanned.

The shapes are those of the Redshift Developer Guide's "Querying nested data with Amazon Redshift Spectrum".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.rooms.lake.lake_house import LakeSession, make_house, schema_statement, table_statement

from boathouse.contracts import types as t
from boathouse.contracts.relations import Relation
from boathouse.lake import catalog, define
from boathouse.lake.catalogs.choose import find_relation
from boathouse.lake.scan import expand
from boathouse.sql.bind.bind import bind
from boathouse.sql.parse import parse
from boathouse.sql.rewrites import rewrite
from boathouse.sql.statements import ExternalFormat, Relational
from boathouse.sql.targets.to_duckdb import to_duckdb

PERSON = t.struct_of(("login", t.varchar(20)), ("city", t.varchar(40)))
LINE = t.struct_of(
    ("sku", t.varchar(9)), ("cost", t.numeric(8, 2)), ("discounted", t.BOOLEAN), ("maker", t.varchar(20))
)
COLUMNS = [
    ("buyer", PERSON),
    ("bought_on", t.varchar(10)),
    ("phones", t.array_of(t.varchar(12))),
    ("wishes", t.map_of(t.varchar(20), t.BOOLEAN)),
    ("lines", t.array_of(LINE)),
]


def line(sku: str, cost: float, discounted: bool, maker: str) -> dict[str, Any]:
    return {"sku": sku, "cost": cost, "discounted": discounted, "maker": maker}


BASKETS = [
    {
        "buyer": {"login": "ida", "city": "Oslo, NO"},
        "bought_on": "2024-05-01",
        "phones": ["111", "222"],
        "wishes": {"gift": True, "fast": False},
        "lines": [line("a", 10, True, "Acme"), line("b", 5.5, False, "Bolt")],
    },
    {
        "buyer": {"login": "ida", "city": "Oslo, NO"},
        "bought_on": "2024-05-09",
        "phones": [],
        "wishes": {"fast": True},
        "lines": [line("c", 2, False, "Acme")],
    },
    {
        "buyer": {"login": "max", "city": "Bonn, DE"},
        "bought_on": "2024-04-30",
        "phones": ["333"],
        "wishes": {},
        "lines": [],
    },
]


class Names:
    """The binder's catalog over the lake alone."""

    def __init__(self, session: LakeSession) -> None:
        self.session: Any = session

    def functions(self, schema: str | None, name: str) -> tuple[()]:
        return ()

    def relation(self, schema: str | None, name: str) -> Relation | None:
        return find_relation(self.session.house, self.session, schema or "", name)

    def has_schema(self, schema: str) -> bool:
        return catalog.has_schema(self.session.house, self.session, schema)


@pytest.fixture(params=["parquet", "json"])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    session: Any = LakeSession(make_house(tmp_path))
    folder = tmp_path / "lake/baskets"
    folder.mkdir()
    source = folder / "a.json"
    source.write_text("".join(json.dumps(one) + "\n" for one in BASKETS))
    file_format = ExternalFormat(serde="org.openx.data.jsonserde.JsonSerDe")
    if request.param == "parquet":
        file_format = ExternalFormat(stored_as="parquet")
        columns = (
            "{buyer: 'STRUCT(login VARCHAR, city VARCHAR)', bought_on: 'VARCHAR', phones: 'VARCHAR[]', "
            "wishes: 'MAP(VARCHAR, BOOLEAN)', "
            "lines: 'STRUCT(sku VARCHAR, cost DECIMAL(8,2), discounted BOOLEAN, maker VARCHAR)[]'}"
        )
        duckdb.connect().execute(
            f"COPY (SELECT * FROM read_json('{source}', columns = {columns})) TO '{folder}/a.parquet' (FORMAT parquet)"
        )
        source.unlink()
    define.create_external_schema(session.house, session, schema_statement("lake", "shop"))
    statement = table_statement("lake.baskets", COLUMNS, str(folder), format=file_format)
    define.create_external_table(session.house, session, statement)

    def run(sql: str) -> list[tuple[Any, ...]]:
        (parsed,) = parse(sql)
        assert isinstance(parsed, Relational)
        bound = rewrite(bind(parsed, Names(session), ()))
        tree = expand(session.house, session, bound.tree, bound.relations)
        return session.engine.fetch(to_duckdb(replace(bound, tree=tree)))

    return run


def test_fields_of_a_struct_are_columns(ask: Callable[[str], Any]) -> None:
    assert ask("SELECT b.buyer.login, b.buyer.city FROM lake.baskets b WHERE b.buyer.city LIKE '%DE' ") == [
        ("max", "Bonn, DE")
    ]


def test_an_array_in_from_yields_a_row_per_element(ask: Callable[[str], Any]) -> None:
    sql = "SELECT b.buyer.login, l.sku FROM lake.baskets b, b.lines l WHERE l.maker = 'Acme' ORDER BY l.sku"
    assert ask(sql) == [("ida", "a"), ("ida", "c")]


def test_elements_are_aggregated_over_their_parents(ask: Callable[[str], Any]) -> None:
    sql = (
        "SELECT l.maker, count(DISTINCT b.buyer.login) AS buyers, sum(l.cost) AS cost "
        "FROM lake.baskets b, b.lines l WHERE b.bought_on > '2024-04-30' GROUP BY 1 ORDER BY 3 DESC"
    )
    assert [(maker, buyers, float(cost)) for maker, buyers, cost in ask(sql)] == [("Acme", 1, 12.0), ("Bolt", 1, 5.5)]


def test_children_are_aggregated_in_a_sub_query_of_their_own(ask: Callable[[str], Any]) -> None:
    sql = (
        "WITH baskets AS (SELECT b.buyer.login AS login, b.bought_on AS bought_on, "
        "(SELECT count(*) FROM b.lines) AS items, "
        "(SELECT sum(CASE WHEN discounted = true THEN 1 ELSE 0 END) FROM b.lines) AS cheap FROM lake.baskets b) "
        "SELECT login, count(bought_on), avg(items) FROM baskets WHERE items <= 3 AND cheap >= 0 GROUP BY 1"
    )
    assert ask(sql) == [("ida", 2, 1)]  # AVG of integers is an integer ("AVG function")


def test_a_parent_is_kept_by_a_condition_on_its_children(ask: Callable[[str], Any]) -> None:
    sql = (
        "SELECT b.bought_on FROM lake.baskets b "
        "WHERE (SELECT count(*) FROM b.lines WHERE maker = 'Bolt' AND discounted = false) > 0"
    )
    assert ask(sql) == [("2024-05-01",)]


def test_a_map_in_from_yields_keys_and_values(ask: Callable[[str], Any]) -> None:
    sql = "SELECT count(DISTINCT b.buyer.login) FROM lake.baskets b, b.wishes w WHERE w.key = 'gift' AND w.value = true"
    assert ask(sql) == [(1,)]


def test_maps_are_counted_in_sub_queries(ask: Callable[[str], Any]) -> None:
    sql = (
        "SELECT b.bought_on, (SELECT count(*) FROM b.wishes w WHERE w.key = 'fast' AND w.value = true) AS fast "
        "FROM lake.baskets b ORDER BY 1"
    )
    assert ask(sql) == [("2024-04-30", 0), ("2024-05-01", 0), ("2024-05-09", 1)]


def test_an_array_of_scalars_yields_its_values(ask: Callable[[str], Any]) -> None:
    sql = "SELECT p FROM lake.baskets b, b.phones p ORDER BY 1"
    assert ask(sql) == [("111",), ("222",), ("333",)]


def test_a_left_join_keeps_parents_without_children(ask: Callable[[str], Any]) -> None:
    sql = "SELECT b.bought_on, l.sku FROM lake.baskets b LEFT JOIN b.lines l ON true ORDER BY 1, 2"
    assert ask(sql) == [("2024-04-30", None), ("2024-05-01", "a"), ("2024-05-01", "b"), ("2024-05-09", "c")]
