"""Questions to nested files in a whole house, each answered a second time in Python over the same rows.

The shapes are those of the Redshift Developer Guide's "Querying nested data with Amazon Redshift Spectrum".
"""

from __future__ import annotations

import fnmatch
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.rooms.lake.whole_house import Client, opened, plain

SEED = 11
WISHES = ["wrapped", "fast", "repair", "letter"]


def make_baskets() -> list[dict[str, Any]]:
    print("seed", SEED)
    chance = random.Random(SEED)
    towns = ["3 Quay\nOslo, NO 01234", "9 Lane\nBonn, DE 01299", "1 Row\nKiel, DE 99999"]
    people = [{"login": f"p{number}", "home": chance.choice(towns)} for number in range(25)]
    return [
        {
            "buyer": chance.choice(people),
            "bought_on": f"2022-0{chance.randint(3, 6)}-{chance.randint(1, 28):02d}",
            "sent_on": f"2022-07-{chance.randint(1, 28):02d}",
            "wishes": [(wish, chance.random() < 0.5) for wish in WISHES if chance.random() < 0.6],
            "lines": [
                {
                    "sku": chance.randint(1, 50),
                    "cost": chance.choice([None, *range(1, 400)]),
                    "reduced": chance.choice([True, False, None]),
                    "grams": chance.randint(1, 90),
                    "maker": chance.choice(["Alder", "Birch", "Cedar"]),
                }
                for _ in range(chance.randint(0, 9))
            ],
        }
        for _ in range(600)
    ]


