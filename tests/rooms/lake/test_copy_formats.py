"""COPY from Avro, ORC, nested Parquet, fixed widths, whole documents, and files in other encodings.

Facts: Redshift Developer Guide, pages "Data format parameters", "COPY from Avro format", "COPY from columnar data
formats", "Loading semistructured data", "ENCODING".
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from copy_house import CopyHouse


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CopyHouse]:
    made = CopyHouse(tmp_path_factory.mktemp("copy") / "home")
    yield made
    made.close()


# -- Avro --------------------------------------------------------------------------------------------------

PEOPLE = {
    "type": "record",
    "name": "person",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "name", "type": ["null", "string"]},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "home", "type": {"type": "record", "name": "home", "fields": [{"name": "city", "type": "string"}]}},
        {"name": "score", "type": "double"},
        {"name": "ok", "type": "boolean"},
    ],
}
ADA = {"id": 1, "name": "Ada", "tags": ["x", "y"], "home": {"city": "Oslo"}, "score": 1.5, "ok": True}
BO = {"id": 2, "name": None, "tags": [], "home": {"city": "Bergen"}, "score": -2.0, "ok": False}


def avro(schema: Any, records: list[Any], codec: str = "null") -> bytes:
    written = io.BytesIO()
    fastavro.writer(written, schema, records, codec=codec)
    return written.getvalue()


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy"])
def test_avro_fields_meet_columns_by_name(house: CopyHouse, codec: str) -> None:
    house.file("load/part", avro(PEOPLE, [ADA, BO], codec))
    house.table("ok boolean, name varchar(20), id integer, score numeric(6,2), tags varchar(40), missing integer")
    house.run("COPY t FROM 'load/part' AVRO 'auto'")
    assert house.run("SELECT * FROM t ORDER BY id") == [
        (True, "Ada", 1, Decimal("1.50"), '["x","y"]', None),
        (False, None, 2, Decimal("-2.00"), "[]", None),
    ]


def test_avro_by_name_heeds_case_unless_told_not_to(house: CopyHouse) -> None:
    schema = {"type": "record", "name": "r", "fields": [{"name": "Id", "type": "int"}]}
    house.file("load/part", avro(schema, [{"Id": 7}]))
    for way, found in (("auto", None), ("auto ignorecase", 7)):
        house.table("id integer")
        house.run(f"COPY t FROM 'load/part' FORMAT AS AVRO '{way}'")
        assert house.run("SELECT id FROM t") == [(found,)]


def test_avro_by_paths_reaches_into_records_and_arrays(house: CopyHouse) -> None:
    house.file("load/part", avro(PEOPLE, [ADA, BO]))
    house.file("paths.json", json.dumps({"jsonpaths": ["$.home.city", "$.tags[1]", "$.home"]}))
    house.table("city varchar(20), second varchar(9), home super")
    house.run("COPY t FROM 'load/part' AVRO 'paths.json'")
    assert house.run("SELECT city, second, home.city::varchar FROM t ORDER BY 1") == [
        ("Bergen", None, "Bergen"), ("Oslo", "y", "Oslo"),
    ]  # fmt: skip


def test_avro_dates_and_times_by_the_columns_that_wait_for_them(house: CopyHouse) -> None:
    fields = [
        {"name": "d", "type": {"type": "int", "logicalType": "date"}},
        {"name": "ms", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "us", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}]},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
    ]
    moment = datetime(2020, 3, 1, 12, 30, 15, 123000, UTC)
    row = {"d": date(2020, 3, 1), "ms": moment, "us": moment, "price": Decimal("12.34")}
    house.file("load/part", avro({"type": "record", "name": "r", "fields": fields}, [row]))
    house.table("d date, ms timestamp, us timestamptz, price numeric(9,2)")
    house.run("COPY t FROM 'load/part' AVRO")
    assert house.run("SELECT d, ms, us, price FROM t") == [
        (date(2020, 3, 1), moment.replace(tzinfo=None), moment, Decimal("12.34"))
    ]
    millis = int(moment.timestamp() * 1000)
    house.table("d integer, ms bigint, us bigint")
    house.run("COPY t FROM 'load/part' AVRO")
    assert house.run("SELECT * FROM t") == [(18322, millis, millis * 1000)]
    house.table("ms timestamp")
    house.run("COPY t FROM 'load/part' AVRO TIMEFORMAT 'epochmillisecs'")
    assert house.run("SELECT * FROM t") == [(moment.replace(tzinfo=None),)]


def test_avro_rows_in_error_are_counted_and_told_by_record(house: CopyHouse) -> None:
    schema = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "string"}]}
    house.file("load/part", avro(schema, [{"a": "1"}, {"a": "x"}, {"a": "3"}]))
    house.table("a integer")
    house.run("COPY t FROM 'load/part' AVRO MAXERROR 2")
    assert house.run("SELECT a FROM t ORDER BY 1") == [(1,), (3,)]
    assert [row[:3] for row in house.errors()] == [(2, "a", 1207)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (avro(PEOPLE, [ADA] * 2000)[:-300], "broken or cut off"),
        (b"Obj\x01 and nothing more", "not an Avro file"),
        (b"1|2\n", "not an Avro file"),
        (avro("string", ["a"]), "not a record"),
        (avro(PEOPLE, [ADA], "bzip2"), "codec bzip2 is not supported"),
    ],
    ids=["cut", "header", "text", "no record", "codec"],
)
def test_broken_avro_fails_the_load_by_name(house: CopyHouse, content: bytes, message: str) -> None:
    house.file("load/part", content)
    house.table("id integer")
    failure = house.fails("COPY t FROM 'load/part' AVRO")
    assert message in str(failure)
    assert failure.sqlstate == "0A000" or str(house.lake / "load/part") in str(failure)
    assert house.run("SELECT count(*) FROM t") == [(0,)]


# -- ORC and nested Parquet --------------------------------------------------------------------------------

NESTED = pa.table({
    "n": pa.array([1, 2]),
    "who": pa.array([{"name": "Ada", "age": 36}, None], pa.struct([("name", pa.string()), ("age", pa.int32())])),
    "tags": pa.array([["x", "y"], []], pa.list_(pa.string())),
    "at": pa.array([datetime(2020, 1, 2, 3, 4, 5), None], pa.timestamp("us")),
    "price": pa.array([Decimal("1.25"), None], pa.decimal128(9, 2)),
})  # fmt: skip


def columnar(house: CopyHouse, form: str, table: pa.Table, name: str = "load/part") -> Path:
    path = house.file(name, "")
    if form == "ORC":
        orc.write_table(table, str(path))
    else:
        pq.write_table(table, path)
    return path


@pytest.mark.parametrize("form", ["ORC", "PARQUET"])
def test_nested_columns_become_super(house: CopyHouse, form: str) -> None:
    columnar(house, form, NESTED)
    house.table("n integer, who super, tags super, at timestamp, price numeric(9,2)")
    house.run(f"COPY t FROM 'load/part' {form} SERIALIZETOJSON")
    assert house.run(
        "SELECT n, who.name::varchar, who.age::integer, tags[1]::varchar, at, price FROM t ORDER BY n"
    ) == [
        (1, "Ada", 36, "y", datetime(2020, 1, 2, 3, 4, 5), Decimal("1.25")),
        (2, None, None, None, None, None),
    ]


@pytest.mark.parametrize("form", ["ORC", "PARQUET"])
def test_a_nested_column_does_not_fit_a_plain_one(house: CopyHouse, form: str) -> None:
    columnar(house, form, NESTED.select(["who"]))
    house.table("who varchar(200)")
    assert 'column "who" is nested' in str(house.fails(f"COPY t FROM 'load/part' {form}"))


def test_orc_is_loaded_by_the_order_of_columns_over_all_stripes(house: CopyHouse) -> None:
    rows = 50_000
    table = pa.table({"z": range(rows), "y": [f"name {i}" for i in range(rows)]})
    orc.write_table(table, str(house.file("load/part", "")), stripe_size=64 << 10)
    assert orc.ORCFile(house.lake / "load/part").nstripes > 1
    house.table("a integer, b varchar(20)")
    house.run("COPY t FROM 'load/part' ORC")
    assert house.run("SELECT count(*), sum(a), max(b) FROM t") == [(rows, rows * (rows - 1) // 2, "name 9999")]
    columnar(house, "ORC", pa.table({"a": ["x"]}))
    assert "do not fit integer" in str(house.fails("COPY t (a) FROM 'load/part' ORC"))
    assert "not a whole ORC file" in str(
        house.fails("COPY t (a) FROM 'paths.txt' ORC") if house.file("paths.txt", "x") else ""
    )
    assert house.run("SELECT count(*) FROM t") == [(rows,)]


@pytest.mark.parametrize("form", ["ORC", "PARQUET"])
@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".snappy", bytes)])
def test_columnar_files_are_unpacked_by_their_suffix(house: CopyHouse, form: str, suffix: str, pack: Any) -> None:
    content = columnar(house, form, pa.table({"a": [5]})).read_bytes()
    house.file(f"packed{suffix}", pack(content))
    house.table("a integer")
    house.run(f"COPY t FROM 'packed{suffix}' {form}")
    assert house.run("SELECT a FROM t") == [(5,)]


@pytest.mark.parametrize("form", ["ORC", "PARQUET"])
def test_a_manifest_of_columnar_files_tells_lengths(house: CopyHouse, form: str) -> None:
    path = columnar(house, form, pa.table({"a": [5]}))
    house.table("a integer")
    for meta, message in (({}, "does not say how long"), ({"content_length": 3}, "where the manifest says 3")):
        house.file("list", json.dumps({"entries": [{"url": "load/part", "meta": meta}]}))
        assert message in str(house.fails(f"COPY t FROM 'list' {form} MANIFEST"))
    entry = {"url": "load/part", "mandatory": True, "meta": {"content_length": path.stat().st_size}}
    house.file("list", json.dumps({"entries": [entry]}))
    house.run(f"COPY t FROM 'list' {form} MANIFEST")
    assert house.run("SELECT a FROM t") == [(5,)]


# -- fixed widths, whole documents -------------------------------------------------------------------------


def test_fixed_widths_count_characters(house: CopyHouse) -> None:
    content = "header, skipped\n  1éa   2020-01-02\n 22ab d 2020-01-03\n"
    found = house.load(
        content, "FIXEDWIDTH 'id:3,name:5,day:10' IGNOREHEADER 1", "id integer, name varchar(9), day date"
    )
    assert sorted(found) == [(1, "éa   ", date(2020, 1, 2)), (22, "ab d ", date(2020, 1, 3))]
    assert house.load("  5\n", "FIXEDWIDTH AS 'a:3' TRIMBLANKS", "a varchar(9)") == [("  5",)]
    assert house.load("ab   \n", "FIXEDWIDTH AS 'a:5' TRIMBLANKS", "a varchar(9)") == [("ab",)]


def test_lines_of_another_width_are_in_error(house: CopyHouse) -> None:
    columns = "a varchar(9), b integer"
    assert [row[2] for row in house.refused("ab1x\n", "FIXEDWIDTH 'a:2,b:1'", columns)] == [1202]
    assert [row[2] for row in house.refused("ab\n", "FIXEDWIDTH 'a:2,b:1'", columns)] == [1203]
    assert house.load("ab\n", "FIXEDWIDTH 'a:2,b:1' FILLRECORD", columns) == [("ab", None)]
    house.file("load/part", "ab1\n")
    assert "3 fields where 2 columns" in str(house.fails("COPY t FROM 'load/part' FIXEDWIDTH 'a:1,b:1,c:1'"))


def test_a_whole_document_becomes_one_super_value(house: CopyHouse) -> None:
    house.table("doc super")
    house.file("load/part", '{"a": 1,\n "b": [1.50, {"c": "d"}]}\n[7, 8]\n"text"\n')
    house.run("COPY t FROM 'load/part' JSON 'noshred'")
    assert house.run("SELECT count(*) FROM t") == [(3,)]
    assert house.run("SELECT doc.b[1].c::varchar FROM t WHERE doc.a = 1") == [("d",)]
    house.table("doc super, n integer")
    assert "one SUPER column" in str(house.fails("COPY t FROM 'load/part' JSON 'noshred'"))
    house.run("COPY t (doc) FROM 'load/part' JSON 'noshred'")
    assert house.run("SELECT count(*) FROM t") == [(3,)]


# -- encodings ---------------------------------------------------------------------------------------------

TEXT = "1|blåbær\n2|日本|\n3|😀\n"


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("UTF16", codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")),
        ("UTF16", codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be")),
        ("UTF16LE", TEXT.encode("utf-16-le")),
        ("UTF16LE", codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")),
        ("UTF16BE", TEXT.encode("utf-16-be")),
        ("UTF-16BE", codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be")),
        ("UTF8", codecs.BOM_UTF8 + TEXT.encode()),
    ],
)
def test_utf16_is_read_with_its_marks(house: CopyHouse, encoding: str, content: bytes) -> None:
    found = house.load(content, f"ENCODING AS {encoding}", "a integer, b varchar(40)")
    assert sorted(found) == [(1, "blåbær"), (2, "日本"), (3, "😀")]


def test_latin_letters_and_packed_files_are_brought_to_utf8(house: CopyHouse) -> None:
    content = gzip.compress('1,blåbær\n2,"ñ,ü"\n'.encode("latin-1"))
    assert sorted(house.load(content, "CSV GZIP ENCODING ISO88591", "a integer, b varchar(20)")) == [
        (1, "blåbær"), (2, "ñ,ü"),
    ]  # fmt: skip
    assert house.load('{"a": "ø"}'.encode("utf-16"), "JSON 'auto' ENCODING UTF16", "a varchar(9)") == [("ø",)]


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("UTF16", TEXT.encode("utf-16-le")),
        ("UTF16BE", codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")),
        ("UTF16LE", codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be")),
        ("UTF16LE", TEXT.encode("utf-16-le")[:-1]),
        ("UTF16LE", b"\x00\xd8a\x00\n\x00"),
    ],
    ids=["no mark", "little for big", "big for little", "half a character", "half a pair"],
)
def test_a_file_in_another_encoding_is_skipped_with_an_error(house: CopyHouse, encoding: str, content: bytes) -> None:
    house.table("a integer, b varchar(40)")
    house.file("enc/1", TEXT.encode("utf-16-le" if encoding != "UTF16BE" else "utf-16-be"))
    house.file(
        "enc/1",
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le") if encoding == "UTF16" else (house.lake / "enc/1").read_bytes(),
    )
    house.file("enc/2", content)
    assert house.fails(f"COPY t FROM 'enc/' ENCODING {encoding}").sqlstate == "XX000"
    assert [(row[0], row[2]) for row in house.errors()] == [(0, 1221)]
    house.run(f"COPY t FROM 'enc/' ENCODING {encoding} MAXERROR 5")
    assert house.run("SELECT count(*) FROM t") == [(3,)]


def test_bytes_that_are_no_text_are_replaced_and_told(house: CopyHouse) -> None:
    content = b"1|a\xffb|ok\n2|good|ok\n3|x|\xe2\x82\n"
    columns = "a integer, b varchar(9), c varchar(9)"
    assert sorted(house.load(content, "ACCEPTINVCHARS AS '#'", columns)) == [
        (1, "a#b", "ok"), (2, "good", "ok"), (3, "x", "##"),
    ]  # fmt: skip
    told = "SELECT line_number, trim(colname), trim(raw_line) FROM stl_replacements WHERE query = pg_last_copy_id() ORDER BY 1"
    assert house.run(told) == [(1, "b", "1|a#b|ok"), (3, "c", "3|x|##")]
    assert [row[2] for row in house.refused(content, "", columns)] == [1220]


# -- what is refused by name -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tail", "sqlstate", "message"),
    [
        ("FROM 'emr://j-1/part' ", "0A000", "COPY from an Amazon EMR cluster is not supported"),
        ("FROM 'dynamodb://orders' ", "0A000", "COPY from a DynamoDB table is not supported"),
        ("FROM 'dynamodb://orders' READRATIO 50", "0A000", "COPY option READRATIO is not supported"),
        ("FROM 'x' SSH", "0A000", "COPY option SSH is not supported"),
        ("FROM 'x' SHAPEFILE", "0A000", "COPY format SHAPEFILE is not supported"),
        ("FROM 'x' ENCRYPTED", "0A000", "COPY option ENCRYPTED is not supported"),
        ("FROM 'x' CREDENTIALS 'aws_access_key_id=a;aws_secret_access_key=b;master_symmetric_key=c'", "0A000",
         "client-side encryption is not supported"),
        ("FROM 'x' CSV FIXEDWIDTH 'a:1'", "22023", "COPY takes one format"),
        ("FROM 'x' FIXEDWIDTH 'a:1' DELIMITER ','", "22023", "DELIMITER cannot be used with FIXEDWIDTH"),
        ("FROM 'x' FIXEDWIDTH 'a'", "22023", "does not say how wide"),
        ("FROM 'x' FIXEDWIDTH 'a:1' ENCODING UTF16", "22023", "takes no ENCODING but UTF8"),
        ("FROM 'x' PARQUET GZIP", "22023", "takes no compression option"),
        ("FROM 'x' ORC MAXERROR 5", "22023", "MAXERROR cannot be used with ORC"),
        ("FROM 'x' PARQUET ACCEPTANYDATE", "22023", "ACCEPTANYDATE cannot be used with PARQUET"),
        ("FROM 'x' CSV SERIALIZETOJSON", "22023", "SERIALIZETOJSON cannot be used with CSV"),
        ("FROM 'x' AVRO 'noshred'", "22023", "AVRO has no 'noshred'"),
        ("FROM 'x' EXPLICIT_IDS", "22023", "EXPLICIT_IDS needs the IDENTITY column"),
        ("FROM 'x' ENCODING EBCDIC", "42601", "syntax error"),
    ],
)  # fmt: skip
def test_what_does_not_go_says_so(house: CopyHouse, tail: str, sqlstate: str, message: str) -> None:
    house.table("a integer")
    failure = house.fails(f"COPY t {tail}")
    assert (failure.sqlstate, message in str(failure)) == (sqlstate, True), failure


def test_identity_columns_by_default_take_what_is_listed(house: CopyHouse) -> None:
    house.table("id integer GENERATED BY DEFAULT AS IDENTITY(1,1), a integer, b varchar(9) DEFAULT 'none' NOT NULL")
    house.file("load/part", "70|7\n")
    house.run("COPY t (id, a) FROM 'load/part'")
    assert house.run("SELECT id, a, b FROM t") == [(70, 7, "none")]
    assert "EXPLICIT_IDS needs" in str(house.fails("COPY t (a, b) FROM 'load/part' EXPLICIT_IDS"))


def test_decimals_are_cut_off_however_they_are_written(house: CopyHouse) -> None:
    content = "9.5e-3|1.999E0\n-9.999e-1|12E1\n1e-30|0.5e1\n"
    assert sorted(house.load(content, "", "a numeric(9,2), b numeric(9,2)")) == [
        (Decimal("-0.99"), Decimal("120.00")), (Decimal("0.00"), Decimal("1.99")), (Decimal("0.00"), Decimal("5.00")),
    ]  # fmt: skip
