"""External schemas over a real MariaDB: answers by bytes where it compares by collation, what is sent, what goes wrong.

Source: Redshift Developer Guide, "Querying data with federated queries in Amazon Redshift" (MySQL).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal

import pytest
from tests.rooms.capture.mysql.mariadb import MariaDb, mariadb
from tests.rooms.lake.whole_house import Client, opened, with_secrets

from boathouse.app.assemble import OpenHouse
from boathouse.contracts.errors import (
    DatetimeOverflow,
    FeatureNotSupported,
    RemoteDatabaseError,
    RemoteDatabaseUnavailable,
    UndefinedTable,
)

T = "shop.orders"
SHOP = (
    "CREATE DATABASE shop",
    "CREATE TABLE shop.orders (id int unsigned PRIMARY KEY, amount decimal(10,2), buyer varchar(20), sold datetime(6), "
    "ok tinyint(1), f double, r float, raw varbinary(10), kind enum('a','B'), j json, big bigint unsigned, bits bit(3), "
    "latin text CHARACTER SET latin1, d date, y year, narrow varchar(9) CHARACTER SET ascii, other varchar(20) COLLATE "
    "utf8mb4_unicode_ci, long_one text)",
    "INSERT INTO shop.orders WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 300) "
    "SELECT i, i * 1.5, concat('b', i % 7), timestamp('2026-01-01') + INTERVAL i HOUR, i % 2, i / 7e0, 1.1, x'00ff', "
    "if(i % 2, 'a', 'B'), '{}', 18446744073709551615, b'101', 'é', date('2026-01-01') + INTERVAL i DAY, 2018 + i % 5, "
    "concat('n', i % 3), concat('B', i % 5), concat(repeat('x', 2000), i % 4) FROM s",
    "INSERT INTO shop.orders (id, buyer) VALUES (2000, 'B1'), (2001, 'b1 ')",
    "CREATE USER teller IDENTIFIED BY 'pin'",
)


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDb]:
    with mariadb() as found:
        found.run(*SHOP)
        yield found


@pytest.fixture(scope="module")
def house(server: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    home = tmp_path_factory.mktemp("federated") / "h"
    with_secrets(
        home, {"shop": {"username": "root", "password": ""}, "desk": {"username": "teller", "password": "pin"}}
    )
    with opened(home) as found:
        client = Client(found)
        for name in ("shop", "desk"):
            client.run(
                f"CREATE EXTERNAL SCHEMA {name} FROM MYSQL DATABASE 'shop' URI '127.0.0.1' PORT {server.port} "
                f"IAM_ROLE default SECRET '{name}'"
            )
        client.run(f"CREATE TABLE mine AS SELECT * FROM {T}")
        client.close()
        yield found


@pytest.fixture
def db(house: OpenHouse) -> Iterator[Client]:
    found = Client(house)
    yield found
    found.close()


def test_types_come_over_faithfully(db: Client) -> None:
    assert db.run(f"SELECT * FROM {T} WHERE id = 3") == [
        (
            3, Decimal("4.50"), "b3", datetime.datetime(2026, 1, 1, 3), 1, 3 / 7, pytest.approx(1.1), b"\x00\xff", "a", "{}",
            Decimal(18446744073709551615), Decimal(5), "é", datetime.date(2026, 1, 4), 2021, "n0", "B3", "x" * 2000 + "3",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "SELECT buyer, count(*), sum(amount * 2), min(sold), max(buyer), count(DISTINCT buyer) FROM {t} GROUP BY 1",
        "SELECT count(*) FROM {t} WHERE buyer = 'b1'",
        "SELECT count(*) FROM {t} WHERE buyer <> 'b1'",
        "SELECT count(*) FROM {t} WHERE buyer > 'B9' AND buyer < 'b2'",
        "SELECT count(*) FROM {t} WHERE buyer IN ('b1', 'B1')",
        "SELECT count(*) FROM {t} WHERE buyer LIKE 'b1%' OR kind = 'B'",
        "SELECT count(*) FROM {t} WHERE buyer LIKE 'b_'",
        "SELECT count(DISTINCT buyer) FROM {t}",
        "SELECT sum(f), avg(amount), sum(id) FROM {t} WHERE latin = 'é' AND sold BETWEEN '2026-01-02' AND current_date",
        "SELECT id, amount FROM {t} WHERE NOT (amount >= 30.5 OR d > '2026-01-09') AND ok = 1",
        "SELECT o.kind, count(*) FROM {t} o JOIN {t} p ON p.id = o.id AND p.kind = 'a' WHERE o.id < 50 GROUP BY o.kind",
        "SELECT o.id, p.buyer FROM {t} o LEFT JOIN {t} p ON p.id = o.id AND p.amount > 5 WHERE o.id IN (1, 2, 9)",
        "SELECT count(*) FROM {t} WHERE big > 18446744073709551614",
        "SELECT min(buyer), max(buyer), min(kind) FROM {t}",
        "SELECT count(*) FROM {t} WHERE buyer NOT LIKE 'b1%'",
        "SELECT count(*) FROM {t} WHERE y > 20 AND y <> 21",
        "SELECT count(*) FROM {t} WHERE f < 'infinity'::float8 AND f <> 'nan'::float8 AND d < '10000-01-01'",
        "SELECT count(*) FROM {t} o JOIN {t} p ON p.other = o.buyer",
        "SELECT count(*) FROM {t} WHERE buyer = '日本' OR latin = '日本' OR latin <> 'ß' AND narrow = 'é' OR narrow = 'n1'",
        "SELECT max(id), max(long_one) FROM {t} WHERE id < 2000 GROUP BY long_one",
        "SELECT count(DISTINCT long_one) FROM {t}",
        "SELECT long_one, id FROM {t} WHERE id < 2000 ORDER BY long_one DESC, id LIMIT 5",
    ],
)
def test_a_live_table_answers_as_a_copy_of_it_does(db: Client, query: str) -> None:
    there, here = db.run(query.format(t=T)), db.run(query.format(t="mine"))
    assert sorted(map(repr, there)) == sorted(map(repr, here)), db.sent(query.format(t=T))


def test_a_date_that_is_none_is_an_error_and_not_missing(db: Client, server: MariaDb) -> None:
    server.run("SET sql_mode = ''; CREATE TABLE shop.odd (d date NOT NULL); INSERT INTO shop.odd VALUES ('0000-00-00')")
    assert db.run("SELECT count(*) FROM shop.odd WHERE d IS NULL") == [(0,)]
    with pytest.raises(DatetimeOverflow):
        db.run("SELECT d FROM shop.odd")


def test_what_it_can_compute_is_computed_there(db: Client) -> None:
    assert db.sent(f"SELECT count(*) FROM {T} WHERE amount > 3.5 AND buyer = 'b1'") == [
        "SELECT count(*) FROM `shop`.`orders` AS `orders` WHERE `orders`.`amount` > 3.5 AND (`orders`.`buyer` = 'b1' AND "
        "BINARY CONVERT(`orders`.`buyer` USING utf8mb4) = BINARY CONVERT('b1' USING utf8mb4))"
    ]
    assert db.sent(f"SELECT id FROM {T} LIMIT 2") == ["SELECT `orders`.`id` FROM `shop`.`orders` AS `orders` LIMIT 2"]


def test_it_is_read_and_never_written(db: Client) -> None:
    with pytest.raises(FeatureNotSupported, match="read, not written"):
        db.run(f"INSERT INTO {T} (id) VALUES (1)")


def test_errors_name_the_schema(db: Client, server: MariaDb) -> None:
    with pytest.raises(UndefinedTable):
        db.run("SELECT * FROM shop.nothing")
    with pytest.raises(RemoteDatabaseError, match='external schema "desk": Access denied') as failure:
        db.run("SELECT * FROM desk.orders")
    assert failure.value.sqlstate == "42501"
    db.run("CREATE EXTERNAL SCHEMA gone FROM MYSQL DATABASE 'x' URI '127.0.0.1' PORT 1 IAM_ROLE default SECRET 'shop'")
    with pytest.raises(RemoteDatabaseUnavailable, match=r"127\.0\.0\.1:1 cannot be reached"):
        db.run("SELECT * FROM gone.t")
    db.run("DROP SCHEMA gone")
