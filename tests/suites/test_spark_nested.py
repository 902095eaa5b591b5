"""Nested columns of external tables on Spark: structs, arrays and maps of Parquet, read there, and of JSON, which goes along.

Each question has the house's answer, or is refused by name. Needs Spark (`make .venv/.spark`).
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.suites.spark_suite import OWN, SETTINGS, answer_of, are_same, require_spark

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

require_spark()

COLUMNS = (
    "id bigint, buyer struct<login:varchar(20),home:struct<city:varchar(40),floor:int>>, phones array<varchar(12)>, "
    "wishes map<varchar(20),boolean>, lines array<struct<sku:varchar(9),cost:decimal(8,2),qty:int,day:date>>, "
    "grid array<array<int>>"
)
LINES = pa.list_(pa.struct({"sku": pa.string(), "cost": pa.decimal128(8, 2), "qty": pa.int32(), "day": pa.date32()}))
HOME = pa.struct({"city": pa.string(), "floor": pa.int32()})
SHAPES = {
    "id": pa.int64(), "buyer": pa.struct({"login": pa.string(), "home": HOME}), "phones": pa.list_(pa.string()),
    "wishes": pa.map_(pa.string(), pa.bool_()), "lines": LINES, "grid": pa.list_(pa.list_(pa.int32())),
}  # fmt: skip


def _line(sku: str | None, cost: str | None, qty: int | None) -> dict[str, Any]:
    day = None if qty is None else datetime.date(2024, 2, qty)
    return {"sku": sku, "cost": None if cost is None else Decimal(cost), "qty": qty, "day": day}


ROWS = [
    (1, {"login": "ida", "home": {"city": "Oslo", "floor": 3}}, ["111", "222", None], [("gift", True), ("fast", None)],
     [_line("a", "10.00", 2), _line("b", "5.50", None), _line(None, None, 7)], [[1, 2], [], [3]]),
    (2, {"login": "max", "home": None}, [], [], [], []),
    (3, None, None, None, None, None),
    (4, {"login": 'q"uo\\te\n', "home": {"city": "日本", "floor": None}}, ["333"], [("gift", False)], [_line("a", "0.01", 1)],
     [[9]]),
]  # fmt: skip
QUESTIONS = [
    "SELECT b.id, b.buyer.login, b.buyer.home.city, b.buyer.home.floor + 1 FROM {t} b ORDER BY 1",
    "SELECT b.id, l.sku, l.cost * 2, l.qty FROM {t} b, b.lines l WHERE l.cost > 1 ORDER BY 1, 2",
    "SELECT b.id, l.sku FROM {t} b LEFT JOIN b.lines l ON true ORDER BY 1, 2",
    "SELECT b.id, p, i FROM {t} b, b.phones AS p AT i ORDER BY 1, 3",
    "SELECT b.id, w.key, w.value FROM {t} b, b.wishes w ORDER BY 1, 2",
    "SELECT c.id, cell FROM {t} c, c.grid r, r cell ORDER BY 1, 2",
    "SELECT l.sku, count(*), count(DISTINCT b.id), sum(l.cost), avg(l.qty) FROM {t} b, b.lines l GROUP BY 1 ORDER BY 1",
    "SELECT id, (SELECT count(*) FROM b.lines) AS n, (SELECT sum(qty) FROM b.lines WHERE qty > b.id) AS q FROM {t} b ORDER BY 1",
    "SELECT id FROM {t} c WHERE 'b' IN (SELECT o.sku FROM c.lines o) ORDER BY 1",
    "SELECT id FROM {t} c WHERE EXISTS (SELECT 1 FROM c.lines o WHERE o.qty = 7) ORDER BY 1",
    "SELECT id, phones[0], phones[2], phones[9], lines[1].sku, wishes['gift'], wishes['none'] FROM {t} ORDER BY 1",
    "SELECT id FROM {t} WHERE buyer IS NULL OR phones IS NOT NULL ORDER BY 1",
    "SELECT id, phones FROM {t} ORDER BY id",
    "SELECT id, buyer, wishes, grid FROM {t} WHERE id < 4 ORDER BY id",
    "SELECT x.login, count(*) FROM (SELECT buyer.login AS login, lines FROM {t}) x, x.lines l GROUP BY 1 ORDER BY 1",
    "WITH w AS (SELECT id, lines FROM {t} WHERE id <> 2) SELECT w.id, l.day FROM w, w.lines l ORDER BY 1, 2",
    "SELECT b.id, l.sku, i.label FROM {t} b JOIN items i ON i.id = b.id LEFT JOIN b.lines l ON true ORDER BY 1, 2, 3",
    "SELECT id, buyer FROM {t} WHERE id = 4",
    "SELECT count(*) FROM {t}",
]
REFUSED = [
    "SELECT id, lines FROM {t} ORDER BY id",
    "SELECT DISTINCT grid FROM {t}",
    "SELECT b.id FROM {t} b WHERE (SELECT count(*) FROM b.wishes w WHERE w.key = 'gift' AND w.value) > 0",
    "SELECT phones, count(*) FROM {t} GROUP BY 1",
]


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("nested") / "h"
    initialise(home, DATABASE, PASSWORD)
    opened = open_house(home, {"spark": SETTINGS})
    lake = home / "lake"
    for name in ("parquet", "json", "mixed"):
        (lake / name).mkdir()
    columns = [pa.array([row[place] for row in ROWS], of) for place, of in enumerate(SHAPES.values())]
    table = pa.table(dict(zip(SHAPES, columns, strict=True)))
    pq.write_table(table.slice(0, 2), lake / "parquet" / "a.parquet")
    pq.write_table(table.slice(2), lake / "parquet" / "b.parquet")
    plain = [{**one, "wishes": None if one["wishes"] is None else dict(one["wishes"])} for one in table.to_pylist()]
    (lake / "json" / "a.json").write_text("".join(json.dumps(one, default=str) + "\n" for one in plain))
    other = pa.struct({"HOME": pa.struct({"floor": pa.int16(), "extra": pa.string()}), "Login": pa.string()})
    value = {"HOME": {"floor": 5, "extra": "x"}, "Login": "eva"}
    pq.write_table(pa.table({"id": [9, 10], "buyer": pa.array([value, None], other)}), lake / "mixed" / "a.parquet")
    with (
        running(opened) as server,
        psycopg.connect(**server.keywords, autocommit=True, prepare_threshold=None) as client,
    ):
        client.execute("SET enable_result_cache_for_session TO off")
        client.execute(f"CREATE EXTERNAL SCHEMA lake {OWN}".format("lake").encode())
        stored = {
            "parquet": "STORED AS PARQUET",
            "mixed": "STORED AS PARQUET",
            "json": "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS TEXTFILE",
        }
        for name, how in stored.items():
            declared = f"lake.{name} ({COLUMNS}) {how} LOCATION '{lake}/{name}/'"
            client.execute(f"CREATE EXTERNAL TABLE {declared}".encode())
        client.execute("CREATE TABLE items (id bigint, label varchar(9))")
        client.execute("INSERT INTO items VALUES (1, 'one'), (3, 'three'), (4, NULL)")
        yield client
    opened.close()


@pytest.mark.parametrize("table", ["parquet", "json"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_nested_values_are_answered_alike(connection: psycopg.Connection[Any], table: str, question: str) -> None:
    asked = question.format(t=f"lake.{table}")
    expected, found = (answer_of(connection, engine, asked) for engine in ("duckdb", "spark"))
    assert isinstance(expected, list)
    assert are_same(expected, found), f"\n{expected}\n{found}"


@pytest.mark.parametrize("question", REFUSED)
def test_what_the_engines_write_or_compare_differently_is_refused(
    connection: psycopg.Connection[Any], question: str
) -> None:
    assert answer_of(connection, "spark", question.format(t="lake.parquet")) == "0A000"


def test_fields_of_files_are_found_by_their_names(connection: psycopg.Connection[Any]) -> None:
    asked = "SELECT id, buyer.login, buyer.home.floor, buyer.home.city, lines IS NULL FROM lake.mixed ORDER BY 1"
    expected, found = (answer_of(connection, engine, asked) for engine in ("duckdb", "spark"))
    assert isinstance(expected, list) and are_same(expected, found), f"\n{expected}\n{found}"


def test_elements_are_stored(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SET engine TO spark")
    made = "CREATE TABLE flat AS SELECT b.id, b.buyer.login, l.sku, l.cost FROM lake.parquet b, b.lines l"
    assert connection.execute(made).rowcount == 4
    connection.execute("SET engine TO duckdb")
    rows = connection.execute("SELECT * FROM flat WHERE sku = 'a' ORDER BY id").fetchall()
    assert rows == [(1, "ida", "a", Decimal("10.00")), (4, 'q"uo\\te\n', "a", Decimal("0.01"))]
