"""Files under external tables, read as Spectrum reads them."""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pytest
from tests.rooms.lake.lake_house import LakeSession, make_house, partitions_statement, schema_statement, table_statement

from boathouse.contracts import types as t
from boathouse.contracts.errors import FeatureNotSupported, StorageError
from boathouse.lake import catalog, define
from boathouse.lake.scans.facts import scans_of
from boathouse.lake.scans.partitions import HIVE_NULL
from boathouse.lake.storage_local import LocalStorage
from boathouse.lake.tables import Partition
from boathouse.sql.statements import ExternalFormat

PARQUET = ExternalFormat(stored_as="parquet")
OPEN_CSV = ExternalFormat(serde="org.apache.hadoop.hive.serde2.OpenCSVSerde")
OPENX = ExternalFormat(serde="org.openx.data.jsonserde.JsonSerDe")
PIPES = ExternalFormat(field_delimiter="|")


@pytest.fixture
def session(tmp_path: Path) -> LakeSession:
    made = LakeSession(make_house(tmp_path))
    define.create_external_schema(made.house, made, schema_statement("lake", "sales"))  # type: ignore[arg-type]
    return made


@pytest.fixture
def lake(session: LakeSession) -> Path:
    return session.house.home / "lake"


def create(session: LakeSession, name: str, columns: Any, location: Path | str, **options: Any) -> None:
    statement = table_statement(f"lake.{name}", columns, str(location), **options)
    define.create_external_table(session.house, session, statement)  # type: ignore[arg-type]


def hive_folder(key: str, value: str | None) -> str:
    return f"{key}={HIVE_NULL if value is None else quote(value, safe=' +*?[]')}"


