"""Crawls over real files, and the tables that they put into the data catalog."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import shutil
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pyarrow as pa
import pytest
from pyarrow import orc
from tests.rooms.lake.whole_house import Client, opened

from boathouse.app.background import BackgroundWork
from boathouse.contracts import types as t
from boathouse.contracts.errors import BoathouseError
from boathouse.lake.crawler import runs, schedule
from boathouse.lake.crawler.group_tables import key_type
from boathouse.lake.crawler.list_objects import glob_expression
from boathouse.lake.crawler.merge_types import merge
from boathouse.sql.statements import StartCrawler

COUNTERS = "SELECT created, updated, unchanged, deprecated, deleted, skipped FROM sys_crawl_history ORDER BY crawl_id"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with opened(tmp_path_factory.mktemp("crawls") / "home") as found:
        yield found


class Lake(Client):
    """A session and a folder of the lake that is the test's own."""

    def __init__(self, house: Any, name: str) -> None:
        super().__init__(house)
        self.house = house
        self.name = name
        self.folder = house.service.house.home / "lake" / name
        self.run(
            f"CREATE EXTERNAL SCHEMA {name} FROM DATA CATALOG DATABASE '{name}' CREATE EXTERNAL DATABASE IF NOT EXISTS"
        )

    def crawler(self, clauses: str = "", place: str = "") -> None:
        self.run(f"CREATE CRAWLER {self.name} DATABASE '{self.name}' TARGETS ('{self.name}/{place}') {clauses}")

    def crawl(self) -> list[tuple[str, str, str, int]]:
        """Name, action, format and partitions of each table."""
        return [(row[0], row[1], row[3], row[4]) for row in self.run(f"START CRAWLER {self.name}")]

    def columns(self, table: str) -> dict[str, str]:
        found = self.run(
            "SELECT columnname, external_type FROM svv_external_columns "
            f"WHERE schemaname = '{self.name}' AND tablename = '{table}' ORDER BY columnnum"
        )
        return dict(found)

    def fails(self, sql: str) -> BoathouseError:
        with pytest.raises(BoathouseError) as caught:
            self.run(sql)
        return caught.value

    def write(self, path: str, text: str | bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())

    def parquet(self, path: str, select: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        duckdb.connect().execute(f"COPY ({select}) TO '{target}' (FORMAT parquet)")


@pytest.fixture
def lake(house: Any, request: pytest.FixtureRequest) -> Iterator[Lake]:
    found = Lake(house, "l" + str(abs(hash(request.node.name)))[:9])
    yield found
    found.close()


def unloaded(lake: Lake) -> None:
    for year in (1992, 1993):
        for month in ("March", "April"):
            for part in range(2):
                lake.parquet(
                    f"revenue/year={year}/month={month}/day={year}-03-0{len(month) % 9}/000{part}_part_00.parquet",
                    "SELECT 'B' || i AS Brand, (i * 1.5)::DECIMAL(12,2) AS revenue FROM range(3) r(i)",
                )


def test_unloaded_partitions_become_a_table_with_typed_keys(lake: Lake) -> None:
    unloaded(lake)
    lake.crawler(place="revenue")
    assert lake.crawl() == [("revenue", "created", "parquet", 4)]
    assert lake.columns("revenue") == {
        "brand": "character varying(65535)", "revenue": "numeric(12,2)",
        "year": "integer", "month": "character varying(65535)", "day": "date",
    }  # fmt: skip
    found = lake.run(
        f"SELECT year, month, day, count(brand) FROM {lake.name}.revenue WHERE year = 1992 AND month = 'March' GROUP BY 1, 2, 3"
    )
    assert found == [(1992, "March", dt.date(1992, 3, 5), 6)]


def test_a_second_crawl_changes_nothing_and_a_third_follows_the_folders(lake: Lake) -> None:
    unloaded(lake)
    lake.crawler("DELETE BEHAVIOR DELETE_FROM_DATABASE", "revenue")
    lake.crawl()
    assert lake.crawl() == [("revenue", "unchanged", "parquet", 4)]
    shutil.rmtree(lake.folder / "revenue/year=1993")
    lake.parquet("revenue/year=1994/month=May/day=1994-05-01/x.parquet", "SELECT 'n' AS brand, 7 AS extra")
    assert lake.crawl() == [("revenue", "updated", "parquet", 3)]
    assert "extra" in lake.columns("revenue")
    assert lake.run(f"SELECT DISTINCT year FROM {lake.name}.revenue ORDER BY 1") == [(1992,), (1994,)]
    assert lake.crawl() == [("revenue", "unchanged", "parquet", 3)]
    shutil.rmtree(lake.folder / "revenue")
    assert lake.crawl() == [("revenue", "deleted", "parquet", 0)]
    assert lake.crawl() == []
    found = lake.run(
        f"SELECT state, created, updated, deleted FROM sys_crawl_history WHERE crawler_name = '{lake.name}'"
    )
    assert sorted(found) == sorted(
        [("COMPLETED", *one) for one in ((1, 0, 0), (0, 0, 0), (0, 1, 0), (0, 0, 0), (0, 0, 1), (0, 0, 0))]
    )


def test_bare_folders_of_one_schema_are_partitions_and_others_are_tables(lake: Lake) -> None:
    for year in (2019, 2020):
        for month in ("01", "02", "11"):
            lake.write(f"clicks/{year}/{month}/a.csv", "id,page\n1,home\n2,cart\n")
    lake.write("clicks/2020/_SUCCESS", "")
    lake.write("people/a.json", '{"name":"ann","age":3}\n{"name":"bob","age":4}\n')
    lake.crawler()
    assert lake.crawl() == [("clicks", "created", "csv", 6), ("people", "created", "json", 0)]
    assert list(lake.columns("clicks").items())[-2:] == [
        ("partition_0", "integer"), ("partition_1", "character varying(65535)"),
    ]  # fmt: skip
    sql = f"SELECT partition_0, count(*) FROM {lake.name}.clicks WHERE partition_1 > '01' GROUP BY 1 ORDER BY 1"
    assert lake.run(sql) == [(2019, 4), (2020, 4)]
    assert {action for _, action, *_ in lake.crawl()} == {"unchanged"}


def test_one_dated_folder_is_a_partition_already_and_stays_one(lake: Lake) -> None:
    lake.write("logs/2020-07-01/a.csv", "id,page\n1,home\n2,cart\n")
    lake.crawler()
    assert lake.crawl() == [("logs", "created", "csv", 1)]
    lake.write("logs/2020-07-02/a.csv", "id,page\n3,home\n")
    assert lake.crawl() == [("logs", "updated", "csv", 2)]
    assert lake.run(f"SELECT partition_0, count(*) FROM {lake.name}.logs GROUP BY 1 ORDER BY 1") == [
        (dt.date(2020, 7, 1), 2), (dt.date(2020, 7, 2), 1),
    ]  # fmt: skip


def test_the_odd_one_among_similar_folders_is_a_table_of_its_own(lake: Lake) -> None:
    for name in ("north", "south", "west"):
        lake.write(f"{name}/a.csv", "id,amount,city\n1,2.5,x\n2,3.5,y\n")
    lake.write("notes/a.csv", "who|what\nann|rope\nbob|tar\n")
    lake.crawler()
    assert [(name, partitions) for name, _, _, partitions in lake.crawl()] == [(lake.name, 3), ("notes", 0)]
    assert lake.run(f"SELECT partition_0, sum(amount) FROM {lake.name}.{lake.name} GROUP BY 1 ORDER BY 1") == [
        ("north", 6.0), ("south", 6.0), ("west", 6.0),
    ]  # fmt: skip


def test_one_format_is_enough_where_compatible_schemas_are_combined(lake: Lake) -> None:
    lake.write("a/x.json", '{"id":1,"p":2,"q":3}\n')
    lake.write("b/x.json", '{"id":2,"r":2,"s":"x"}\n')
    lake.crawler()
    assert [name for name, *_ in lake.crawl()] == ["a", "b"]
    lake.run(f"DROP TABLE {lake.name}.a; DROP TABLE {lake.name}.b")
    lake.run(f"ALTER CRAWLER {lake.name} TABLE GROUPING COMBINE_COMPATIBLE_SCHEMAS")
    assert lake.crawl() == [(lake.name, "created", "json", 2)]
    assert list(lake.columns(lake.name)) == ["id", "p", "q", "r", "s", "partition_0"]


def test_each_folder_with_files_is_a_table_of_its_own(lake: Lake) -> None:
    lake.write("Orders 2020/a.csv", "id,ordered,paid,note\n1,2020-01-02,true,x\n2,2020-01-03,false,y\n")
    lake.write("logs/b.csv.gz", gzip.compress(b"t|v\n2020-01-02 03:04:05|1.5\n2020-01-02 03:04:06|2\n"))
    lake.write("events/c.json", '{"Id":1,"who":{"name":"a"},"tags":["x"]}\n{"Id":2,"who":{"age":3},"tags":[]}\n')
    lake.crawler("TABLE PREFIX 'raw_'")
    assert {(name, form) for name, _, form, _ in lake.crawl()} == {
        ("raw_orders_2020", "csv"), ("raw_logs", "csv"), ("raw_events", "json"),
    }  # fmt: skip
    assert lake.columns("raw_orders_2020") == {
        "id": "bigint", "ordered": "date", "paid": "boolean", "note": "character varying(65535)",
    }  # fmt: skip
    assert lake.run(f"SELECT id, paid FROM {lake.name}.raw_orders_2020 ORDER BY 1") == [(1, True), (2, False)]
    assert lake.run(f"SELECT sum(v) FROM {lake.name}.raw_logs") == [(3.5,)]
    assert lake.run(f"SELECT id, e.who.name FROM {lake.name}.raw_events e ORDER BY 1") == [(1, "a"), (2, None)]


def test_a_csv_without_a_header_names_columns_by_place(lake: Lake) -> None:
    lake.write("n/0000_part_00", "1|2.5|2020-01-01\n2|3.5|2020-01-02\n")
    lake.crawler(place="n")
    lake.crawl()
    assert lake.columns("n") == {"col0": "bigint", "col1": "double precision", "col2": "date"}
    assert lake.run(f"SELECT sum(col0), max(col2) FROM {lake.name}.n") == [(3, dt.date(2020, 1, 2))]


def test_files_that_were_not_understood_are_reported(lake: Lake) -> None:
    lake.write("x/a.bin", b"\x00\x01\x02\x03" * 50)
    lake.write("y/b.rc", b"RCF\x00\x01")
    lake.write("z/c.parquet", b"PAR1 but nothing else")
    lake.write("u/unload_manifest", '{"entries":[{"url":"s3://b/0000_part_00","mandatory":true}]}')
    lake.write("v/array.json", '[{"a":1},\n{"a":2}]')
    lake.write("w/symlink.txt", "s3://b/one.parquet\ns3://b/two.parquet\n")
    lake.crawler()
    assert {(name, action, why) for name, action, why, _ in lake.crawl()} == {
        ("a.bin", "skipped", "unknown format"),
        ("b.rc", "skipped", "rcfile is not supported"),
        ("c.parquet", "skipped", "damaged parquet file"),
        ("unload_manifest", "skipped", "manifest of files"),
        ("array.json", "skipped", "JSON that is not one object a line"),
        ("symlink.txt", "skipped", "links to files that cannot be read"),
    }
    assert lake.run(f"SELECT * FROM svv_external_tables WHERE schemaname = '{lake.name}'") == []
    details = "SELECT count(*) FROM sys_crawl_detail JOIN sys_crawl_history USING (crawl_id) "
    assert lake.run(f"{details} WHERE crawler_name = '{lake.name}' AND action = 'skipped'") == [(6,)]


def test_a_table_that_a_user_created_keeps_its_columns(lake: Lake) -> None:
    unloaded(lake)
    lake.run(
        f"CREATE EXTERNAL TABLE {lake.name}.mine (brand varchar(2)) PARTITIONED BY (year varchar(4), month varchar(9), day date) "
        f"STORED AS PARQUET LOCATION '{lake.name}/revenue/'"
    )
    lake.crawler(place="revenue")
    assert lake.crawl() == [("mine", "updated", "parquet", 4)]
    assert lake.columns("mine")["brand"] == "character varying(2)"
    assert lake.run(f"SELECT min(year) FROM {lake.name}.mine") == [("1992",)]


def test_orc_and_avro_files_say_their_columns(lake: Lake) -> None:
    (lake.folder / "o").mkdir(parents=True)
    rows = pa.table(
        {"Id": pa.array([1, 2], pa.int32()), "tags": [["a"], []], "at": pa.array([dt.date(2020, 1, 2)] * 2)}
    )
    orc.write_table(rows, str(lake.folder / "o/a.orc"))
    fields = [
        {"name": "id", "type": "long"}, {"name": "note", "type": ["null", "string"]},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "who", "type": {"type": "record", "name": "w", "fields": [{"name": "age", "type": "int"}]}},
    ]  # fmt: skip
    schema = fastavro.parse_schema({"type": "record", "name": "r", "fields": fields})
    (lake.folder / "v").mkdir()
    with (lake.folder / "v/a.avro").open("wb") as out:
        fastavro.writer(out, schema, [{"id": 1, "note": None, "price": Decimal("2.50"), "who": {"age": 3}}])
    lake.crawler()
    assert lake.crawl() == [("o", "created", "orc", 0), ("v", "created", "avro", 0)]
    assert lake.run(f"SELECT id, at FROM {lake.name}.o ORDER BY 1") == [(n, dt.date(2020, 1, 2)) for n in (1, 2)]
    assert lake.run(f"SELECT id, note, price, v.who.age FROM {lake.name}.v v") == [(1, None, Decimal("2.50"), 3)]


