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
