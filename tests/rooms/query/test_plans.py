"""Plans are made once, and again only where what the session sees has changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.initialise import initialise
from boathouse.contracts.errors import BoathouseError
from boathouse.engines.duckdb.catalog import DuckCatalog
from boathouse.query import plans
from boathouse.query.session import QuerySession

PASSWORD = "Correct-Horse-9"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    home = tmp_path_factory.mktemp("plans") / "h"
    initialise(home, "dev", PASSWORD)
    opened = open_house(home)
    yield opened
    opened.close()


@pytest.fixture
def sessions(house: OpenHouse) -> Iterator[tuple[QuerySession, QuerySession]]:
    found = tuple(_session(house) for _ in range(2))
    _do(found[0], "CREATE TABLE IF NOT EXISTS kept (id integer, name varchar(10)); DELETE FROM kept")
    yield found  # type: ignore[misc]
    for session in found:
        session.close()
    cleaner = _session(house)
    _do(cleaner, "DROP TABLE IF EXISTS kept")
    cleaner.close()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were really planned."""
    texts: list[str] = []
    make = plans.make

    def counted(session, statement, *others, **named):  # type: ignore[no-untyped-def]
        texts.append(statement.text)
        return make(session, statement, *others, **named)

    monkeypatch.setattr(plans, "make", counted)
    return texts


def _session(house: OpenHouse) -> QuerySession:
    user = house.service.user("admin")
    assert user is not None
    return house.service.open(user, "dev", {}, b"1234", lambda notice: None, lambda name, value: None)