def inventory(lake: Lake, kind: str, schema: str) -> None:
    """An S3 inventory as it is delivered: data files, a manifest for each day, and lists of links for Hive."""
    for day, file in (("2019-10-10", "a"), ("2019-10-11", "b")):
        suffix = "parquet" if kind == "Parquet" else "csv.gz"
        path = lake.folder / f"bucket/daily/data/{file}.{suffix}"
        if kind == "Parquet":
            lake.parquet(f"bucket/daily/data/{file}.parquet", f"SELECT 'bucket' AS bucket, '{file}' AS key, 7 AS size")
        else:
            lake.write(
                f"bucket/daily/data/{file}.csv.gz", gzip.compress(f'"bucket","{file}","7"\n"bucket","z","8"\n'.encode())
            )
        manifest = {"sourceBucket": "bucket", "fileFormat": kind, "fileSchema": schema, "files": [{"key": str(path)}]}
        lake.write(f"bucket/daily/{day}T00-00Z/manifest.json", json.dumps(manifest))
        lake.write(f"bucket/daily/{day}T00-00Z/manifest.checksum", "0")
        lake.write(f"bucket/daily/hive/dt={day}-00-00/symlink.txt", f"{path}\n")


@pytest.mark.parametrize(
    ("kind", "schema"), [("Parquet", "message s3.inventory { required binary bucket; }"), ("CSV", "Bucket, Key, Size")]
)
def test_an_inventory_of_s3_is_one_table_by_date(lake: Lake, kind: str, schema: str) -> None:
    inventory(lake, kind, schema)
    lake.crawler()
    assert lake.crawl() == [("daily", "created", kind.lower(), 2)]
    sql = f"SELECT key, size, dt FROM {lake.name}.daily WHERE dt = '2019-10-11-00-00' ORDER BY 1"
    expected = [("b", 7, "2019-10-11-00-00")] + ([("z", 8, "2019-10-11-00-00")] if kind == "CSV" else [])
    assert [(key, int(size), day) for key, size, day in lake.run(sql)] == expected
    assert lake.crawl() == [("daily", "unchanged", kind.lower(), 2)]


