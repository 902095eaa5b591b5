"""Homes made before there were privileges open, keep their users, and get what every home has."""

from __future__ import annotations

from pathlib import Path

import duckdb

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

LATER = ("groups", "group_members", "roles", "role_grants", "reach", "grants", "default_privileges")


def _make_old(home: Path) -> None:
    """Take away what a home of the first version had not."""
    connection = duckdb.connect(str(home / "warehouse.duckdb"))
    for table in LATER:
        connection.execute(f"DROP TABLE boathouse.{table}")
    connection.execute("CREATE TABLE boathouse.old AS SELECT usesysid, name, verifier, superuser FROM boathouse.users")
    connection.execute("DROP TABLE boathouse.users")
    connection.execute(
        "CREATE TABLE boathouse.users (usesysid INTEGER NOT NULL, name VARCHAR NOT NULL, verifier VARCHAR, "
        "superuser BOOLEAN NOT NULL)"
    )
    connection.execute("INSERT INTO boathouse.users SELECT * FROM boathouse.old")
    connection.execute("DROP TABLE boathouse.old")
    connection.execute("DROP SEQUENCE boathouse.principal_ids")
    connection.close()


def test_an_older_home_is_brought_up_to_date(tmp_path: Path) -> None:
    home = tmp_path / "h"
    initialise(home, "dev", "Correct-Horse-9")
    _make_old(home)
    for _ in range(2):  # the second opening finds nothing left to do
        house = open_house(home)
        admin = house.service.user("ADMIN")
        assert admin is not None
        assert (admin.name, admin.id, admin.superuser) == ("admin", 100, True)
        assert admin.verifier is not None
        engine = house.service.house.engine.session()
        assert engine.fetch("SELECT count(*) FROM boathouse.roles") == [(5,)]
        assert engine.fetch("SELECT grantee_kind, grantee_id FROM boathouse.reach WHERE user_id = 100 ORDER BY 1") == [
            ("public", 0),
            ("user", 100),
        ]
        assert engine.fetch(
            "SELECT privilege FROM boathouse.grants WHERE kind = 'schema' AND object_name = 'public' ORDER BY 1"
        ) == [("CREATE",), ("USAGE",)]
        engine.close()
        house.close()


def test_routines_of_an_older_home_are_the_administrators_and_its_functions_everybodys(tmp_path: Path) -> None:
    home = tmp_path / "h"
    initialise(home, "dev", "Correct-Horse-9")
    for sql in (
        "CREATE FUNCTION f_one(integer, varchar) RETURNS integer STABLE AS $$ select $1 $$ LANGUAGE sql",
        "CREATE PROCEDURE p_one(a integer) AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql",
    ):
        _run(home, sql)
    connection = duckdb.connect(str(home / "warehouse.duckdb"))
    for kind in ("function", "procedure"):
        connection.execute(f"ALTER TABLE boathouse.{kind}s ADD COLUMN owner VARCHAR DEFAULT 'admin'")
        connection.execute(f"DELETE FROM boathouse.grants WHERE kind = '{kind}'")
    connection.close()
    for _ in range(2):
        _run(home, "SELECT 1")
    connection = duckdb.connect(str(home / "warehouse.duckdb"))
    found = connection.execute(
        "SELECT object_name, privilege, grantee_kind, grantee_id FROM boathouse.grants "
        "WHERE kind IN ('function', 'procedure') ORDER BY ALL"
    ).fetchall()
    connection.close()
    assert found == [
        ("f_one(integer, character varying)", "EXECUTE", "public", 0),
        ("f_one(integer, character varying)", "OWNER", "user", 100),
        ("p_one(integer)", "OWNER", "user", 100),
    ]


def _run(home: Path, sql: str) -> None:
    house = open_house(home)
    admin = house.service.user("admin")
    assert admin is not None
    session = house.service.open(admin, "dev", {}, b"", lambda _: None, lambda *_: None)
    for statement in session.parse(sql):
        session.run(statement)
    house.close()
