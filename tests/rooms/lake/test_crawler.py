"""Crawls over real files, and the tables that they put into the data catalog."""

from __future__ import annotations

import datetime as dt
import gzip
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.rooms.lake.lake_house import LakeSession, make_house, schema_statement, table_statement

from boathouse.contracts import types as t
from boathouse.contracts.errors import DuplicateObject, UndefinedObject
from boathouse.lake import catalog, define
from boathouse.lake.crawler.group_partitions import key_type
from boathouse.lake.crawler.merge_types import merge
from boathouse.lake.crawler.propose import CrawledTable, crawl, create_crawler, drop_crawler, start_crawler
from boathouse.sql.statements import CreateCrawler, DropCrawler, StartCrawler


@pytest.fixture
def session(tmp_path: Path) -> LakeSession:
    made = LakeSession(make_house(tmp_path))
    define.create_external_schema(made.house, made, schema_statement("lake", "sales"))  # type: ignore[arg-type]
    return made


@pytest.fixture
def lake(session: LakeSession) -> Path:
    return session.house.home / "lake"


def run(session: LakeSession, place: Path, prefix: str = "") -> list[CrawledTable]:
    return crawl(session.house, session, [str(place)], "sales", prefix)  # type: ignore[arg-type]


def columns_of(session: LakeSession, name: str) -> dict[str, Any]:
    table = catalog.table_of(session, "sales", name)  # type: ignore[arg-type]
    assert table is not None
    return dict(table.columns + table.partitions)


