"""External tables over ORC and Avro, and the SerDes' properties, as users declare them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.orc
import pytest
from tests.rooms.lake.whole_house import Client, opened

from boathouse.contracts.errors import BoathouseError, DataError, FeatureNotSupported, StorageError
from boathouse.lake.scans.records.record_files import BATCH_ROWS


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with opened(tmp_path_factory.mktemp("records") / "h") as found:
        yield found


@pytest.fixture(scope="module")
def lake(house: Any) -> Path:
    return house.service.house.home / "lake"


def write_orc(path: Path, table: pa.Table, **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.orc.write_table(table, str(path), **options)


def write_avro(path: Path, fields: list[dict[str, Any]], rows: list[dict[str, Any]], **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        fastavro.writer(file, {"type": "record", "name": "row", "fields": fields}, rows, **options)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_orc_columns_of_every_type_are_read_by_name_and_missing_ones_are_null(client: Client, lake: Path) -> None:
    moment = dt.datetime(2020, 1, 2, 3, 4, 5, 678901)
    table = pa.table(
        {
            "ID": pa.array([1, None], pa.int64()),
            "name": pa.array(["zürich", None]),
            "price": pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
            "day": pa.array([dt.date(2020, 2, 29), None]),
            "at": pa.array([moment, None], pa.timestamp("ns")),
            "ok": pa.array([True, None]),
            "raw": pa.array([b"\x01\x02", None]),
            "ratio": pa.array([0.5, None], pa.float32()),
        }
    )
    write_orc(lake / "types/a.orc", table)
    client.run(
        "CREATE EXTERNAL TABLE lk.types (id int, name varchar(3), price decimal(12,3), day date, at timestamp, ok boolean, "
        "raw varbyte, ratio double precision, more bigint) STORED AS ORC LOCATION 'types/'"
    )
    found = client.run("SELECT id, name, price, day, at, ok, raw, ratio, more FROM lk.types ORDER BY id")
    assert found[0] == (1, "zü", Decimal("1.500"), dt.date(2020, 2, 29), moment, True, b"\x01\x02", 0.5, None)
    assert found[1] == (None,) * 9
    assert client.one("SELECT count(*) FROM lk.types") == 2


def test_orc_is_read_in_batches_across_stripes_with_path_and_partition(client: Client, lake: Path) -> None:
    table = pa.table({"n": pa.array(range(100_000), pa.int32()), "s": [f"text {n}" for n in range(100_000)]})
    write_orc(lake / "big/k=1/a.orc", table, stripe_size=65_536)
    assert pyarrow.orc.ORCFile(str(lake / "big/k=1/a.orc")).nstripes > 1
    client.run(
        "CREATE EXTERNAL TABLE lk.big (n int, s varchar(20)) PARTITIONED BY (k int) STORED AS ORC LOCATION 'big/'"
    )
    client.run("ALTER TABLE lk.big ADD PARTITION (k=1) LOCATION 'big/k=1/'")
    assert client.run('SELECT count(*), sum(n), max(k), min("$path"), max(s) FROM lk.big WHERE n >= 10') == [
        (99_990, sum(range(10, 100_000)), 1, str(lake / "big/k=1/a.orc"), "text 99999")
    ]
    joined = client.one("SELECT count(*) FROM lk.big a JOIN lk.big b ON a.n = b.n + 1 WHERE a.s <> b.s")
    assert joined == 99_999
    with_twice = client.one("WITH c AS (SELECT n FROM lk.big WHERE n < 5) SELECT count(*) FROM c x, c y")
    assert with_twice == 25


def test_orc_columns_by_position_where_the_table_says_so(client: Client, lake: Path) -> None:
    write_orc(lake / "pos/a.orc", pa.table({"_col0": [1], "_col1": ["x"]}))
    columns = "(id int, name varchar(5)) STORED AS ORC LOCATION 'pos/'"
    client.run(f"CREATE EXTERNAL TABLE lk.named {columns}")
    client.run(f"CREATE EXTERNAL TABLE lk.placed {columns} TABLE PROPERTIES ('orc.schema.resolution'='position')")
    assert client.run("SELECT id, name FROM lk.named") == [(None, None)]
    assert client.run("SELECT id, name FROM lk.placed") == [(1, "x")]


def test_numbers_too_large_for_an_orc_column_fail_or_become_null_as_the_table_says(client: Client, lake: Path) -> None:
    write_orc(lake / "wide/a.orc", pa.table({"n": pa.array([1, 1 << 40], pa.int64())}))
    columns = "(n smallint) STORED AS ORC LOCATION 'wide/'"
    client.run(f"CREATE EXTERNAL TABLE lk.strict {columns}")
    client.run(
        f"CREATE EXTERNAL TABLE lk.lax {columns} TABLE PROPERTIES "
        "('data_cleansing_enabled'='true', 'numeric_overflow_handling'='SET_TO_NULL')"
    )
    with pytest.raises(DataError, match=r'a\.orc": values of column "n" are not of type smallint'):
        client.run("SELECT n FROM lk.strict")
    assert client.run("SELECT n FROM lk.lax") == [(1,), (None,)]


def test_a_broken_file_is_named_and_the_session_goes_on(client: Client, lake: Path) -> None:
    write(lake / "broken/a.orc", "this is no ORC file at all")
    write(lake / "broken_avro/a.avro", "nor Avro")
    client.run("CREATE EXTERNAL TABLE lk.broken (n int) STORED AS ORC LOCATION 'broken/'")
    client.run("CREATE EXTERNAL TABLE lk.broken_avro (n int) STORED AS AVRO LOCATION 'broken_avro/'")
    for name, file in (("broken", "a.orc"), ("broken_avro", "a.avro")):
        with pytest.raises(StorageError, match=f'{file}" cannot be read'):
            client.run(f"SELECT n FROM lk.{name}")
    assert client.one("SELECT 1") == 1


NESTED = pa.struct([("Street", pa.string()), ("zip", pa.int64())])


def test_nested_orc_is_queried_by_field_and_unnested(client: Client, lake: Path) -> None:
    table = pa.table(
        {
            "who": pa.array([{"Street": "s", "zip": 12}, None], NESTED),
            "orders": pa.array([[{"Street": "a", "zip": 1}, None, {"Street": "b", "zip": 2}], None], pa.list_(NESTED)),
            "prefs": pa.array([[("k", True), ("l", False)], None], pa.map_(pa.string(), pa.bool_())),
        }
    )
    write_orc(lake / "nested/a.orc", table)
    client.run(
        "CREATE EXTERNAL TABLE lk.nested (who struct<zip:int,street:varchar(9),city:varchar(5)>, "
        "orders array<struct<street:varchar(5),zip:bigint>>, prefs map<varchar(5),boolean>) STORED AS ORC LOCATION 'nested/'"
    )
    assert client.run("SELECT n.who.street, n.who.zip, n.who.city FROM lk.nested n ORDER BY 2") == [
        ("s", 12, None), (None, None, None),
    ]  # fmt: skip
    assert client.run("SELECT o.street, o.zip FROM lk.nested n, n.orders o WHERE o.zip > 0 ORDER BY 2") == [
        ("a", 1), ("b", 2),
    ]  # fmt: skip
    assert client.run("SELECT p.key, p.value FROM lk.nested n, n.prefs p ORDER BY 1") == [("k", True), ("l", False)]
    assert json.loads(client.one("SELECT who FROM lk.nested n WHERE n.who.zip = 12")) == {
        "zip": 12, "street": "s", "city": None,
    }  # fmt: skip


AVRO_FIELDS = [
    {"name": "Id", "type": "long"},
    {"name": "name", "type": ["null", "string"]},
    {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
    {"name": "day", "type": {"type": "int", "logicalType": "date"}},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    {"name": "tags", "type": {"type": "array", "items": "string"}},
    {"name": "prefs", "type": {"type": "map", "values": "boolean"}},
    {"name": "who", "type": {"type": "record", "name": "who", "fields": [{"name": "Zip", "type": "int"}]}},
    {"name": "kind", "type": {"type": "enum", "name": "kind", "symbols": ["A", "B"]}},
]


@pytest.mark.parametrize(
    ("codec", "count", "block_bytes"),
    [("null", BATCH_ROWS + 16, 1 << 30), ("deflate", 2_000, 16_000), ("snappy", 2_000, 16_000)],
    ids=["null", "deflate", "snappy"],
)
def test_avro_records_with_logical_and_nested_types(
    client: Client, lake: Path, codec: str, count: int, block_bytes: int
) -> None:
    """More than a batch in one block, and several blocks."""
    moment = dt.datetime(2020, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC)
    rows = [
        {
            "Id": n, "name": None if n % 2 else f"n{n}", "price": Decimal("1.25"), "day": dt.date(2020, 2, 29),
            "at": moment, "tags": ["x", "y"], "prefs": {"k": True}, "who": {"Zip": n}, "kind": "B",
        }
        for n in range(count)
    ]  # fmt: skip
    write_avro(lake / f"avro_{codec}/a.avro", AVRO_FIELDS, rows, codec=codec, sync_interval=block_bytes)
    client.run(
        f"CREATE EXTERNAL TABLE lk.avro_{codec} (id int, name varchar(9), price decimal(9,2), day date, at timestamp, "
        "tags array<varchar(5)>, prefs map<varchar(5),boolean>, who struct<zip:int>, kind varchar(1), gone int) "
        f"STORED AS AVRO LOCATION 'avro_{codec}/'"
    )
    assert client.run(
        f"SELECT id, name, price, day, at, kind, gone, a.who.zip FROM lk.avro_{codec} a WHERE id < 2"
    ) == [
        (0, "n0", Decimal("1.25"), dt.date(2020, 2, 29), moment.replace(tzinfo=None), "B", None, 0),
        (1, None, Decimal("1.25"), dt.date(2020, 2, 29), moment.replace(tzinfo=None), "B", None, 1),
    ]
    assert client.run(f"SELECT count(*), count(name), sum(id) FROM lk.avro_{codec}") == [
        (count, count // 2, sum(range(count)))
    ]
    assert client.one(f"SELECT count(*) FROM lk.avro_{codec} a, a.tags t WHERE t = 'x'") == count
    assert client.one(f"SELECT count(*) FROM lk.avro_{codec} a, a.prefs p WHERE p.key = 'k' AND p.value") == count


def test_an_avro_value_of_another_type_names_file_and_column(client: Client, lake: Path) -> None:
    write_avro(lake / "mis/a.avro", [{"name": "n", "type": "string"}], [{"n": "seven"}])
    client.run("CREATE EXTERNAL TABLE lk.mis (n int) STORED AS AVRO LOCATION 'mis/'")
    with pytest.raises(DataError, match=r'a\.avro": values of column "n" are not of type integer'):
        client.run("SELECT n FROM lk.mis")


SERDES = [
    ("org.apache.hadoop.hive.ql.io.orc.OrcSerde", "orc"),
    ("org.apache.hadoop.hive.serde2.avro.AvroSerDe", "avro"),
    ("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", "text"),
    ("org.apache.hadoop.hive.serde2.OpenCSVSerde", "csv"),
    ("org.openx.data.jsonserde.JsonSerDe", "json"),
    ("org.apache.hive.hcatalog.data.JsonSerDe", "json"),
    ("org.apache.hadoop.hive.serde2.RegexSerDe", "regex"),
]


@pytest.mark.parametrize(("serde", "kind"), SERDES)
def test_every_serde_reads_the_same_two_rows(client: Client, lake: Path, serde: str, kind: str) -> None:
    place = f"same_{SERDES.index((serde, kind))}"
    properties = ""
    if kind == "orc":
        write_orc(lake / place / "a", pa.table({"n": [1, 2], "s": ["one", "two"]}))
    elif kind == "avro":
        fields = [{"name": "n", "type": "long"}, {"name": "s", "type": "string"}]
        write_avro(lake / place / "a", fields, [{"n": 1, "s": "one"}, {"n": 2, "s": "two"}])
        properties = "WITH SERDEPROPERTIES ('avro.schema.literal'='{}')"
    elif kind == "json":
        write(lake / place / "a", '{"n": 1, "s": "one"}\n{"N": 2, "S": "two"}\n')
    else:
        separator = {"text": "|", "csv": ";", "regex": " "}[kind]
        write(lake / place / "a", f"1{separator}one\n2{separator}two\n")
        properties = {
            "text": "WITH SERDEPROPERTIES ('field.delim'='|', 'serialization.format'='|')",
            "csv": "WITH SERDEPROPERTIES ('separatorChar'=';', 'wholeFile'='true')",
            "regex": "WITH SERDEPROPERTIES ('input.regex'='([0-9]+) (.*)')",
        }[kind]
    client.run(
        f"CREATE EXTERNAL TABLE lk.{place} (n int, s varchar(9)) ROW FORMAT SERDE '{serde}' {properties} "
        f"STORED AS TEXTFILE LOCATION '{place}/' TABLE PROPERTIES ('numRows'='2')"
    )
    assert client.run(f"SELECT n, s FROM lk.{place} ORDER BY n") == [(1, "one"), (2, "two")]


def test_json_properties(client: Client, lake: Path) -> None:
    serde = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'"
    write(lake / "arr/a.json", '[{"n": 1},\n {"n": 2}]')
    client.run(
        f"CREATE EXTERNAL TABLE lk.arr (n int) {serde} WITH SERDEPROPERTIES ('strip.outer.array'='true') LOCATION 'arr/'"
    )
    assert client.run("SELECT n FROM lk.arr ORDER BY 1") == [(1,), (2,)]
    write(lake / "map/a.json", '{"ts": 5, "User.Name": "ann", "deep": {"a.b": 7}}\n')
    client.run(
        f"CREATE EXTERNAL TABLE lk.map (stamp int, user_name varchar(9), deep struct<a_b:int>) {serde} "
        "WITH SERDEPROPERTIES ('mapping.stamp'='ts', 'dots.in.keys'='true') LOCATION 'map/'"
    )
    assert client.run("SELECT stamp, user_name, m.deep.a_b FROM lk.map m") == [(5, "ann", 7)]
    write(lake / "cased/a.json", '{"Time": 1, "time": 2}\n')
    client.run(
        f"CREATE EXTERNAL TABLE lk.cased (upper int, time int) {serde} "
        "WITH SERDEPROPERTIES ('mapping.upper'='Time', 'case.insensitive'='false') LOCATION 'cased/'"
    )
    assert client.run('SELECT upper, "time" FROM lk.cased') == [(1, 2)]


def test_nested_json_is_queried_by_field_and_unnested(client: Client, lake: Path) -> None:
    lines = [
        {
            "who": {"name": "Ann", "addr": {"zip": 1}},
            "orders": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}],
            "p": {"k": True},
        },
        {"who": None, "orders": []},
    ]
    write(lake / "njson/a.json", "\n".join(map(json.dumps, lines)))
    client.run(
        "CREATE EXTERNAL TABLE lk.njson (who struct<name:varchar(9),addr:struct<zip:int>>, "
        "orders array<struct<sku:varchar(5),n:int>>, p map<varchar(5),boolean>) "
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 'njson/'"
    )
    assert client.run("SELECT j.who.name, j.who.addr.zip, o.sku, o.n FROM lk.njson j, j.orders o ORDER BY o.n") == [
        ("Ann", 1, "a", 1), ("Ann", 1, "b", 2),
    ]  # fmt: skip
    assert client.run("SELECT p.key, p.value FROM lk.njson j, j.p p") == [("k", True)]
    outer = client.run("SELECT j.who.name, o.sku FROM lk.njson j LEFT JOIN j.orders o ON true ORDER BY 2")
    assert outer == [("Ann", "a"), ("Ann", "b"), (None, None)]


def test_compression_is_what_the_table_says_whatever_the_files_are_called(client: Client, lake: Path) -> None:
    (lake / "zipped").mkdir()
    (lake / "zipped/a.txt").write_bytes(pa.compress(b"1\n2\n", codec="gzip", asbytes=True))
    client.run(
        "CREATE EXTERNAL TABLE lk.zipped (n int) ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' LOCATION 'zipped/' "
        "TABLE PROPERTIES ('compression_type'='gzip', 'skip.header.line.count'='1')"
    )
    assert client.run("SELECT n FROM lk.zipped") == [(2,)]


def test_a_symlink_manifest_names_the_files(client: Client, lake: Path) -> None:
    write(lake / "data/x.txt", "1\n")
    write(lake / "data/y.txt", "2\n")
    write(lake / "links/_symlink_format_manifest/manifest", f"{lake}/data/y.txt\n")
    client.run(
        "CREATE EXTERNAL TABLE lk.links (n int) ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' "
        "STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat' "
        "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat' "
        "LOCATION 'links/_symlink_format_manifest/'"
    )
    assert client.run("SELECT n FROM lk.links") == [(2,)]


@pytest.mark.parametrize(
    ("declared", "named"),
    [
        ("ROW FORMAT SERDE 'com.amazon.ionhiveserde.IonHiveSerDe'", "IonHiveSerDe"),
        ("ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe'", "GrokSerDe"),
        ("ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES ('fancy'='1')", "fancy"),
        ("STORED AS RCFILE", "RCFILE"),
        ("STORED AS SEQUENCEFILE", "SEQUENCEFILE"),
        ("STORED AS INPUTFORMAT 'a.b.C' OUTPUTFORMAT 'd.e.F'", "a.b.C"),
    ],
)
def test_what_nothing_reads_is_refused_by_its_name(client: Client, declared: str, named: str) -> None:
    with pytest.raises(FeatureNotSupported, match=named):
        client.run(f"CREATE EXTERNAL TABLE lk.refused (n int) {declared} LOCATION 'refused/'")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("skip.header.line.count", "two"),
        ("numRows", "many"),
        ("compression_type", "rar"),
        ("compression_type", "snappy"),
        ("surplus_char_handling", "X"),
    ],
)
def test_properties_that_mean_nothing_are_refused(client: Client, name: str, value: str) -> None:
    with pytest.raises(BoathouseError, match=name):
        client.run(f"CREATE EXTERNAL TABLE lk.refused (n int) LOCATION 'r/' TABLE PROPERTIES ('{name}'='{value}')")


def test_text_longer_than_its_column_can_be_an_error(client: Client, lake: Path) -> None:
    write(lake / "long/a", "abcdef\n")
    client.run(
        "CREATE EXTERNAL TABLE lk.long (s varchar(3)) LOCATION 'long/' TABLE PROPERTIES "
        "('data_cleansing_enabled'='true', 'surplus_char_handling'='FAIL')"
    )
    with pytest.raises(DataError, match="value too long"):
        client.run("SELECT s FROM lk.long")