def _do(session: QuerySession, text: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for statement in session.parse(text):
        answer = session.run(statement)
        if hasattr(answer, "batches"):
            rows = [tuple(row.values()) for batch in answer.batches for row in batch.to_pylist()]
    return rows


@pytest.mark.parametrize(
    "before",
    ["BEGIN", "BEGIN; CREATE TABLE of_this_block (id integer)", "CREATE TEMP TABLE mine (id integer)"],
    ids=["in a block", "after DDL in a block", "with a temporary table"],
)
def test_a_repeated_statement_is_planned_once(
    sessions: tuple[QuerySession, QuerySession], made: list[str], before: str
) -> None:
    session, _ = sessions
    _do(session, before)
    for _ in range(3):
        session.describe(session.parse("SELECT id FROM kept")[0])
        _do(session, "SELECT id FROM kept; INSERT INTO kept VALUES (1, 'a')")
    _do(session, "ROLLBACK")
    assert sorted(made) == ["INSERT INTO kept VALUES (1, 'a')", "SELECT id FROM kept"]


def test_what_a_block_planned_serves_its_neighbours(
    sessions: tuple[QuerySession, QuerySession], made: list[str]
) -> None:
    first, second = sessions
    _do(first, "BEGIN; SELECT name FROM kept")
    _do(second, "BEGIN; SELECT name FROM kept; COMMIT")
    _do(first, "COMMIT")
    assert made == ["SELECT name FROM kept"]


def test_a_plan_of_a_table_that_was_rolled_back_is_forgotten(sessions: tuple[QuerySession, QuerySession]) -> None:
    session, _ = sessions
    _do(session, "BEGIN; ALTER TABLE kept ADD COLUMN more integer; SELECT * FROM kept")
    assert len(session.describe(session.parse("SELECT * FROM kept")[0]).fields or ()) == 3
    _do(session, "ROLLBACK")
    assert len(session.describe(session.parse("SELECT * FROM kept")[0]).fields or ()) == 2


def test_uncommitted_tables_are_planned_for_their_own_session_alone(
    sessions: tuple[QuerySession, QuerySession],
) -> None:
    first, second = sessions
    _do(first, "BEGIN; CREATE TABLE unborn (id integer); SELECT id FROM unborn")
    with pytest.raises(BoathouseError) as refused:
        _do(second, "SELECT id FROM unborn")
    assert refused.value.sqlstate == "42P01"
    _do(first, "ROLLBACK")
    with pytest.raises(BoathouseError):
        _do(first, "SELECT id FROM unborn")


def test_an_open_block_goes_on_with_the_tables_of_its_snapshot(sessions: tuple[QuerySession, QuerySession]) -> None:
    first, second = sessions
    _do(second, "INSERT INTO kept VALUES (1, 'a')")
    _do(first, "BEGIN")
    assert _do(first, "SELECT * FROM kept") == [(1, "a")]
    _do(second, "ALTER TABLE kept ADD COLUMN more integer")
    assert _do(second, "SELECT * FROM kept") == [(1, "a", None)]
    assert _do(first, "SELECT * FROM kept") == [(1, "a")]
    _do(first, "COMMIT")
    assert _do(first, "SELECT * FROM kept") == [(1, "a", None)]


def test_a_temporary_table_comes_before_the_stored_one_of_its_name(
    sessions: tuple[QuerySession, QuerySession],
) -> None:
    session, _ = sessions
    _do(session, "INSERT INTO kept VALUES (1, 'a')")
    assert _do(session, "SELECT * FROM kept") == [(1, "a")]
    _do(session, "CREATE TEMP TABLE kept (only integer)")
    assert _do(session, "SELECT * FROM kept") == []
    _do(session, "DROP TABLE pg_temp.kept")
    assert _do(session, "SELECT * FROM kept") == [(1, "a")]


@pytest.mark.parametrize(
    "before",
    ["BEGIN", "BEGIN; CREATE TABLE of_this_block (id integer)", "CREATE TEMP TABLE mine (id integer)"],
    ids=["in a block", "after DDL in a block", "with a temporary table"],
)
def test_a_name_is_looked_up_once(
    sessions: tuple[QuerySession, QuerySession], monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    session, _ = sessions
    _do(session, before)
    looked: list[str] = []
    find = DuckCatalog._find

    def counted(catalog: DuckCatalog, place: tuple[str, str, str]) -> object:
        looked.append(".".join(place))
        return find(catalog, place)

    monkeypatch.setattr(DuckCatalog, "_find", counted)
    for number in range(3):
        _do(session, f"SELECT id + {number} FROM kept; INSERT INTO kept VALUES ({number}, 'a')")
    assert len(looked) == len(set(looked)), looked
    assert _do(session, "SELECT count(*) FROM kept") == [(3,)]


def test_what_a_failed_change_was_seen_as_is_nobodys(sessions: tuple[QuerySession, QuerySession]) -> None:
    session, other = sessions
    _do(session, "BEGIN; ALTER TABLE kept ADD COLUMN more integer")
    assert [field.name for field in session.describe(session.parse("SELECT * FROM kept")[0]).fields or ()][-1] == "more"
    for _ in range(2):
        for one in (other, session):
            fields = one.describe(one.parse("SELECT * FROM kept AS k")[0]).fields or ()
            assert ("more" in [field.name for field in fields]) is (one is session and session.transaction.in_block)
        if session.transaction.in_block:
            _do(session, "ROLLBACK")


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The relations that the engine was asked about."""
    names: list[str] = []
    find = DuckCatalog._find

    def counted(self, place):  # type: ignore[no-untyped-def]
        names.append(place[2])
        return find(self, place)

    monkeypatch.setattr(DuckCatalog, "_find", counted)
    return names


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ("CREATE TABLE near (n integer)", False),
        ("CREATE VIEW near AS SELECT 1 AS n", False),
        ("CREATE SCHEMA far; CREATE TABLE far.near (n integer); DROP SCHEMA far CASCADE", True),
        ("GRANT SELECT ON other TO PUBLIC", False),
        ("CREATE TABLE near (n integer); ALTER TABLE near RENAME TO nearer; DROP TABLE nearer", False),
        ("CREATE VIEW near AS SELECT id FROM kept; DROP VIEW near", False),
        ("ALTER TABLE other ADD COLUMN more integer", False),
        ("ALTER TABLE kept ADD COLUMN more integer", True),
        ("CREATE VIEW near AS SELECT id FROM kept; DROP TABLE kept CASCADE; CREATE TABLE kept (id bigint)", True),
        ("CREATE TABLE near (id integer); ALTER TABLE kept RENAME TO old; ALTER TABLE near RENAME TO kept", True),
        ("CREATE SCHEMA far; CREATE TABLE far.kept (n integer); DROP SCHEMA far CASCADE", True),
    ],
)
def test_a_relation_is_looked_up_again_only_after_changes_that_concern_it(
    sessions: tuple[QuerySession, QuerySession], looked_up: list[str], change: str, asked: bool
) -> None:
    one, other = sessions
    _do(one, "CREATE TABLE IF NOT EXISTS other (n integer)")
    try:
        _do(other, "SELECT * FROM kept")
        for statement in change.split("; "):
            _do(one, statement)
        looked_up.clear()
        found = _do(other, "SELECT * FROM kept")
        assert ("kept" in looked_up) is asked
        assert found == _do(one, "SELECT * FROM kept")
    finally:
        for name in ("TABLE other", "TABLE near", "VIEW near", "TABLE old", "TABLE kept"):
            try:
                _do(one, f"DROP {name} CASCADE")
            except BoathouseError:
                continue