def write_parquet(path: Path, select: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.connect().execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def revenue(lake: Path) -> Path:
    for year in (1992, 1993):
        for month in ("March", "April"):
            folder = lake / f"revenue/year={year}/month={month}/day={year}-03-0{len(month) % 9}"
            for part in range(2):
                write_parquet(
                    folder / f"000{part}_part_00.parquet",
                    "SELECT 'B' || i AS Brand, (i * 1.5)::DECIMAL(12,2) AS revenue FROM range(3) r(i)",
                )
    return lake / "revenue"


def test_unloaded_partitions_become_a_table_with_typed_keys(session: LakeSession, revenue: Path) -> None:
    assert run(session, revenue) == [CrawledTable("revenue", "created", f"{revenue}/", "parquet", 4, 8)]
    assert columns_of(session, "revenue") == {
        "brand": t.varchar(65535),
        "revenue": t.numeric(12, 2),
        "year": t.INTEGER,
        "month": t.varchar(65535),
        "day": t.DATE,
    }
    found = session.rows(
        'SELECT c."year", c."month", c."day", count(c."brand") FROM "lake"."revenue" AS c '
        "WHERE c.\"year\" = '1992' AND c.\"month\" = 'March' GROUP BY 1, 2, 3"
    )
    assert found == [(1992, "March", dt.date(1992, 3, 5), 6)]


def test_a_second_crawl_changes_nothing_and_a_third_follows_the_folders(session: LakeSession, revenue: Path) -> None:
    run(session, revenue)
    assert [one.action for one in run(session, revenue)] == ["unchanged"]
    shutil.rmtree(revenue / "year=1993")
    write_parquet(revenue / "year=1994/month=May/day=1994-05-01/x.parquet", "SELECT 'n' AS brand, 7 AS extra")
    assert [(one.action, one.partitions) for one in run(session, revenue)] == [("updated", 3)]
    assert "extra" in columns_of(session, "revenue")
    assert session.rows('SELECT DISTINCT c."year" FROM "lake"."revenue" AS c ORDER BY 1') == [(1992,), (1994,)]
    assert [one.action for one in run(session, revenue)] == ["unchanged"]


def test_each_folder_with_files_is_a_table_of_its_own(session: LakeSession, lake: Path) -> None:
    write(lake / "in/Orders 2020/a.csv", "id,ordered,paid,note\n1,2020-01-02,true,x\n2,2020-01-03,false,y\n")
    write(lake / "in/logs/b.csv.gz", gzip.compress(b"t|v\n2020-01-02 03:04:05|1.5\n2020-01-02 03:04:06|2\n"))
    write(lake / "in/events/c.json", '{"Id":1,"who":{"name":"a"},"tags":["x"]}\n{"Id":2,"who":{"age":3},"tags":[]}\n')
    found = {one.name: (one.action, one.format) for one in run(session, lake / "in", "raw_")}
    assert found == {
        "raw_orders_2020": ("created", "csv"),
        "raw_logs": ("created", "csv"),
        "raw_events": ("created", "json"),
    }
    assert columns_of(session, "raw_orders_2020") == {
        "id": t.BIGINT, "ordered": t.DATE, "paid": t.BOOLEAN, "note": t.varchar(65535),
    }  # fmt: skip
    assert columns_of(session, "raw_logs") == {"t": t.TIMESTAMP, "v": t.DOUBLE}
    assert session.rows('SELECT c."id", c."paid" FROM "lake"."raw_orders_2020" AS c') == [(1, True), (2, False)]
    assert session.rows('SELECT sum(c."v") FROM "lake"."raw_logs" AS c') == [(3.5,)]
    assert session.rows('SELECT c."id", c."who"."name", c."tags" FROM "lake"."raw_events" AS c') == [
        (1, "a", ["x"]),
        (2, None, []),
    ]


def test_a_csv_without_a_header_names_columns_by_place(session: LakeSession, lake: Path) -> None:
    write(lake / "n/0000_part_00", "1|2.5|2020-01-01\n2|3.5|2020-01-02\n")
    run(session, lake / "n")
    assert columns_of(session, "n") == {"col0": t.BIGINT, "col1": t.DOUBLE, "col2": t.DATE}
    assert session.rows('SELECT sum(c."col0"), max(c."col2") FROM "lake"."n" AS c') == [(3, dt.date(2020, 1, 2))]


def test_files_that_were_not_understood_are_reported(session: LakeSession, lake: Path) -> None:
    write(lake / "mixed/x/a.bin", b"\x00\x01\x02\x03" * 50)
    write(lake / "mixed/y/b.orc", b"ORC\x00\x01")
    write(lake / "mixed/z/c.parquet", b"PAR1 but nothing else")
    found = {one.name: (one.action, one.format) for one in run(session, lake / "mixed")}
    assert found == {
        "a.bin": ("skipped", "unknown format"),
        "b.orc": ("skipped", "orc files are not supported"),
        "c.parquet": ("skipped", "damaged parquet file"),
    }
    assert catalog.tables_in(session, "sales") == []  # type: ignore[arg-type]


def test_a_table_that_a_user_created_keeps_its_columns(session: LakeSession, revenue: Path) -> None:
    statement = table_statement(
        "lake.mine", [("brand", t.varchar(2))], str(revenue),
        partitions=[("year", t.varchar(4)), ("month", t.varchar(9)), ("day", t.DATE)],
        format=define_parquet(),
    )  # fmt: skip
    define.create_external_table(session.house, session, statement)  # type: ignore[arg-type]
    assert [(one.name, one.action, one.partitions) for one in run(session, revenue)] == [("mine", "updated", 4)]
    assert columns_of(session, "mine")["brand"] == t.varchar(2)
    assert session.rows('SELECT min(c."year") FROM "lake"."mine" AS c') == [("1992",)]


def define_parquet() -> Any:
    from boathouse.sql.statements import ExternalFormat

    return ExternalFormat(stored_as="parquet")


def test_crawlers_are_created_started_and_dropped_by_statements(session: LakeSession, revenue: Path) -> None:
    house: Any = session.house
    any_session: Any = session
    create = CreateCrawler(text="", name="c", catalog_database="sales", targets=(str(revenue),), table_prefix="p_")
    create_crawler(house, any_session, create)
    with pytest.raises(DuplicateObject):
        create_crawler(house, any_session, create)
    rows = start_crawler(house, any_session, StartCrawler(text="", name="c"))
    assert [batch.to_pylist()[0]["name"] for batch in rows.batches] == ["p_revenue"]
    drop_crawler(house, any_session, DropCrawler(text="", name="c"))
    with pytest.raises(UndefinedObject):
        start_crawler(house, any_session, StartCrawler(text="", name="c"))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "20"], t.INTEGER),
        (["1", None], t.INTEGER),
        (["01", "02"], t.varchar(65535)),
        (["99999999999"], t.BIGINT),
        (["2020-01-31"], t.DATE),
        (["2020-02-31"], t.varchar(65535)),
        ([None], t.varchar(65535)),
    ],
)
def test_key_types_give_back_what_the_folders_say(values: list[str | None], kind: t.SqlType) -> None:
    assert key_type(values) == kind


def test_merging_types_is_symmetric_and_idempotent() -> None:
    kinds = [t.SMALLINT, t.BIGINT, t.DOUBLE, t.numeric(5, 2), t.DATE, t.TIMESTAMP, t.BOOLEAN, t.varchar(65535)]
    for one in kinds:
        for other in kinds:
            assert merge(one, other) == merge(other, one)
            assert merge(merge(one, other), other) == merge(one, other)
