"""Before PostgreSQL 18 the log of a time without the publication cannot be read: the capture goes on behind it, and dumps."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import POSTGRES, PostgresUnderTest, pgserver, server_in

from boathouse.capture.postgres import layouts

OLDER = Path(pgserver.__file__).parent / "pginstall"
"""PostgreSQL 16, beside the 18 of the other tests."""
DAMAGES = {
    "dropped": "DROP PUBLICATION {name}; CHANGE",
    "made again at once": "DROP PUBLICATION {name}; CHANGE; CREATE PUBLICATION {name} FOR TABLE t, u",
}


@pytest.fixture(scope="module")
def older() -> Iterator[PostgresUnderTest]:
    if not (OLDER / "bin/postgres").is_file():
        pytest.skip("there is no older PostgreSQL")
    data = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    server = server_in(Path(data.name))
    if POSTGRES is None:
        server.bin_path = OLDER / "bin"
    try:
        server.ensure_pgdata_inited()
        with (Path(data.name) / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("wal_level = logical\nfsync = off\n")
        server.start()
        yield PostgresUnderTest(parse_qs(urlparse(server.get_uri()).query)["host"][0])
    finally:
        server.cleanup()
        data.cleanup()


@pytest.fixture
def db(older: PostgresUnderTest, tmp_path: Path) -> Iterator[psycopg.Connection[Any]]:
    made = older.database()
    with made.connect() as connection:
        yield connection


@pytest.fixture
def house(older: PostgresUnderTest, db: psycopg.Connection[Any], tmp_path: Path) -> Iterator[CaptureHouse]:
    made = CaptureHouse(tmp_path / "home", PostgresUnderTest(older.folder, db.info.dbname))
    yield made
    made.close()


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_capture_goes_on_behind_it(
    db: psycopg.Connection[Any],
    older: PostgresUnderTest,
    house: CaptureHouse,
    monkeypatch: pytest.MonkeyPatch,
    damage: str,
) -> None:
    monkeypatch.setattr(layouts, "LOOK_SECONDS", 0.5)
    db.execute("CREATE TABLE t (id int PRIMARY KEY, note text); CREATE TABLE u (id int PRIMARY KEY)")
    db.execute("INSERT INTO t SELECT g, 'a' FROM generate_series(1, 900) g")
    house.integrate()
    house.begin()
    house.until_dumped()
    ((slot,),) = house.own("SELECT slot FROM boathouse.capture_integrations")
    with PostgresUnderTest(older.folder, db.info.dbname).connect(autocommit=False) as other:
        other.execute("INSERT INTO t VALUES (1000, 'before')")  # and goes on over the time without it
        with db.transaction():
            for statement in DAMAGES[damage].format(name=f"boathouse_{slot}").split("; "):
                changed = (
                    "UPDATE t SET note = 'b' WHERE id % 2 = 0; DELETE FROM t WHERE id = 7; INSERT INTO u VALUES (1)"
                )
                db.execute((changed if statement == "CHANGE" else statement).encode())
        db.execute("INSERT INTO u VALUES (2)")
        house.until(
            lambda: house.run("SELECT id FROM shop.u ORDER BY 1") == [(1,), (2,)], "it does not go on", pause=0.1
        )
        other.execute("INSERT INTO t VALUES (1001, 'after')")
        other.commit()
    house.until_equal(db)
    db.execute("UPDATE t SET note = 'last' WHERE id = 4; DELETE FROM u WHERE id = 1")
    house.until_equal(db)
    house.until_equal(db, "u")
    house.until(lambda: house.state()[0] == "running", "it is not as before")
    house.until_dumped()
