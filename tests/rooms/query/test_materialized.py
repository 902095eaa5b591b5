"""Staleness of materialized views where transactions overlap, and after COPY; the statements' answers are in scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.clients.conftest import Running, house, server  # noqa: F401
from tests.clients.raw_client import RawClient
from tests.statements.scripts import ask

from boathouse.app.assemble import OpenHouse
from boathouse.app.background import BackgroundWork
from boathouse.query.materialized import auto
from boathouse.query.materialized.refresh import forget_refreshes


@pytest.fixture
def two(server: Running) -> Iterator[tuple[RawClient, RawClient]]:  # noqa: F811
    with server.raw() as one, server.raw() as other:
        for sql in ("DROP TABLE IF EXISTS mv_base CASCADE", "CREATE TABLE mv_base (n integer)"):
            ask(one, sql)
        yield one, other


MAKE = "CREATE MATERIALIZED VIEW mv_sum AS SELECT sum(n) AS total FROM mv_base"
STALE = "SELECT is_stale FROM svv_mv_info WHERE name = 'mv_sum'"


def test_a_change_that_a_refresh_did_not_see_stays_marked(two: tuple[RawClient, RawClient]) -> None:
    writer, reader = two
    assert ask(reader, MAKE) == ["CREATE MATERIALIZED VIEW"]
    assert ask(reader, "INSERT INTO mv_base VALUES (1)") == ["INSERT 0 1"]
    ask(writer, "BEGIN")
    assert ask(writer, "INSERT INTO mv_base VALUES (10)") == ["INSERT 0 1"]
    assert ask(reader, "REFRESH MATERIALIZED VIEW mv_sum")[-1] == "REFRESH"
    assert ask(reader, STALE)[1:] == ["f"]
    assert ask(writer, "COMMIT") == ["COMMIT"]
    assert ask(reader, STALE)[1:] == ["t"]
    ask(reader, "REFRESH MATERIALIZED VIEW mv_sum")
    assert ask(reader, "SELECT total FROM mv_sum")[1:] == ["11"]


def test_a_view_made_beside_an_open_change_is_stale_once_that_commits(two: tuple[RawClient, RawClient]) -> None:
    writer, reader = two
    ask(writer, "BEGIN")
    assert ask(writer, "INSERT INTO mv_base VALUES (10)") == ["INSERT 0 1"]
    assert ask(reader, MAKE) == ["CREATE MATERIALIZED VIEW"]
    assert ask(reader, STALE)[1:] == ["f"]
    assert ask(writer, "COMMIT") == ["COMMIT"]
    assert ask(reader, STALE)[1:] == ["t"]
    ask(reader, "REFRESH MATERIALIZED VIEW mv_sum")
    assert ask(reader, "SELECT total FROM mv_sum")[1:] == ["10"]


def test_a_view_made_by_a_transaction_that_began_before_a_change_is_stale(two: tuple[RawClient, RawClient]) -> None:
    """Each kind of change that was committed since; what was committed before it, and another table's, make no difference."""
    writer, maker = two
    ask(writer, "CREATE TABLE mv_else (n integer)")
    ask(writer, "INSERT INTO mv_base VALUES (1)")
    for change, stale in (("INSERT INTO mv_else VALUES (1)", "f"), ("INSERT INTO mv_base VALUES (10)", "t")):
        ask(maker, "BEGIN")
        assert ask(maker, "SELECT sum(n) FROM mv_base")[1:] == ["1"]
        assert ask(writer, change) == ["INSERT 0 1"]
        assert ask(maker, MAKE) == ["CREATE MATERIALIZED VIEW"]
        assert ask(maker, "SELECT total FROM mv_sum")[1:] == ["1"]
        assert ask(maker, "COMMIT") == ["COMMIT"]
        assert ask(writer, STALE)[1:] == [stale]
        ask(writer, "REFRESH MATERIALIZED VIEW mv_sum")
        assert ask(writer, STALE)[1:] == ["f"]
        ask(writer, "DROP MATERIALIZED VIEW mv_sum")
    ask(writer, "DROP TABLE mv_else")


