"""What a crash leaves opens again, whatever its log holds: a default may call functions of ours."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.clients.conftest import DATABASE, PASSWORD, USER, running
from tests.statements.scripts import ask

from boathouse.app.assemble import open_house
from boathouse.app.home import create_home
from boathouse.contracts.users import User
from boathouse.wire.postgres.scram import make_verifier

DEFINED = """
CREATE TABLE made (a integer IDENTITY(1, 1), b varchar(3) DEFAULT upper('x'), c varchar(9) DEFAULT left(md5('a'), 4),
  d timestamp DEFAULT getdate(), e super DEFAULT json_parse('[1]'), f numeric(5, 2) DEFAULT 3.555, g integer DEFAULT 7 / 2);
INSERT INTO made (g) VALUES (9);
ALTER TABLE made ALTER COLUMN c TYPE varchar(30);
ALTER TABLE made ADD COLUMN h varchar(5) DEFAULT lower('ABC');
CREATE VIEW seen AS SELECT upper(c) AS u, dateadd(day, 1, d) AS d FROM made;
INSERT INTO made (g) VALUES (8);
"""


@pytest.mark.parametrize("cache", ["", "prepared"])
def test_a_log_with_defaults_of_ours_is_read_again(cache: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOATHOUSE_ENGINE_CACHE_DIRECTORY", str(tmp_path / cache) if cache else "")
    home, left = tmp_path / "home", tmp_path / "left"
    create_home(home, DATABASE)
    house = open_house(home)
    try:
        house.put_user(User(USER, str(make_verifier(PASSWORD, b"salt" * 4, b"salt" * 4)), True))
        with running(house) as server, server.raw() as client:
            for statement in DEFINED.strip().split(";\n"):
                found = ask(client, statement)
                assert not found[-1].startswith("ERROR"), found
            wanted = ask(client, "SELECT * FROM made ORDER BY a")
        assert Path(home / "warehouse.duckdb.wal").stat().st_size > 10_000, "nothing has been folded into the file"
        shutil.copytree(home, left)
    finally:
        house.close()
    again = open_house(left)
    try:
        with running(again) as server, server.raw() as client:
            assert ask(client, "SELECT * FROM made ORDER BY a") == wanted
            assert ask(client, "SELECT u FROM seen")[1:] == ["0CC1", "0CC1"]
            ask(client, "INSERT INTO made (g) VALUES (7)")
            assert ask(client, "SELECT b, c, f, h FROM made WHERE g = 7")[-1] == "X | 0cc1 | 3.56 | abc"
    finally:
        again.close()


@pytest.mark.parametrize("kind", ["native", "ducklake"])
def test_a_home_opens_with_and_without_what_was_prepared(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOATHOUSE_ENGINE_CACHE_DIRECTORY", str(tmp_path / "prepared"))
    create_home(tmp_path / "home", DATABASE, {"kind": kind})
    for _ in range(2):
        house = open_house(tmp_path / "home")
        house.close()
