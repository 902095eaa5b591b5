"""Some scripts over a warehouse that is stored as a lake; all of them run there by `BOATHOUSE_STORAGE_KIND=ducklake`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.clients.conftest import DATABASE, PASSWORD, Running, running
from tests.statements.scripts import agrees, ask, read

from boathouse.app.assemble import open_house
from boathouse.app.home import LAKE_CATALOG_FILE
from boathouse.app.initialise import initialise
from boathouse.contracts.errors import StorageError

HERE = Path(__file__).parent
CHOSEN = ("merge/merge", "transactions/blocks")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("lake") / "h"
    initialise(home, DATABASE, PASSWORD, "ducklake")
    house = open_house(home)
    with running(house) as server:
        yield server
    house.close()


@pytest.mark.parametrize("name", CHOSEN)
def test_a_lake_answers_as_written(name: str, lake: Running) -> None:
    schema = name.replace("/", "_")
    with lake.raw() as client:
        client.query(f"CREATE SCHEMA {schema}")
        client.query(f"SET search_path TO {schema}")
        for step in read(HERE / f"{name}.sql"):
            found = ask(client, step.sql)
            wanted = step.answer or [line for line in found if not line.startswith("ERROR")]
            assert agrees(wanted, found), f"{name}.sql:{step.line}: {step.sql} answered {found}"


def test_rows_of_a_lake_are_parquet_files(lake: Running) -> None:
    with lake.raw() as client:
        assert ask(client, "CREATE TABLE filed AS SELECT 1 AS one") == ["SELECT 1"]
        assert ask(client, "SELECT sum(one) FROM filed WHERE one > 0")[-1] == "1"
        read = "SELECT scan_row_count FROM svl_query_metrics_summary WHERE query = pg_last_query_id()"
        assert ask(client, read)[-1] == "1", "each row is read once"
    assert len([*(lake.home / "warehouse" / "public" / "filed").glob("*.parquet")]) == 1


def _live_files(lake: Running, table: str) -> int:
    session = lake.house.service.house.engine.session()
    try:
        ((count,),) = session.fetch(
            f"SELECT count(*) FROM ducklake_list_files('{DATABASE}', '{table}', schema => 'public')"
        )
        return int(str(count))
    finally:
        session.close()


def test_vacuum_gathers_files_beside_readers_and_loses_no_change(lake: Running) -> None:
    with lake.raw() as client, lake.raw() as reader, lake.raw() as writer:
        client.query("CREATE TABLE parted (n integer)")
        for n in range(5):
            client.query(f"INSERT INTO parted VALUES ({n}), ({n + 10})")
        client.query("DELETE FROM parted WHERE n = 3")
        assert _live_files(lake, "parted") == 5
        reader.query("BEGIN")
        assert ask(reader, "SELECT sum(n) FROM parted")[-1] == "67"
        writer.query("BEGIN")
        assert ask(writer, "DELETE FROM parted WHERE n = 4") == ["DELETE 1"]
        assert ask(client, "VACUUM parted") == ["VACUUM"]
        assert _live_files(lake, "parted") == 2, "one of those that were whole, one without what was deleted"
        assert ask(reader, "SELECT sum(n) FROM parted")[-1] == "67"
        assert ask(writer, "COMMIT")[0].startswith("ERROR 40001: 1023: serializable isolation violation")
        assert ask(client, "SELECT sum(n), count(*) FROM parted")[-1] == "67 | 9"
        assert ask(client, "VACUUM") == ["VACUUM"]
        assert ask(client, "SELECT DISTINCT trim(status) FROM stl_vacuum")[-1] == "Finished"
        assert ask(client, "SELECT DISTINCT status FROM sys_vacuum_history")[-1] == "Finished"
        assert _live_files(lake, "parted") == 1
        assert ask(client, "SELECT sum(n), count(*) FROM parted")[-1] == "67 | 9"


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("CREATE TABLE r (a interval day to second)", 'column "a" cannot be of type interval…'),
        ("CREATE TABLE r AS SELECT interval '1 day' AS a", 'column "a" cannot be of type interval…'),
        ("CREATE TABLE r (a super)", 'column "a" cannot be of type super…'),
        ("CREATE TABLE r (a varchar(9) COLLATE CASE_INSENSITIVE)", 'column "a" cannot be case-insensitive…'),
        ("SELECT txid_current()", "txid_current() is not supported…"),
        ("ALTER TABLE told ADD COLUMN b integer DEFAULT 1 NOT NULL", "ALTER TABLE ADD COLUMN with NOT NULL…"),
        (
            "ALTER TABLE told ADD COLUMN b timestamp DEFAULT getdate()",
            "a default of ALTER TABLE ADD COLUMN must be a constant…",
        ),
        ("UPDATE told SET a = DEFAULT", "UPDATE ... SET column = DEFAULT is not supported…"),
    ],
)
def test_what_a_lake_cannot_do_is_refused_by_name(sql: str, told: str, lake: Running) -> None:
    with lake.raw() as client:
        client.query("CREATE TABLE IF NOT EXISTS told (a integer DEFAULT 3)")
        found = ask(client, sql)
        assert agrees([f"ERROR 0A000…: {told}"], found[-1:]), found


def test_a_home_of_one_kind_is_not_opened_as_the_other(lake: Running) -> None:
    other = lake.home.parent / "other"
    initialise(other, DATABASE, PASSWORD)
    assert not (other / LAKE_CATALOG_FILE).exists()
    with pytest.raises(StorageError, match="stored as native"):
        open_house(other, {"storage": {"kind": "ducklake"}})