def test_copy_makes_it_stale(two: tuple[RawClient, RawClient], house: OpenHouse) -> None:  # noqa: F811
    one, _ = two
    assert ask(one, MAKE) == ["CREATE MATERIALIZED VIEW"]
    file = house.home / "lake" / "mv_rows.txt"
    file.write_text("4\n5\n")
    assert ask(one, f"COPY mv_base FROM '{file}' NOLOAD")[-1] == "COPY"
    assert ask(one, STALE)[1:] == ["f"]
    assert ask(one, f"COPY mv_base FROM '{file}'")[-1] == "COPY"
    assert ask(one, STALE)[1:] == ["t"]


def refreshed(house: OpenHouse, failures: auto.Failures) -> None:  # noqa: F811
    auto.look_once(house.service.house, BackgroundWork(house).run_as, lambda seconds: False, failures)


def test_an_automatic_view_is_refreshed_once_its_base_has_changed(
    two: tuple[RawClient, RawClient],
    house: OpenHouse,  # noqa: F811
) -> None:
    one, _ = two
    assert ask(one, MAKE.replace(" AS SELECT", " AUTO REFRESH YES AS SELECT")) == ["CREATE MATERIALIZED VIEW"]
    assert ask(one, MAKE.replace("mv_sum", "mv_by_hand")) == ["CREATE MATERIALIZED VIEW"]
    assert ask(one, "CREATE MATERIALIZED VIEW mv_above AUTO REFRESH YES AS SELECT total FROM mv_sum")[0].startswith(
        "CREATE"
    )
    assert ask(one, "INSERT INTO mv_base VALUES (4), (5)") == ["INSERT 0 2"]
    failures: auto.Failures = {}
    for _ in range(2):  # the one above is stale once the one below has been refreshed
        refreshed(house, failures)
    shown = "SELECT trim(name), is_stale FROM svv_mv_info WHERE name LIKE 'mv%' ORDER BY 1"
    assert ask(one, shown)[1:] == ["mv_above | f", "mv_by_hand | t", "mv_sum | f"]
    assert ask(one, "SELECT total FROM mv_above")[1:] == ["9"]
    assert failures == {}


def test_an_automatic_view_that_cannot_be_refreshed_is_left_alone_for_a_while(
    two: tuple[RawClient, RawClient],
    house: OpenHouse,  # noqa: F811
) -> None:
    one, _ = two
    ask(one, "CREATE TABLE mv_digits (t varchar(5))")
    ask(one, "CREATE MATERIALIZED VIEW mv_bad AUTO REFRESH YES AS SELECT t::integer AS n FROM mv_digits")
    ask(one, "INSERT INTO mv_digits VALUES ('x')")
    failures: auto.Failures = {}
    for _ in range(3):
        refreshed(house, failures)
    assert list(failures) == [("public", "mv_bad")]
    assert ask(one, "SELECT count(*) FROM svl_mv_refresh_status WHERE mv_name = 'mv_bad'")[1:] == ["1"]
    ask(one, "UPDATE mv_digits SET t = '7'")
    failures.clear()
    refreshed(house, failures)
    assert ask(one, "SELECT n FROM mv_bad")[1:] == ["7"]
    ask(one, "DROP TABLE mv_digits CASCADE")


def test_refreshes_are_remembered_as_long_as_statements(two: tuple[RawClient, RawClient], house: OpenHouse) -> None:  # noqa: F811
    one, _ = two
    known = "SELECT count(*) FROM svl_mv_refresh_status WHERE mv_name = 'mv_sum'"
    upto = "SELECT updated_upto_xid IS NOT NULL FROM stv_mv_info WHERE name = 'mv_sum'"
    assert ask(one, MAKE) == ["CREATE MATERIALIZED VIEW"]
    before = int(ask(one, known)[-1])
    for n in range(2):
        ask(one, f"INSERT INTO mv_base VALUES ({n})")
        ask(one, "REFRESH MATERIALIZED VIEW mv_sum")
    forget_refreshes(house.service.house)
    assert int(ask(one, known)[-1]) == before + 2
    session = house.service.house.engine.session()
    session.execute("UPDATE boathouse.mv_refreshes SET endtime = endtime - INTERVAL 8 DAY")
    session.close()
    forget_refreshes(house.service.house)
    assert ask(one, known)[-1] == "1"
    assert ask(one, upto)[-1] == "t"
    ask(one, "DROP MATERIALIZED VIEW mv_sum")
    forget_refreshes(house.service.house)
    assert ask(one, known)[-1] == "0"
