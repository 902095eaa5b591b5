"""The writing for Spark without a Spark: what nested values, stored rows and the INSERT around them become; what is refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.rooms.sql.bind_examples import bound, engine

from boathouse.contracts.errors import FeatureNotSupported
from boathouse.sql.rewrites import rewrite
from boathouse.sql.targets.inserted_rows import asked_rows, with_rows
from boathouse.sql.targets.to_duckdb import to_duckdb
from boathouse.sql.targets.to_spark import to_spark

TABLES: Mapping[str, str] = {f'"memory"."main"."{name}"': name for name in ("toys", "baskets", "makers", "notes")}


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("SELECT b.buyer.login FROM baskets b", "SELECT `b`.`buyer`.`login` AS `login` FROM `baskets` AS `b`"),
        ("SELECT phones[1] FROM baskets b", "SELECT get(`b`.`phones`, 1) AS `phones` FROM `baskets` AS `b`"),
        (
            "SELECT wishes['gift'] FROM baskets b",
            "SELECT try_element_at(`b`.`wishes`, 'gift') AS `gift` FROM `baskets` AS `b`",
        ),
        (
            "SELECT b.bought, p FROM baskets b, b.phones p",
            "SELECT `b`.`bought` AS `bought`, `b`.`p` AS `p` FROM (SELECT `b`.`bought` AS `bought`, explode(`b`.`phones`) AS `p` "
            "FROM `baskets` AS `b`) AS `b`",
        ),
        (
            "SELECT (SELECT count(*) FROM b.phones) FROM baskets b",
            "SELECT (SELECT CAST(count(*) AS BIGINT) AS `count` FROM (SELECT explode(`b`.`phones`) AS `phones`) AS `phones`) AS "
            "`count` FROM `baskets` AS `b`",
        ),
    ],
)
def test_nested_values_are_taken_apart(query: str, written: str) -> None:
    assert to_spark(bound(query), TABLES) == written


def test_places_stand_beside_the_elements_as_whole_numbers() -> None:
    written = to_spark(bound("SELECT p, i FROM baskets b, b.phones AS p AT i"), TABLES)
    assert (
        "inline(transform(`b`.`phones`" in written and "CAST(`__i` AS BIGINT)" in written and "AS (`p`, `i`)" in written
    )


def test_what_leaves_nested_is_json_but_for_what_the_engines_write_differently() -> None:
    assert "to_json(`c0`" in to_spark(bound("SELECT wishes FROM baskets"), TABLES)
    with pytest.raises(FeatureNotSupported, match="a result of type array<struct"):
        to_spark(bound("SELECT lines FROM baskets"), TABLES)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT DISTINCT phones FROM baskets",
        "SELECT phones, count(*) FROM baskets GROUP BY 1",
        "SELECT bought FROM baskets ORDER BY phones",
        "SELECT bought, phones FROM baskets ORDER BY 2",
        "SELECT phones FROM baskets UNION SELECT phones FROM baskets",
        "SELECT phones FROM baskets EXCEPT SELECT phones FROM baskets",
        "SELECT count(DISTINCT buyer) FROM baskets",
        "SELECT (SELECT count(*) FROM b.wishes) FROM baskets b",
        "SELECT (SELECT max(b.bought || p) FROM b.phones p) FROM baskets b",
        "SELECT body FROM notes",
        "SELECT n.body.who FROM notes n",
    ],
)
def test_nested_values_are_no_keys_and_super_is_refused(query: str) -> None:
    with pytest.raises(FeatureNotSupported):
        to_spark(bound(query), TABLES)


def test_rows_that_are_stored_have_exactly_their_types_and_no_blanks() -> None:
    written = to_spark(
        bound("SELECT id, kind, price * 2 AS twice, CAST(kind AS char(9)) FROM toys"), TABLES, stored=True
    )
    assert written.startswith("SELECT CAST(`c0` AS INT) AS `c0`, CAST(`c1` AS STRING) AS `c1`, CAST(`c2` AS DECIMAL(")
    assert "space(" not in written
    with pytest.raises(FeatureNotSupported, match="a table's column of type map"):
        to_spark(bound("SELECT wishes FROM baskets"), TABLES, stored=True)


@pytest.mark.parametrize(
    ("statement", "rows", "held"),
    [
        ("INSERT INTO makers SELECT id, kind FROM toys", "SELECT 7 AS c0, 'seven' AS c1", [(7, "seven")]),
        ("INSERT INTO makers (maker, id) SELECT id, size FROM toys", "SELECT 5 AS c0, 3.7::DOUBLE AS c1", [(4, "5")]),
        (
            "INSERT INTO makers (id) WITH w AS (SELECT id FROM toys) SELECT id FROM w UNION ALL SELECT id FROM toys",
            "SELECT unnest([1, 2]) AS c0",
            [(1, None), (2, None)],
        ),
    ],
)
def test_an_insert_takes_rows_that_are_at_hand(statement: str, rows: str, held: list[object]) -> None:
    asked = asked_rows(bound(statement))
    assert asked is not None and [one.name for one in asked.relations] == ["toys"]
    assert to_spark(asked, TABLES, stored=True)
    connection = engine()
    connection.execute("DELETE FROM makers")
    connection.execute(to_duckdb(rewrite(with_rows(bound(statement), rows))))
    assert connection.execute("SELECT * FROM makers ORDER BY 1").fetchall() == held


def test_a_value_too_long_is_told_and_values_are_not_asked_elsewhere() -> None:
    stored = rewrite(
        with_rows(bound("INSERT INTO makers SELECT id, kind FROM toys"), "SELECT 7 AS c0, 'eleven char' AS c1")
    )
    with pytest.raises(Exception, match="too long"):
        engine().execute(to_duckdb(stored))
    assert asked_rows(bound("INSERT INTO makers VALUES (1, 'x')")) is None
    assert asked_rows(bound("DELETE FROM makers")) is None