# -- what a crawler may change -----------------------------------------------------------------------------


def test_a_changed_schema_follows_is_merged_or_is_only_told(lake: Lake) -> None:
    lake.parquet("t/a.parquet", "SELECT 1 AS id, 'x' AS gone")
    lake.crawler(place="t")
    lake.crawl()
    (lake.folder / "t/a.parquet").unlink()
    lake.parquet("t/b.parquet", "SELECT 2::BIGINT AS id, 'y' AS new")
    lake.run(f"ALTER CRAWLER {lake.name} UPDATE BEHAVIOR LOG")
    assert lake.crawl() == [("t", "changed", "parquet", 0)]
    assert list(lake.columns("t")) == ["id", "gone"]
    lake.run(f"ALTER CRAWLER {lake.name} UPDATE BEHAVIOR MERGE_NEW_COLUMNS")
    assert lake.crawl() == [("t", "updated", "parquet", 0)]
    assert lake.columns("t")["id"] == "integer" and list(lake.columns("t")) == ["id", "gone", "new"]
    assert lake.crawl() == [("t", "unchanged", "parquet", 0)]
    lake.run(f"ALTER CRAWLER {lake.name} UPDATE BEHAVIOR UPDATE_IN_DATABASE")
    assert lake.crawl() == [("t", "updated", "parquet", 0)]
    assert lake.columns("t") == {"id": "bigint", "new": "character varying(65535)"}