def write_parquet(path: Path, select: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.connect().execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_parquet_columns_are_found_by_name_whatever_their_case_and_missing_ones_are_null(
    session: LakeSession, lake: Path
) -> None:
    write_parquet(lake / "t/a.parquet", "SELECT 1 AS Id, 'x' AS Name")
    write_parquet(lake / "t/b.parquet", "SELECT 2::BIGINT AS id, 7.5::DOUBLE AS price")
    create(session, "t", [("id", t.BIGINT), ("name", t.varchar(20)), ("price", t.DOUBLE)], lake / "t", format=PARQUET)
    found = session.rows('SELECT c."id", c."name", c."price" FROM "lake"."t" AS c ORDER BY 1')
    assert found == [(1, "x", None), (2, None, 7.5)]


def test_nested_parquet_fields_are_matched_by_name(session: LakeSession, lake: Path) -> None:
    write_parquet(
        lake / "t/a.parquet",
        "SELECT {'Street': 's', 'zip': 12} AS addr, [{'sku': 'a', 'qty': 2}] AS items, MAP {'k': true} AS prefs",
    )
    address = t.struct_of(("zip", t.BIGINT), ("street", t.varchar(9)), ("city", t.varchar(9)))
    items = t.array_of(t.struct_of(("qty", t.INTEGER), ("sku", t.varchar(5))))
    columns = [("addr", address), ("items", items), ("prefs", t.map_of(t.varchar(9), t.BOOLEAN))]
    create(session, "t", columns, lake / "t", format=PARQUET)
    found = session.rows('SELECT c."addr", c."items", c."prefs" FROM "lake"."t" AS c')
    assert found == [({"zip": 12, "street": "s", "city": None}, [{"qty": 2, "sku": "a"}], {"k": True})]


def test_hidden_files_and_empty_files_are_not_read(session: LakeSession, lake: Path) -> None:
    for name in ("a", "_temporary", ".b.crc", "c~", "#d"):
        write(lake / "t" / name, f"{name}\n")
    write(lake / "t/empty", "")
    write(lake / "t/deeper/e", "e\n")
    create(session, "t", [("v", t.varchar(20))], lake / "t", format=PIPES)
    assert session.rows('SELECT c."v" FROM "lake"."t" AS c ORDER BY 1') == [("a",), ("e",)]


def test_a_folder_without_files_is_a_table_without_rows(session: LakeSession, lake: Path) -> None:
    create(session, "t", [("v", t.INTEGER)], lake / "nothing", format=PARQUET)
    assert session.rows('SELECT count(c."v") FROM "lake"."t" AS c') == [(0,)]


def test_malformed_text_becomes_null_and_long_text_is_cut(session: LakeSession, lake: Path) -> None:
    write(
        lake / "t/a", "1|1.50|2020-02-30|abcdef\n1.5|x|2020-02-29|zürich\n\\N||nonsense|\n7|8\n9|9|2021-01-01|ok|more\n"
    )
    columns = [("i", t.INTEGER), ("n", t.numeric(5, 2)), ("d", t.DATE), ("s", t.varchar(3))]
    create(session, "t", columns, lake / "t", format=PIPES)
    assert session.rows('SELECT c."i", c."n", c."d", c."s" FROM "lake"."t" AS c') == [
        (1, Decimal("1.50"), None, "abc"),
        (None, None, dt.date(2020, 2, 29), "zü"),
        (None, None, None, ""),
        (7, Decimal("8.00"), None, None),
        (9, Decimal("9.00"), dt.date(2021, 1, 1), "ok"),
    ]


def test_escaped_delimiters_and_null_text_follow_the_row_format(session: LakeSession, lake: Path) -> None:
    write(lake / "t/a", 'a\\|b,"q"|-\nNIL|2\n')
    format_ = ExternalFormat(field_delimiter="|", escape="\\", null_as="NIL")
    create(session, "t", [("s", t.varchar(20)), ("i", t.INTEGER)], lake / "t", format=format_)
    assert session.rows('SELECT c."s", c."i" FROM "lake"."t" AS c') == [('a|b,"q"', None), (None, 2)]


def test_csv_with_header_quotes_line_breaks_and_gzip(session: LakeSession, lake: Path) -> None:
    write(lake / "t/a.csv", 'id,name\n1,"say ""hi"", you"\n2,"two\nlines"\n3,\n4\n')
    write(lake / "t/b.csv.gz", gzip.compress(b"id,name\n5,five\n"))
    columns = [("id", t.INTEGER), ("name", t.varchar(40))]
    create(session, "t", columns, lake / "t", format=OPEN_CSV, properties={"skip.header.line.count": "1"})
    assert session.rows('SELECT c."id", c."name" FROM "lake"."t" AS c ORDER BY 1') == [
        (1, 'say "hi", you'),
        (2, "two\nlines"),
        (3, ""),
        (4, None),
        (5, "five"),
    ]


def test_text_compressed_with_zstandard_is_read_and_other_compressions_are_refused(
    session: LakeSession, lake: Path
) -> None:
    write(lake / "z/a.zst", pa.compress(b"1|x\n2|y\n", codec="zstd", asbytes=True))
    write(lake / "b/a.bz2", bz2.compress(b"1|x\n"))
    for name in ("z", "b"):
        create(session, name, [("i", t.INTEGER), ("s", t.varchar(9))], lake / name, format=PIPES)
    assert session.rows('SELECT c."i", c."s" FROM "lake"."z" AS c') == [(1, "x"), (2, "y")]
    with pytest.raises(FeatureNotSupported, match="bz2"):
        session.rows('SELECT c."i" FROM "lake"."b" AS c')


def test_json_keys_match_whatever_their_case_and_misfits_are_null(session: LakeSession, lake: Path) -> None:
    lines = [
        {"Id": 1, "when": "2020-01-02 03:04:05", "Tags": ["A", "B"], "Who": {"firstName": 'Ann: "x":', "age": "old"}},
        {"id": "2", "when": "soon", "who": {"firstname": "Bob", "age": 5}, "extra": 1},
        {"id": [3]},
    ]
    write(lake / "t/a.json", "\n".join(json.dumps(line) for line in lines) + "\n")
    who = t.struct_of(("firstname", t.varchar(20)), ("age", t.INTEGER))
    columns = [("id", t.BIGINT), ("when", t.TIMESTAMP), ("tags", t.array_of(t.varchar(9))), ("who", who)]
    create(session, "t", columns, lake / "t", format=OPENX)
    assert session.rows('SELECT c."id", c."when", c."tags", c."who" FROM "lake"."t" AS c') == [
        (1, dt.datetime(2020, 1, 2, 3, 4, 5), ["A", "B"], {"firstname": 'Ann: "x":', "age": None}),
        (2, None, None, {"firstname": "Bob", "age": 5}),
        (None, None, None, None),
    ]


ACCESS_LOG = (
    r"([^ ]*) ([^ ]*) \[(.*?)\] ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) "
    r'"([^ ]*) ([^ ]*) ([^ ]*)" (-|[0-9]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ("[^"]*") ([^ ]*)'
)


def test_a_server_access_log_is_read_by_its_regular_expression(session: LakeSession, lake: Path) -> None:
    lines = [
        f"owner{n} bucket [0{n + 1}/Mar/2024:10:00:00 +0000] 10.0.0.{n} arn:x:user/u ID{n} REST.GET.OBJECT k/{n}.csv "
        f'"GET /bucket/k/{n}.csv HTTP/1.1" {200 + n} - {n}00 5000 12 9 "-" "agent/1.0 (x; y)" -'
        for n in range(3)
    ]
    write(lake / "t/log", "\n".join([*lines, "not a log line at all"]) + "\n")
    names = [f"f{place}" for place in range(20)]
    columns = [(name, t.INTEGER if name == "f11" else t.varchar(256)) for name in names]
    format_ = ExternalFormat(
        serde="org.apache.hadoop.hive.serde2.RegexSerDe", serde_properties=(("input.regex", ACCESS_LOG),)
    )
    create(session, "t", columns, lake / "t", format=format_)
    found = session.rows('SELECT c."f0", c."f2", c."f9", c."f11", c."f17", c."f18" FROM "lake"."t" AS c')
    assert found[1] == ("owner1", "02/Mar/2024:10:00:00 +0000", "/bucket/k/1.csv", 201, '"-"', '"agent/1.0 (x; y)"')
    assert found[3] == (None,) * 6


@pytest.mark.parametrize("pattern", [r"(a)(?=b)", r"(a*+)", r"(a)\1", r"(?>a)(b)"])
def test_regular_expressions_that_need_backtracking_are_refused(session: LakeSession, lake: Path, pattern: str) -> None:
    format_ = ExternalFormat(
        serde="org.apache.hadoop.hive.serde2.RegexSerDe", serde_properties=(("input.regex", pattern),)
    )
    with pytest.raises(FeatureNotSupported):
        create(session, "t", [("a", t.varchar(5))], lake / "t", format=format_)


@pytest.mark.parametrize("stored_as", ["rcfile", "sequencefile", "ion", "hudi"])
def test_formats_without_a_reader_are_refused_by_name(session: LakeSession, lake: Path, stored_as: str) -> None:
    with pytest.raises(FeatureNotSupported, match=stored_as.upper()):
        create(session, "t", [("a", t.INTEGER)], lake / "t", format=ExternalFormat(stored_as=stored_as))


def test_path_and_size_of_each_file_can_be_selected(session: LakeSession, lake: Path) -> None:
    write(lake / "t/a", "1\n")
    write(lake / "t/b", "22\n")
    create(session, "t", [("v", t.INTEGER)], lake / "t", format=PIPES)
    found = session.rows('SELECT c."v", c."$path", c."$size" FROM "lake"."t" AS c ORDER BY 1')
    assert found == [(1, str(lake / "t/a"), 2), (22, str(lake / "t/b"), 3)]


def test_a_manifest_names_the_files(session: LakeSession, lake: Path) -> None:
    write(lake / "t/a", "1\n")
    write(lake / "t/b", "2\n")
    entries = [{"url": str(lake / "t/b"), "mandatory": True}, {"url": str(lake / "t/gone"), "mandatory": False}]
    write(lake / "m.json", json.dumps({"entries": entries}))
    create(session, "t", [("v", t.INTEGER)], lake / "m.json", format=PIPES)
    assert session.rows('SELECT c."v" FROM "lake"."t" AS c') == [(2,)]
    write(lake / "m.json", json.dumps({"entries": [{"url": str(lake / "t/gone"), "mandatory": True}]}))
    with pytest.raises(StorageError, match="mandatory"):
        session.rows('SELECT c."v" FROM "lake"."t" AS c')


# -- partitions ------------------------------------------------------------------------------------------


@pytest.fixture
def sales(session: LakeSession, lake: Path) -> LakeSession:
    for year in (2019, 2020, 2021):
        for month in ("Jan", "Feb"):
            folder = lake / f"s/year={year}/month={month}"
            write_parquet(folder / "0000_part_00.parquet", f"SELECT {year} * 10 + i AS amount FROM range(2) r(i)")
    create(
        session, "s", [("amount", t.BIGINT)], lake / "s", format=PARQUET,
        partitions=[("year", t.INTEGER), ("month", t.varchar(9))],
    )  # fmt: skip
    partitions = [
        ({"year": str(year), "month": month}, str(lake / f"s/year={year}/month={month}/"))
        for year in (2019, 2020, 2021)
        for month in ("Jan", "Feb")
    ]
    define.add_partitions(session.house, session, partitions_statement("lake.s", *partitions))  # type: ignore[arg-type]
    return session


def read_of(session: LakeSession, sql: str) -> list[int]:
    return [facts.partitions_read for facts in scans_of(session.tree(sql))]


def test_partition_columns_come_out_of_the_catalog(sales: LakeSession) -> None:
    found = sales.rows('SELECT c."year", c."month", sum(c."amount") FROM "lake"."s" AS c GROUP BY 1, 2 ORDER BY 1, 2')
    assert found[0] == (2019, "Feb", 40381)
    assert len(found) == 6


@pytest.mark.parametrize(
    ("condition", "partitions"),
    [
        ('c."year" = 2020', 2),
        ('c."year" = 2020 AND c."month" = \'Jan\'', 1),
        ('(c."year" > 2019 AND c."month" LIKE \'J%\') AND c."amount" > 0', 2),
        ('c."year" IN (2019, 2021) OR c."month" = \'Jan\'', 5),
        ('c."year" = 2020 OR c."amount" = 1', 6),
        ('c."year" = 1900', 0),
        ('c."year" = (SELECT 2020)', 6),
    ],
)
def test_filters_on_the_partition_key_decide_which_partitions_are_read(
    sales: LakeSession, condition: str, partitions: int
) -> None:
    sql = f'SELECT count(*) FROM "lake"."s" AS c WHERE {condition}'
    assert read_of(sales, sql) == [partitions]
    kept = sales.rows(
        f'SELECT count(*) FROM (SELECT c."year", c."month", c."amount" FROM "lake"."s" AS c) AS c WHERE {condition}'
    )
    assert sales.rows(sql) == kept


def test_an_outer_join_keeps_rows_that_a_filter_would_prune(sales: LakeSession) -> None:
    left = 'SELECT count(*) FROM range(3) AS n(i) LEFT JOIN "lake"."s" AS c ON c."amount" = 20190 + n.i'
    assert read_of(sales, f'{left} AND c."year" = 2019') == [2]
    assert read_of(sales, f'{left} WHERE c."year" IS NULL') == [6]
    inner = 'SELECT count(*) FROM "lake"."s" AS c JOIN range(3) AS n(i) ON c."year" = 2021'
    assert read_of(sales, inner) == [2]
    assert sales.rows(inner) == [(12,)]


def test_a_partition_may_lie_anywhere_and_keeps_its_value(sales: LakeSession, lake: Path) -> None:
    write_parquet(lake / "elsewhere/x.parquet", "SELECT 5 AS amount")
    statement = partitions_statement("lake.s", ({"year": "2022", "month": "March"}, str(lake / "elsewhere")))
    define.add_partitions(sales.house, sales, statement)  # type: ignore[arg-type]
    assert sales.rows(
        'SELECT c."year", c."month", c."amount", c."$size" > 0 FROM "lake"."s" AS c WHERE c."year" >= 2022'
    ) == [(2022, "March", 5, True)]
    assert sales.rows('SELECT count(*), count(DISTINCT c."month") FROM "lake"."s" AS c') == [(13, 3)]


def test_folder_names_are_decoded_and_the_default_partition_is_null(session: LakeSession, lake: Path) -> None:
    values = ("a b/c=d%", None, "ü", "1+1", "a*b", "a[1]?", "aXb")
    for place, value in enumerate(values):
        write_parquet(lake / "p" / hive_folder("k", value) / "f.parquet", f"SELECT {place} AS v")
    create(session, "p", [("v", t.INTEGER)], lake / "p", format=PARQUET, partitions=[("k", t.varchar(20))])
    table = catalog.table_of(session, "sales", "p")  # type: ignore[arg-type]
    assert table is not None
    found = [Partition((value,), str(lake / "p" / hive_folder("k", value))) for value in values]
    catalog.add_partitions(session, table, found)  # type: ignore[arg-type]
    assert session.rows('SELECT c."v", c."k" FROM "lake"."p" AS c ORDER BY 1') == list(enumerate(values))
    assert session.rows('SELECT c."v" FROM "lake"."p" AS c WHERE c."k" = \'a b/c=d%\'') == [(0,)]


def test_ten_thousand_partitions_are_planned_by_one_listing_and_few_questions(
    session: LakeSession, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(
        session, "many", [("v", t.INTEGER)], lake / "many", format=PIPES, partitions=[("d", t.DATE), ("h", t.INTEGER)]
    )
    table = catalog.table_of(session, "sales", "many")  # type: ignore[arg-type]
    assert table is not None
    first = dt.date(2000, 1, 1)
    days = [(first + dt.timedelta(days=day)).isoformat() for day in range(500)]
    partitions = [
        Partition((day, str(hour)), str(lake / f"many/d={day}/h={hour}")) for day in days for hour in range(20)
    ]
    catalog.add_partitions(session, table, partitions)  # type: ignore[arg-type]
    for one in partitions[:400]:
        write(Path(one.location) / "f", "1\n")
    asked: list[str] = []
    listed, fetched = LocalStorage.list, session.engine.fetch
    monkeypatch.setattr(LocalStorage, "list", lambda self, prefix: asked.append(prefix) or listed(self, prefix))
    monkeypatch.setattr(session.engine, "fetch", lambda *sent: asked.append("engine") or fetched(*sent))
    tree = session.tree('SELECT sum(c."v") FROM "lake"."many" AS c WHERE c."h" = 3')
    sql = tree.sql("duckdb")
    monkeypatch.undo()
    assert [one for one in asked if one != "engine"] == [f"{lake}/many/"]
    assert asked.count("engine") <= 8, asked
    assert scans_of(tree)[0].partitions == 10_000
    assert session.engine.fetch(sql) == [(20,)]