BASKETS = make_baskets()
SCHEMA = pa.schema(
    {
        "buyer": pa.struct({"login": pa.string(), "home": pa.string()}),
        "bought_on": pa.string(),
        "sent_on": pa.string(),
        "wishes": pa.map_(pa.string(), pa.bool_()),
        "lines": pa.list_(
            pa.struct(
                {
                    "sku": pa.int64(),
                    "cost": pa.int32(),
                    "reduced": pa.bool_(),
                    "grams": pa.int32(),
                    "maker": pa.string(),
                }
            )
        ),
    }
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("nested") / "home"
    with opened(home) as house:
        (home / "lake/baskets").mkdir()
        for half in (0, 1):
            table = pa.Table.from_pylist(BASKETS[half::2], SCHEMA)
            pq.write_table(table, home / f"lake/baskets/{half}.parquet")
        made = Client(house)
        made.run("CREATE EXTERNAL SCHEMA shop FROM DATA CATALOG DATABASE 'shop' CREATE EXTERNAL DATABASE IF NOT EXISTS")
        made.run(
            "CREATE EXTERNAL TABLE shop.baskets (buyer struct<login:varchar(20),home:varchar(60)>, bought_on varchar(10), "
            "sent_on varchar(10), wishes map<varchar(20),boolean>, lines array<struct<sku:bigint,cost:int,"
            "reduced:boolean,grams:int,maker:varchar(9)>>) STORED AS PARQUET LOCATION 'baskets/'"
        )
        yield made


def same(client: Client, sql: str, expected: list[tuple[Any, ...]]) -> None:
    assert expected, "a question without an answer proves nothing"
    assert sorted(plain(client.run(sql)), key=repr) == sorted(expected, key=repr)


def test_frequent_buyers_of_few_things(client: Client) -> None:
    visits: dict[str, list[int]] = defaultdict(list)
    for one in BASKETS:
        reduced = sum(1 for line in one["lines"] if line["reduced"]) if one["lines"] else None
        if len(one["lines"]) <= 4 and reduced and one["bought_on"] >= "2022-04-01":
            visits[one["buyer"]["login"]].append(len(one["lines"]))
    same(
        client,
        "WITH visits AS (SELECT b.buyer.login AS who, b.bought_on AS day, b.buyer.home AS home, "
        "(SELECT count(*) FROM b.lines) AS many, "
        "(SELECT sum(CASE WHEN reduced = true THEN 1 ELSE 0 END) FROM b.lines) AS bargains FROM shop.baskets b) "
        "SELECT who, count(day) AS times, avg(many) FROM visits "
        "WHERE many <= 4 AND bargains > 0 AND day >= '2022-04-01' GROUP BY 1 HAVING times >= 4",
        [(who, len(found), sum(found) // len(found)) for who, found in visits.items() if len(found) >= 4],
    )


def test_rare_buyers_of_much(client: Client) -> None:
    spent: dict[str, list[int]] = defaultdict(list)
    for one in BASKETS:
        costs = [line["cost"] for line in one["lines"] if line["cost"] is not None]
        if len(one["lines"]) >= 7 and sum(costs) > 900 and "2022-03-05" < one["bought_on"] < "2022-06-20":
            spent[one["buyer"]["login"]].append(sum(costs))
    same(
        client,
        "WITH visits AS (SELECT b.buyer.login AS who, b.bought_on AS day, (SELECT count(*) FROM b.lines) AS many, "
        "(SELECT sum(cost) FROM b.lines) AS total FROM shop.baskets b) "
        "SELECT who, count(day) AS times, avg(total) FROM visits WHERE many >= 7 AND total > 900 "
        "AND day > '2022-03-05' AND day < '2022-06-20' GROUP BY 1 HAVING times < 5 ORDER BY 3 DESC",
        [(who, len(found), sum(found) // len(found)) for who, found in spent.items() if len(found) < 5],
    )


def test_what_goes_to_one_place_each_day(client: Client) -> None:
    grams: dict[str, int] = defaultdict(int)
    for one in BASKETS:
        if fnmatch.fnmatchcase(one["buyer"]["home"], "*, DE 012??"):
            for line in one["lines"]:
                grams[one["sent_on"]] += line["grams"]
    sql = (
        "SELECT b.sent_on, sum(l.grams) FROM shop.baskets b, b.lines l WHERE b.buyer.home LIKE '%, DE 012__' "
        "GROUP BY 1 ORDER BY 1"
    )
    same(client, sql, list(grams.items()))
    assert [day for day, _ in client.run(sql)] == sorted(grams)


def test_makers_by_their_number_of_buyers(client: Client) -> None:
    buyers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in BASKETS:
        for line in one["lines"]:
            if one["bought_on"] > "2022-03-10":
                buyers[line["maker"], one["bought_on"]].add(one["buyer"]["login"])
    same(
        client,
        "SELECT l.maker, b.bought_on, count(DISTINCT b.buyer.login) FROM shop.baskets b, b.lines l "
        "WHERE b.bought_on > '2022-03-10' GROUP BY 1, 2 ORDER BY 3 DESC",
        [(*key, len(found)) for key, found in buyers.items()],
    )


def test_baskets_with_a_certain_bargain_inside(client: Client) -> None:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in BASKETS:
        bargain = any(line["maker"] == "Cedar" and line["reduced"] for line in one["lines"])
        if one["bought_on"][:7] == "2022-05" and bargain:
            found[one["buyer"]["login"]] += one["lines"]
    same(
        client,
        "SELECT b.buyer.login, count(l.sku), sum(l.cost) FROM shop.baskets b, b.lines l "
        "WHERE b.bought_on BETWEEN '2022-05-01' AND '2022-05-31' "
        "AND (SELECT count(*) FROM b.lines WHERE maker = 'Cedar' AND reduced = true) > 0 GROUP BY 1 ORDER BY 3 DESC",
        [
            (
                who,
                len(lines),
                sum(costs) if (costs := [one["cost"] for one in lines if one["cost"] is not None]) else None,
            )
            for who, lines in found.items()
        ],
    )


def test_a_sub_query_without_elements_counts_none_and_sums_null(client: Client) -> None:
    same(
        client,
        "SELECT (SELECT count(*) FROM b.lines), (SELECT sum(cost) FROM b.lines), "
        "(SELECT sum(cost) FROM b.lines WHERE maker = 'Nobody'), (SELECT count(cost) FROM b.lines WHERE reduced IS NULL) "
        "FROM shop.baskets b",
        [
            (
                len(one["lines"]),
                sum(costs) if (costs := [line["cost"] for line in one["lines"] if line["cost"] is not None]) else None,
                None,
                sum(1 for line in one["lines"] if line["reduced"] is None and line["cost"] is not None),
            )
            for one in BASKETS
        ],
    )


def test_who_wants_one_thing(client: Client) -> None:
    same(
        client,
        "SELECT count(DISTINCT b.buyer.login) FROM shop.baskets b, b.wishes w WHERE w.key = 'fast' AND w.value = true",
        [(len({one["buyer"]["login"] for one in BASKETS if dict(one["wishes"]).get("fast")}),)],
    )


def test_wishes_that_go_together(client: Client) -> None:
    expected: dict[int, int] = defaultdict(int)
    for one in BASKETS:
        wishes = dict(one["wishes"])
        both, other = wishes.get("wrapped") and wishes.get("fast"), wishes.get("repair") and wishes.get("letter")
        expected[1 if both else 2 if other else 0] += 1
    counts = ", ".join(
        f"(SELECT count(*) FROM b.wishes w WHERE w.key = '{wish}' AND w.value = true) AS {wish}" for wish in WISHES
    )
    same(
        client,
        f"WITH wanted AS (SELECT b.buyer.login AS who, {counts} FROM shop.baskets b) "
        "SELECT CASE WHEN wrapped > 0 AND fast > 0 THEN 1 WHEN repair > 0 AND letter > 0 THEN 2 ELSE 0 END AS pair, "
        "count(who) FROM wanted GROUP BY 1",
        list(expected.items()),
    )


def test_nested_rows_become_flat_ones_that_answer_the_same(client: Client) -> None:
    client.run(
        "CREATE TABLE flat AS SELECT b.buyer.login AS who, b.bought_on AS day, l.maker, l.cost, l.reduced "
        "FROM shop.baskets b, b.lines l"
    )
    query = "SELECT maker, count(*), sum(cost), count(DISTINCT {}) FROM {} GROUP BY 1 ORDER BY 1"
    flat = client.run(query.format("who", "flat"))
    assert flat == client.run(query.format("b.buyer.login", "shop.baskets b, b.lines l"))
    assert sum(row[1] for row in flat) == sum(len(one["lines"]) for one in BASKETS)