def test_lost_tables_are_marked_told_or_dropped_and_come_back(lake: Lake) -> None:
    lake.write("one/a.csv", "id,x\n1,2\n")
    lake.write("two/a.json", '{"a":1}\n')
    lake.crawler()
    lake.crawl()
    shutil.rmtree(lake.folder / "one")
    parameters = f"SELECT parameters FROM svv_external_tables WHERE schemaname = '{lake.name}' AND tablename = 'one'"
    lake.run(f"ALTER CRAWLER {lake.name} DELETE BEHAVIOR LOG")
    assert ("one", "missing", "csv", 0) in lake.crawl()
    assert "deprecated_by_crawler" not in lake.one(parameters)
    lake.run(f"ALTER CRAWLER {lake.name} DELETE BEHAVIOR DEPRECATE_IN_DATABASE")
    assert ("one", "deprecated", "csv", 0) in lake.crawl()
    assert "deprecated_by_crawler" in lake.one(parameters)
    lake.write("one/a.csv", "id,x\n1,2\n")
    assert ("one", "updated", "csv", 0) in lake.crawl()
    assert "deprecated_by_crawler" not in lake.one(parameters)


def test_a_crawler_of_new_folders_adds_partitions_and_looks_into_nothing_known(lake: Lake) -> None:
    unloaded(lake)
    assert "needs UPDATE BEHAVIOR LOG" in str(lake.fails(
        f"CREATE CRAWLER {lake.name} DATABASE 'd' TARGETS ('{lake.name}') RECRAWL CRAWL_NEW_FOLDERS_ONLY"
    ))  # fmt: skip
    lake.crawler("RECRAWL CRAWL_NEW_FOLDERS_ONLY UPDATE BEHAVIOR LOG DELETE BEHAVIOR LOG", "revenue")
    lake.crawl()
    shutil.rmtree(lake.folder / "revenue/year=1992")
    lake.write("revenue/year=1995/month=May/day=1995-05-01/x.parquet", b"not looked into")
    assert lake.crawl() == [("revenue", "updated", "parquet", 3)]
    found = lake.run(f"SELECT count(*) FROM svv_external_partitions WHERE schemaname = '{lake.name}'")
    assert found == [(5,)], "nothing is taken away"


