"""Which tables are captured: those that are named, those of a pattern, all."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.lake.killed_house import KilledHouse

from boathouse.capture.postgres.source import PostgresSource
from boathouse.capture.source import Only, Wanted
from boathouse.capture.steering import tables_statement
from boathouse.contracts.errors import (
    InvalidParameterValue,
    ObjectNotInPrerequisiteState,
    SqlSyntaxError,
    UndefinedTable,
)
from boathouse.sql.parse import parse_statement
from boathouse.sql.statements import AlterIntegration, CreateIntegration


def test_a_star_stands_for_any_characters_and_nothing_else_does() -> None:
    wanted = Wanted([("public", "order_*"), ("s*s", "*"), ("public", "a.c")])
    covered = [("public", "order_"), ("public", "order_items"), ("ss", "x"), ("sales", "y\nz"), ("public", "a.c")]
    others = [("public", "orders"), ("public", "my_order_1"), ("sale", "x"), ("public", "abc"), ("other", "order_1")]
    assert [path for path in covered + others if wanted.covers(path)] == covered
    assert wanted.named == {("public", "a.c")} and wanted.is_open
    assert Wanted(None).covers(("any", "thing")) and Wanted(None).is_open
    assert not Wanted([("a", "b")]).is_open
    assert Only([("a", "*")]).covers(("a", "*")) and not Only([("a", "*")]).covers(("a", "b"))


def test_patterns_are_written_with_and_without_quotes() -> None:
    statement = parse_statement(
        "CREATE INTEGRATION i FROM POSTGRES SECRET 's' TABLES (Public.*, sales.order_*, *.*_log, public.\"Log*\", a.*b*, a.b)"
    )
    assert isinstance(statement, CreateIntegration)
    assert statement.tables == (
        ("public", "*"), ("sales", "order_*"), ("*", "*_log"), ("public", "Log*"), ("a", "*b*"), ("a", "b"),
    )  # fmt: skip


@pytest.mark.parametrize("tables", ["a.b *", "a.* b", "a.", "*", "a.b.*"])
def test_what_is_no_pattern_is_refused(tables: str) -> None:
    with pytest.raises(SqlSyntaxError):
        parse_statement(f"CREATE INTEGRATION i FROM POSTGRES SECRET 's' TABLES ({tables})")


def test_the_tables_of_a_pattern_are_captured_and_later_ones_come_in(
    tmp_path: Path, postgres: PostgresUnderTest, db: psycopg.Connection[object]
) -> None:
    for statement in (
        "CREATE TABLE order_a (id int PRIMARY KEY)", "CREATE TABLE order_keyless (id int)",
        "CREATE TABLE other (id int PRIMARY KEY)", "INSERT INTO order_a VALUES (1)", "INSERT INTO other VALUES (1)",
    ):  # fmt: skip
        db.execute(statement)  # type: ignore[arg-type]
    source = PostgresSource("wanted", postgres.secret, [("public", "order_*"), ("public", "missing")])
    levels = {one.subject: one.level for one in source.check() if one.subject.startswith("public.")}
    source.close()
    assert levels == {"public.order_keyless": "warning", "public.missing": "error"}
    house = CaptureHouse(tmp_path / "home", postgres)
    tables = "SELECT table_name FROM svv_integration_table_state ORDER BY 1"
    try:
        house.integrate("TABLES (public.order_*)")
        house.begin()
        house.until_dumped()
        assert house.run(tables) == [("order_a",)]
        db.execute("CREATE TABLE order_b (id int PRIMARY KEY); CREATE TABLE another (id int PRIMARY KEY)")
        db.execute("INSERT INTO order_b VALUES (7)")
        house.run("ALTER INTEGRATION shop PAUSE")
        house.run("ALTER INTEGRATION shop RESUME")
        house.until(lambda: house.run(tables) == [("order_a",), ("order_b",)], "the new table does not come in")
        house.until_dumped()
        db.execute("INSERT INTO order_b VALUES (8)")
        house.until(lambda: house.run("SELECT id FROM shop.order_b ORDER BY 1") == [(7,), (8,)], "it is not followed")
    finally:
        house.close()


def test_tables_are_added_and_dropped_by_statements(
    postgres: PostgresUnderTest, db: psycopg.Connection[object], house: CaptureHouse
) -> None:
    for table in ("a", "b", "c_1", "c_2"):
        db.execute(f"CREATE TABLE {table} (id int PRIMARY KEY); INSERT INTO {table} VALUES (1)")
    captured = "SELECT table_name FROM svv_integration_table_state WHERE table_state = 'Synced' ORDER BY 1"
    published = (
        "SELECT tablename FROM pg_publication_tables WHERE pubname = (SELECT pubname FROM pg_publication) ORDER BY 1"
    )

    def until(*names: str) -> None:
        wanted = [(name,) for name in names]
        house.until(lambda: house.run(captured) == wanted, f"not {names}")
        assert db.execute(published).fetchall() == wanted

    house.integrate("TABLES (public.a)")
    house.run("CREATE DATABASE crm FROM INTEGRATION 'shop'")
    house.begin()
    until("a")
    house.run('ALTER INTEGRATION shop ADD TABLES (public.b, public."c_*")')
    until("a", "b", "c_1", "c_2")
    db.execute("INSERT INTO b VALUES (2)")
    house.until(lambda: house.run("SELECT id FROM crm.public.b ORDER BY 1") == [(1,), (2,)], "it is not followed")
    # What is dropped stays as it is, and is nobody's but its owner's; what it missed is found when it comes back.
    house.run("ALTER INTEGRATION shop DROP TABLES (public.b)")
    until("a", "c_1", "c_2")
    assert isinstance(house.fails("SELECT id FROM crm.public.b"), UndefinedTable)
    db.execute("DELETE FROM b WHERE id = 1; INSERT INTO b VALUES (3); INSERT INTO a VALUES (2)")
    house.until(lambda: house.run("SELECT count(*) FROM shop.a") == [(2,)], "the others do not go on")
    house.run("INSERT INTO shop.b VALUES (99)")
    assert house.run("SELECT id FROM shop.b ORDER BY 1") == [(1,), (2,), (99,)]
    house.run("ALTER INTEGRATION shop SET TABLES (public.a, public.b)")
    until("a", "b")
    assert house.run("SELECT id FROM crm.public.b ORDER BY 1") == [(2,), (3,)]
    for statement, said in {
        "DROP TABLES (public.x)": "does not name",
        "DROP TABLES (public.a, public.b)": "would capture nothing",
    }.items():
        assert said in house.fails(f"ALTER INTEGRATION shop {statement}").message
    house.run("ALTER INTEGRATION shop SET TABLES ALL")
    until("a", "b", "c_1", "c_2")
    assert "captures all" in house.fails("ALTER INTEGRATION shop ADD TABLES (public.x)").message


def test_the_statements_of_tables_from_elsewhere() -> None:
    for action, tables in (("set", []), ("set", ["a.b"]), ("add", ['A."q*', "b.c.d"]), ("drop", ["a.*"])):
        statement = parse_statement(tables_statement(action, "My shop", tables))
        assert isinstance(statement, AlterIntegration)
        assert (statement.name, statement.action) == ("my shop", f"{action}_tables")
        assert statement.tables == (tuple(tuple(one.split(".", 1)) for one in tables) or None)
    with pytest.raises(InvalidParameterValue):
        tables_statement("add", "shop", [])


def test_an_integration_of_the_settings_is_made_and_dropped_at_once(
    tmp_path: Path, postgres: PostgresUnderTest, db: psycopg.Connection[object]
) -> None:
    """Killed just behind the statement, it is one of the settings all the same."""
    db.execute("CREATE TABLE a (id int PRIMARY KEY)")
    house = CaptureHouse(tmp_path / "home", postgres)
    home, settings = house.open.home, house.settings
    house.close()
    file, after = home / "boathouse.toml", ("boathouse.app.background:BackgroundWork.run_as", "after", 1)
    before = file.read_text()
    rows = "SELECT name, declared IS NOT NULL FROM boathouse.capture_integrations"
    killed = KilledHouse(home, settings)

    def turn(text: str) -> list[tuple[object, ...]]:
        file.write_text(before + text)
        assert killed.turn("SELECT 1", "SELECT 1", kill_after=30.0, background=True, at=after)[1], (
            "it did not come to it"
        )
        house.reopen(home, settings)
        try:
            return house.own(rows)
        finally:
            house.close()

    try:
        made = '[integrations.shop]\nsource = "postgres"\nsecret = "shop"\n'
        assert turn(made) == [("shop", True)]
        assert turn("") == []
    finally:
        killed.close()


def test_integrations_stand_in_the_settings(
    tmp_path: Path,
    postgres: PostgresUnderTest,
    db: psycopg.Connection[object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    db.execute("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); INSERT INTO a VALUES (1)")
    house = CaptureHouse(tmp_path / "home", postgres)
    home = house.open.home
    file = home / "boathouse.toml"
    before = file.read_text()
    tables = "SELECT table_name FROM svv_integration_table_state WHERE table_state = 'Synced' ORDER BY 1"

    def declare(**said: str) -> None:
        house.end()
        house.close()
        section = {"source": '"postgres"', "secret": '"shop"', "schema": '"here"'} | said
        text = "".join(f"{name} = {value}\n" for name, value in section.items())
        file.write_text(before + (f"[integrations.shop]\n{text}" if said else ""))
        house.reopen(home, house.settings)
        house.begin()

    try:
        declare(tables='["public.a"]')
        house.until(lambda: house.run(tables) == [("a",)], "it is not made")
        assert house.run("SELECT id FROM here.a") == [(1,)]
        with pytest.raises(ObjectNotInPrerequisiteState, match="settings"):
            house.run("DROP INTEGRATION shop")
        declare(tables='["public.*"]')
        house.until(lambda: house.run(tables) == [("a",), ("b",)], "the other table does not come in")
        declare(tables='["public.*"]', schema='"there"')
        house.until(lambda: "only tables and secret" in caplog.text, "nobody says that it cannot be")
        declare()
        house.until(lambda: house.run("SELECT * FROM svv_integration") == [], "it is not dropped")
        assert house.run("SELECT id FROM here.a") == [(1,)]
    finally:
        house.close()
