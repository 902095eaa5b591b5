"""Some scripts over a warehouse that is stored as a lake; all of them run there by `BOATHOUSE_STORAGE_KIND=ducklake`."""

from __future__ import annotations

import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, Running
from tests.statements.scripts import agrees, ask, read

from boathouse.app.assemble import open_house
from boathouse.app.home import LAKE_CATALOG_FILE
from boathouse.app.initialise import initialise
from boathouse.contracts.errors import StorageError

HERE = Path(__file__).parent
CHOSEN = (
    "merge/merge",
    "transactions/blocks",
    "as_of/lake",
    "as_of/snapshots",
    "dml/update",
    "materialized/create_and_refresh",
)


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


def test_a_refresh_and_changes_beside_it_do_not_conflict(lake: Running) -> None:
    stale = "SELECT is_stale FROM svv_mv_info WHERE trim(name) = 'refreshed'"
    with lake.raw() as client, lake.raw() as writer:
        assert ask(client, "CREATE TABLE refreshed_of AS SELECT 1 AS a") == ["SELECT 1"]
        made = "CREATE MATERIALIZED VIEW refreshed AS SELECT sum(a) AS n FROM refreshed_of"
        assert ask(client, made) == ["CREATE MATERIALIZED VIEW"]
        for a in (2, 3):
            client.query(f"INSERT INTO refreshed_of VALUES ({a})")
            writer.query("BEGIN")
            assert ask(writer, f"INSERT INTO refreshed_of VALUES ({10 * a})") == ["INSERT 0 1"]
            assert ask(client, stale)[-1] == "t"
            assert ask(client, "REFRESH MATERIALIZED VIEW refreshed")[-1] == "REFRESH"
            assert ask(client, stale)[-1] == "f"
            assert ask(writer, "COMMIT") == ["COMMIT"]
            assert ask(client, stale)[-1] == "t", "by what the refresh did not see"
        assert ask(client, "REFRESH MATERIALIZED VIEW refreshed")[-1] == "REFRESH"
        assert ask(client, stale)[-1] == "f"
        assert ask(client, "SELECT n FROM refreshed")[-1] == "56"


def test_unloads_and_definitions_at_the_same_time_are_all_carried_out(lake: Running) -> None:
    """Each writes into tables of the bookkeeping, in which transactions of a lake meet by table."""
    with lake.raw() as client:
        client.query("CREATE TABLE several AS SELECT 1 AS n")
    wrong: list[str] = []

    def work(number: int) -> None:
        with lake.raw() as client:
            for place in range(2):
                for sql in (
                    f"UNLOAD ('SELECT n FROM several') TO 'several/{number}_{place}_' FORMAT PARQUET",
                    f"CREATE TABLE several_{number} (n integer)",
                    f"GRANT SELECT ON several_{number} TO PUBLIC",
                    f"DROP TABLE several_{number}",
                ):
                    wrong.extend(line for line in ask(client, sql) if line.startswith("ERROR"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []
    with lake.raw() as client:
        done = (
            "SELECT count(*) FROM sys_unload_history WHERE unloaded_location LIKE '%several/%' AND status = 'completed'"
        )
        assert ask(client, done)[-1] == "6"


def _ranges(lake: Running, table: str) -> list[tuple[int, int]]:
    """First and last value of each file's first column, in the order of the files."""
    session = lake.house.service.house.engine.session()
    try:
        books = f'"__ducklake_metadata_{DATABASE}"'
        rows = session.fetch(
            f"SELECT min_value::INTEGER, max_value::INTEGER FROM {books}.ducklake_data_file f "
            f"JOIN {books}.ducklake_file_column_stats c USING (data_file_id, table_id) JOIN {books}.ducklake_table t "
            "USING (table_id) WHERE t.table_name = $1 AND f.end_snapshot IS NULL AND c.column_id = 1 ORDER BY data_file_id",
            (table,),
        )
        return [(int(str(low)), int(str(high))) for low, high in rows]
    finally:
        session.close()


def _stored(lake: Running, table: str) -> list[int]:
    """The first column as it lies in the table's only file."""
    (file,) = (lake.home / "warehouse" / "public" / table).glob("*.parquet")
    return pq.read_table(file).column(0).to_pylist()  # type: ignore[no-any-return]


def test_rows_are_stored_in_the_order_of_the_sort_key(lake: Running) -> None:
    mixed = "SELECT (n * 7) % 100 AS a, n AS b FROM generate_series(0, 99) g(n)"
    with lake.raw() as client:
        client.query(f"CREATE TABLE ctas SORTKEY (a) AS {mixed}")
        assert _stored(lake, "ctas") == [*range(100)]
        client.query("CREATE TABLE loaded (a int SORTKEY, b int)")
        source = lake.home / "lake" / "unsorted.csv"
        source.parent.mkdir(exist_ok=True)
        source.write_text("".join(f"{(n * 7) % 100},{n}\n" for n in range(100)))
        assert ask(client, f"COPY loaded FROM '{source}' CSV")[-1] == "COPY"
        assert _stored(lake, "loaded") == [*range(100)]
        client.query("CREATE TABLE filled (a int, b int) COMPOUND SORTKEY (a, b)")
        client.query(f"INSERT INTO filled {mixed}")
        assert _stored(lake, "filled") == [*range(100)]


def test_vacuum_sorts_what_came_before_the_sort_key_and_across_files(lake: Running) -> None:
    with lake.raw() as client:
        client.query("CREATE TABLE late (a int, b int)")
        client.query("INSERT INTO late SELECT (n * 7) % 100, n FROM generate_series(0, 99) g(n)")
        assert ask(client, "ALTER TABLE late ALTER SORTKEY (a)") == ["ALTER TABLE"]
        client.query("ALTER TABLE late RENAME COLUMN a TO c")
        assert ask(client, "VACUUM late") == ["VACUUM"]
        assert _ranges(lake, "late") == [(0, 99)]
        assert ask(client, "SELECT * FROM late LIMIT 3")[1:] == ["0 | 0", "1 | 43", "2 | 86"]
        client.query("INSERT INTO late VALUES (50, 100), (1, 101)")
        assert _ranges(lake, "late") == [(0, 99), (1, 50)]
        assert ask(client, "VACUUM SORT ONLY late") == ["VACUUM"]
        assert _ranges(lake, "late") == [(0, 99)]
        assert ask(client, "SELECT count(*), sum(b) FROM late")[-1] == "102 | 5151"
        client.query("ALTER TABLE late ALTER SORTKEY NONE")
        client.query("BEGIN")
        assert ask(client, "VACUUM FULL late")[-1].startswith("ERROR 25001")
        client.query("ROLLBACK")


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