def test_excluded_paths_are_not_looked_at(lake: Lake) -> None:
    lake.write("t/a.csv", "id,x\n1,2\n")
    lake.write("t/a.bak", b"\x00\x01")
    lake.write("old/2019/a.csv", "id,x\n1,2\n")
    lake.crawler("EXCLUDE ('**.bak', 'old/**')")
    assert lake.crawl() == [("t", "created", "csv", 0)]


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("*.csv", "a.csv", "b/a.csv"),
        ("**.csv", "b/a.csv", "a.json"),
        ("m?/x", "ma/x", "m/x"),
        ("[!ab]*", "cat", "bat"),
        ("[a-c]*", "bat", "dog"),
        ("{x,y}/**", "y/1/2", "z/1"),
        (r"\*", "*", "a"),
    ],
)
def test_globs_are_glues(pattern: str, matching: str, other: str) -> None:
    import re

    made = re.compile(glob_expression(pattern))
    assert made.fullmatch(matching) and not made.fullmatch(other)


# -- classifiers -------------------------------------------------------------------------------------------

APACHE = '10.0.0.1 - ann [23/Sep/2018:22:10:52 +0000] "GET /rope?a=1 HTTP/1.1" 200 {} "-" "curl/7"\n'
S3_LOG = (
    "b8ad s3spend [23/Sep/2018:22:10:52 +0000] 10.1.2.3 arn:aws:iam::1:user/s D5633 REST.GET.LIFECYCLE - "
    '"GET /s3spend?lifecycle= HTTP/1.1" 404 NoSuchLifecycleConfiguration 332 - 105 - "-" "S3Console/0.4, x" -\n'
)


def test_web_and_storage_logs_are_known(lake: Lake) -> None:
    lake.write("web/a.log", "".join(APACHE.format(size) for size in (10, 20, "-")))
    lake.write("s3/2018-09-23-22-10-52-ABC", S3_LOG * 3)
    lake.crawler()
    assert {(name, form) for name, _, form, _ in lake.crawl()} == {("web", "combined_apache"), ("s3", "s3_access_log")}
    assert lake.run(f"SELECT sum(bytes), max(verb), max(request) FROM {lake.name}.web") == [(30, "GET", "/rope?a=1")]
    assert lake.run(f"SELECT max(httpstatus), max(totaltime), max(key), count(*) FROM {lake.name}.s3") == [
        (404, 105, "-", 3)
    ]


def test_a_grok_classifier_of_ones_own_comes_first(lake: Lake) -> None:
    lake.run(
        r"CREATE CLASSIFIER harbour_log GROK '\[%{BERTH:berth}\] %{WORD:boat} waited %{NUMBER:minutes:double}(?: min)?' "
        "CLASSIFICATION 'harbour' CUSTOM PATTERNS 'BERTH [A-F](?:[0-9]+)'"
    )
    lake.write("h/a.log", "[A1] gull waited 2.5 min\n[F12] tern waited 4\n")
    lake.crawler("CLASSIFIERS ('harbour_log')", "h")
    assert lake.crawl() == [("h", "created", "harbour", 0)]
    assert lake.run(f"SELECT berth, boat, minutes FROM {lake.name}.h ORDER BY 1") == [
        ("A1", "gull", 2.5), ("F12", "tern", 4.0),
    ]  # fmt: skip
    lake.run("DROP CLASSIFIER harbour_log")
    assert lake.fails(f"START CRAWLER {lake.name}").sqlstate == "42704"


def test_a_csv_classifier_says_what_the_sniffer_cannot_know(lake: Lake) -> None:
    lake.run("CREATE CLASSIFIER tide_csv CSV DELIMITER ';' HEADER ABSENT COLUMNS ('at', 'level')")
    lake.write("tides/a.csv", "low;high\n1;2\n")
    lake.crawler("CLASSIFIERS ('tide_csv')", "tides")
    lake.crawl()
    assert lake.columns("tides") == dict.fromkeys(("at", "level"), "character varying(65535)")
    assert lake.run(f"SELECT count(*) FROM {lake.name}.tides") == [(2,)]
    lake.run("DROP CLASSIFIER tide_csv")


@pytest.mark.parametrize(
    ("statement", "sqlstate"),
    [
        ("CREATE CLASSIFIER x GROK '%{NOSUCH:a}' CLASSIFICATION 'c'", "22023"),
        ("CREATE CLASSIFIER x GROK 'no field' CLASSIFICATION 'c'", "22023"),
        ("CREATE CLASSIFIER x GROK '%{WORD:a:money}' CLASSIFICATION 'c'", "22023"),
        ("CREATE CLASSIFIER x GROK '%{WORD:a} %{WORD:a}' CLASSIFICATION 'c'", "22023"),
        ("CREATE CLASSIFIER x GROK '%{A:a}' CLASSIFICATION 'c' CUSTOM PATTERNS 'A %{A}'", "22023"),
        ("CREATE CLASSIFIER x GROK '(?=a)%{WORD:a}' CLASSIFICATION 'c'", "0A000"),
        ("CREATE CLASSIFIER x GROK '%{WORD:a}'", "42601"),
        ("CREATE CLASSIFIER x CSV DELIMITER 'ab'", "22023"),
        ("CREATE CLASSIFIER x JSON '$[*]'", "0A000"),
        ("CREATE CLASSIFIER x XML 'row'", "0A000"),
        ("DROP CLASSIFIER nosuch", "42704"),
        ("CREATE CRAWLER x DATABASE 'd' TARGETS ('t') SCHEDULE 'every day'", "22023"),
        ("CREATE CRAWLER x DATABASE 'd' TARGETS ('t') SCHEDULE 'cron(0 5 * * * *)'", "22023"),
        ("CREATE CRAWLER x DATABASE 'd' TARGETS ('t') CLASSIFIERS ('nosuch')", "42704"),
        ("CREATE CRAWLER x DATABASE 'd' TARGETS ('/etc')", "42501"),
        ("CREATE CRAWLER x DATABASE 'd'", "42601"),
        ("ALTER CRAWLER nosuch SCHEDULE NONE", "42704"),
        ("STOP CRAWLER nosuch", "42704"),
        ("SHOW CRAWLER nosuch", "42704"),
        ("DROP CRAWLER nosuch", "42704"),
    ],
)
def test_wrong_statements_say_what_is_wrong(lake: Lake, statement: str, sqlstate: str) -> None:
    assert lake.fails(statement).sqlstate == sqlstate


# -- runs --------------------------------------------------------------------------------------------------


def test_crawlers_are_shown_changed_and_dropped(lake: Lake) -> None:
    lake.crawler("SCHEDULE 'cron(15 12 * * ? *)' EXCLUDE ('*.bak')", "t")
    ((name, state, due, database, targets, excluded, *_),) = lake.run(f"SHOW CRAWLER {lake.name}")
    assert (name, state, due, database) == (lake.name, "READY", "cron(15 12 * * ? *)", lake.name)
    assert (targets, excluded) == (f"{lake.name}/t", "*.bak")
    assert lake.fails(f"CREATE CRAWLER {lake.name} DATABASE 'x' TARGETS ('x')").sqlstate == "42710"
    lake.run(f"ALTER CRAWLER {lake.name} SCHEDULE NONE EXCLUDE () TARGETS ('{lake.name}/u')")
    ((*_,),) = lake.run(f"SHOW CRAWLER {lake.name}")
    assert lake.run(f"SHOW CRAWLER {lake.name}")[0][2:6] == ("", lake.name, f"{lake.name}/u", "")
    assert (lake.name, "READY") in [row[:2] for row in lake.run("SHOW CRAWLERS")]
    lake.run(f"DROP CRAWLER {lake.name}")
    assert lake.fails(f"START CRAWLER {lake.name}").sqlstate == "42704"


def test_a_stopped_run_changes_nothing_and_says_so(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.write("a/x.csv", "id,x\n1,2\n")
    lake.crawler()
    assert lake.fails(f"STOP CRAWLER {lake.name}").sqlstate == "55000"
    other = Client(lake.house)
    checked = runs.Run.check

    def stopping(run: runs.Run, session: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        monkeypatch.setattr(runs.Run, "check", checked)
        other.run(f"STOP CRAWLER {lake.name}")
        with pytest.raises(BoathouseError, match="is running"):
            other.run(f"DROP CRAWLER {lake.name}")
        with pytest.raises(BoathouseError, match="is running"):
            other.run(f"START CRAWLER {lake.name}")
        checked(run, session)

    monkeypatch.setattr(runs.Run, "check", stopping)
    assert lake.fails(f"START CRAWLER {lake.name}").sqlstate == "57014"
    other.close()
    history = f"SELECT state, message FROM sys_crawl_history WHERE crawler_name = '{lake.name}'"
    assert lake.run(history) == [("STOPPED", "the crawler was stopped")]
    assert lake.run(f"SELECT 1 FROM svv_external_tables WHERE schemaname = '{lake.name}'") == []
    assert lake.crawl() == [("a", "created", "csv", 0)]


def test_a_schedule_starts_its_crawler_as_its_owner(lake: Lake) -> None:
    lake.write("a/x.csv", "id,x\n1,2\n")
    lake.crawler("SCHEDULE 'cron(0/5 * * * ? *)'")
    house = lake.house.service.house
    noon = dt.datetime(2030, 1, 1, 12, 1, tzinfo=dt.UTC)
    assert schedule.due(house, noon, noon + dt.timedelta(minutes=3)) == []
    assert schedule.due(house, noon, noon + dt.timedelta(minutes=4)) == [(lake.name, "admin")]
    lake.run("CREATE USER admin PASSWORD 'Rope-and-tar-1' CREATEUSER")
    work = BackgroundWork(lake.house)
    for name, owner in schedule.due(house, noon, noon + dt.timedelta(hours=1)):
        work.run_as(
            owner,
            StartCrawler(text="", name=name, scheduled=True),
        )
    found = lake.run(
        f"SELECT state, is_scheduled, user_name, created FROM sys_crawl_history WHERE crawler_name = '{lake.name}'"
    )
    assert found == [("COMPLETED", True, "admin", 1)]


def test_a_run_that_the_end_of_the_process_cut_off_has_failed(tmp_path: Path) -> None:
    with opened(tmp_path / "home") as house:
        client = Client(house)
        runs.begin(house.service.house, client.session, "c", "d", scheduled=False)
        assert client.one("SELECT state FROM sys_crawl_history") == "RUNNING"
        client.close()
    with opened(tmp_path / "home") as house:
        client = Client(house)
        assert client.run("SELECT state, message FROM sys_crawl_history") == [("FAILED", "the house stopped")]
        client.close()


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
