"""What a COPY leaves behind: rows, errors, notices and numbers; manifests, JSON, Parquet, columns, transactions.

Facts: Redshift Developer Guide, pages "COPY", "Using a manifest to specify data files", "COPY from JSON format", "COPY
from columnar data formats", "STL_LOAD_ERRORS", "STL_LOAD_COMMITS".
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from copy_house import CopyHouse

from boathouse.lake.copy.load import Load


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CopyHouse]:
    made = CopyHouse(tmp_path_factory.mktemp("copy") / "home")
    yield made
    made.close()


def test_every_file_of_the_prefix_is_loaded_and_no_other(house: CopyHouse) -> None:
    house.table("a integer")
    for name in ("day-1", "day-2/deep", "week-1"):
        house.file(f"prefix/{name}", f"{name[-1].replace('p', '2')}\n")
    house.run("COPY t FROM 'prefix/day'")
    assert house.run("SELECT a FROM t ORDER BY 1") == [(1,), (2,)]
    assert "does not exist" in str(house.fails("COPY t FROM 'prefix/month'"))


@pytest.mark.parametrize("name", ["x[1].csv", "a*b", "q?", "year=2020", "it's"])
def test_names_mean_themselves_to_every_reader(house: CopyHouse, name: str) -> None:
    house.table("a integer")
    house.file(f"names/{name}/part", "1\n")
    house.file("names/x1.csv/part", "999\n")
    quoted = name.replace("'", "''")
    house.run(f"COPY t FROM 'names/{quoted}/'")
    pq.write_table(pa.table({"p": [2]}), house.file(f"parquet/{name}/part", ""))
    house.run(f"COPY t FROM 'parquet/{quoted}/' PARQUET")
    assert house.run("SELECT a FROM t ORDER BY 1") == [(1,), (2,)]


def test_a_failing_second_file_leaves_the_table_as_it_was(house: CopyHouse) -> None:
    house.table("a integer")
    house.run("INSERT INTO t VALUES (7)")
    house.file("two/1", "1\n2\n")
    house.file("two/2", "3\nx\n")
    failure = house.fails("COPY t FROM 'two/'")
    assert "line 2" in str(failure.detail) and "column a" in str(failure.detail)
    assert house.run("SELECT a FROM t") == [(7,)]


def test_a_row_in_error_is_told_with_file_line_column_and_place(house: CopyHouse) -> None:
    house.refused("1|ok\n2|ok\n3x|é|\n", "", "a integer, b varchar(9)")
    (row,) = house.errors(
        "userid, trim(filename), line_number, trim(colname), trim(type), position, trim(raw_line), "
        "trim(raw_field_value), err_code, trim(err_reason), session"
    )
    name = str(house.lake / "load/part")
    reason = "Invalid digit, Value 'x', Pos 1, Type: Integer"
    assert row == (100, name, 3, "a", "int4", 0, "3x|.|", "3x", 1207, reason, house.session.pid)
    house.run("INSERT INTO t VALUES (1, 'a')")  # svv_table_info leaves out empty tables
    assert house.errors("tbl = (SELECT table_id FROM svv_table_info WHERE \"table\" = 't')") == [(True,)]


def test_long_multibyte_lines_are_kept_in_so_many_bytes(house: CopyHouse) -> None:
    house.refused("é" * 2000 + "\n", "", "a varchar(9)")
    ((line, field),) = house.errors("octet_length(trim(raw_line)), octet_length(trim(raw_field_value))")
    assert (line, field) == (1024, 1024)


def test_errors_outlive_a_rolled_back_block(house: CopyHouse) -> None:
    house.table("a integer")
    house.file("block", "1\nx\n3\n")
    house.run("BEGIN")
    house.run("COPY t FROM 'block' MAXERROR 2")
    assert house.run("SELECT a FROM t ORDER BY 1") == [(1,), (3,)]
    house.run("ROLLBACK")
    assert house.run("SELECT count(*) FROM t") == [(0,)]
    assert [row[0] for row in house.errors()] == [2]


def test_a_table_made_in_the_same_block_is_loaded(house: CopyHouse) -> None:
    house.file("block", "1\n2\n")
    house.run("BEGIN; CREATE TABLE fresh (a integer); COPY fresh FROM 'block'; COMMIT")
    assert house.run("SELECT sum(a) FROM fresh") == [(3,)]
    house.run("CREATE TEMP TABLE passing (a integer); COPY passing FROM 'block'")
    assert house.run("SELECT sum(a) FROM passing") == [(3,)]


@pytest.mark.parametrize(("most", "loads"), [(0, False), (1, False), (2, False), (3, True)])
def test_maxerror_fails_at_so_many_errors(house: CopyHouse, most: int, loads: bool) -> None:
    house.table("a integer")
    house.file("bad", "1\nx\n2\ny\n3\n")
    if not loads:
        assert house.fails(f"COPY t FROM 'bad' MAXERROR {most}").sqlstate == "XX000"
        return
    house.notices.clear()
    house.run(f"COPY t FROM 'bad' MAXERROR {most}")
    assert house.run("SELECT a FROM t ORDER BY 1") == [(1,), (2,), (3,)]
    told = [notice.message for notice in house.notices if notice.severity == "INFO"]
    assert told == [
        "Load into table 't' completed, 2 record(s) could not be loaded.  Check 'stl_load_errors' system table for details.",
        "Load into table 't' completed, 3 record(s) loaded successfully.",
    ]


def test_all_errors_may_be_ignored_and_all_are_kept(house: CopyHouse) -> None:
    house.table("a integer")
    house.file("bad", "".join(f"{n}\nx\n" for n in range(3000)))
    house.run("COPY t FROM 'bad' IGNOREALLERRORS")
    assert house.run("SELECT count(*) FROM t") == [(3000,)]
    assert len(house.errors()) == 3000


def test_noload_reads_and_checks_but_adds_nothing(house: CopyHouse) -> None:
    assert house.load("1|x\n", "NOLOAD") == []
    assert house.refused("x\n", "NOLOAD", "a integer")[0][2] == 1207
    house.table("a bigint")
    pq.write_table(pa.table({"a": [1]}), house.file("noload.parquet", ""))
    house.run("COPY t FROM 'noload.parquet' PARQUET NOLOAD")
    assert house.run("SELECT * FROM t") == []


def test_the_last_copy_is_counted_and_numbered(house: CopyHouse) -> None:
    house.load("1|x\n2|y\n", "STATUPDATE ON")
    ((count, first),) = house.run("SELECT pg_last_copy_count(), pg_last_copy_id()")
    house.load("1|x\n")
    ((_, second),) = house.run("SELECT pg_last_copy_count(), pg_last_copy_id()")
    assert count == 2 and second > first
    files = house.run(f"SELECT trim(filename), lines_scanned, errors FROM stl_load_commits WHERE query = {first}")
    assert files == [(str(house.lake / "load/part"), 2, 0)]


def test_columns_that_are_not_loaded_take_their_defaults(house: CopyHouse) -> None:
    house.table("a integer, b varchar(9) DEFAULT 'none', c integer")
    house.file("pair", "1|2\n")
    house.run("COPY t (c, a) FROM 'pair'")
    assert house.run("SELECT a, b, c FROM t") == [(2, "none", 1)]
    assert house.fails("COPY t (nope) FROM 'pair'").sqlstate == "42703"
    assert house.fails("COPY t (a, a) FROM 'pair'").sqlstate == "42701"


def test_not_null_columns_need_a_value(house: CopyHouse) -> None:
    assert house.refused("\\N|x\n", "", "a integer NOT NULL, b varchar(9)")[0][1:3] == ("a", 1213)
    house.table("a integer NOT NULL, b integer")
    house.file("one", "1\n")
    assert house.fails("COPY t (b) FROM 'one'").sqlstate == "23502"


def test_identity_columns_make_their_values_unless_given(house: CopyHouse) -> None:
    house.table("id integer IDENTITY(1,1), a integer")
    house.file("one", "5\n6\n")
    house.run("COPY t FROM 'one'")
    assert house.run("SELECT a FROM t WHERE id IS NOT NULL ORDER BY id") == [(5,), (6,)]
    house.file("both", "70|7\n")
    house.run("COPY t FROM 'both' EXPLICIT_IDS")
    assert house.run("SELECT a FROM t WHERE id = 70") == [(7,)]
    assert "identity" in str(house.fails("COPY t (id, a) FROM 'both'"))


def _manifest(house: CopyHouse, *entries: dict[str, object]) -> None:
    house.file("list.json", json.dumps({"entries": list(entries)}))


def test_a_manifest_loads_what_it_lists_in_its_way(house: CopyHouse) -> None:
    house.table("a integer")
    house.file("m/1", "1\n")
    house.file("m/2", "2\n")
    _manifest(house, {"url": "m/1", "mandatory": True}, {"url": "m/gone", "mandatory": False}, {"url": "m/1"})
    house.run("COPY t FROM 'list.json' MANIFEST")
    assert house.run("SELECT a FROM t") == [(1,), (1,)]
    _manifest(house, {"url": "m/1"}, {"url": "m/gone", "mandatory": True})
    assert "mandatory" in str(house.fails("COPY t FROM 'list.json' MANIFEST"))
    _manifest(house, {"url": "m/gone"})
    assert "none of the files" in str(house.fails("COPY t FROM 'list.json' MANIFEST"))
    _manifest(house, {"url": "m/1", "meta": {"content_length": 3}})
    assert "has 2 bytes where the manifest says 3" in str(house.fails("COPY t FROM 'list.json' MANIFEST"))
    assert house.fails("COPY t FROM 'm/1' MANIFEST").sqlstate == "22023"
    assert house.run("SELECT a FROM t") == [(1,), (1,)]


def test_json_objects_are_matched_by_name(house: CopyHouse) -> None:
    content = '{"a": 1, "b": "x", "c": 0}\n{"b": null,\n "a": 2}{"B": "z"}'
    columns = "a integer, b varchar(20)"
    assert house.load(content, "JSON 'auto'", columns) == [(1, "x"), (2, None), (None, None)]
    assert house.load(content, "JSON 'auto ignorecase'", columns) == [(1, "x"), (2, None), (None, "z")]


def test_json_numbers_keep_their_digits_and_nested_values_are_super(house: CopyHouse) -> None:
    content = '{"a": 12345678901234567.89, "b": {"c": [1, {"d": "e"}]}, "f": true}'
    house.load(content, "JSON 'auto'", "a numeric(20,2), b super, f boolean")
    assert house.run("SELECT a, b.c[1].d::varchar, f FROM t") == [(Decimal("12345678901234567.89"), "e", True)]


def test_json_rows_in_error_tell_the_last_line_of_their_object(house: CopyHouse) -> None:
    assert house.refused('{"a": 1}\n{"a":\n"x"}\n', "JSON 'auto'", "a integer")[0][:3] == (3, "a", 1207)
    house.file("broken", '{"a": 1}\n{"a": ')
    assert "not well-formed JSON" in str(house.fails("COPY t FROM 'broken' JSON 'auto'"))


def test_jsonpaths_find_values_by_place(house: CopyHouse) -> None:
    house.file("paths.json", '{"jsonpaths": ["$.n.id", "$[\'tags\'][1]"]}')
    assert house.load('{"n": {"id": 5}, "tags": ["x", "y"]}\n{}', "JSON 'paths.json'", "a integer, b varchar(9)") == [
        (5, "y"), (None, None),
    ]  # fmt: skip
    house.file("paths.json", '{"jsonpaths": ["$.a"]}')
    assert "1 paths for 2 columns" in str(house.fails("COPY t FROM 'load/part' JSON 'paths.json'"))
    house.file("paths.json", '{"jsonpaths": ["$.a", "$.b"]}' + " " * 65536)
    assert "larger than 64 KB" in str(house.fails("COPY t FROM 'load/part' JSON 'paths.json'"))


def test_parquet_is_loaded_by_the_order_of_columns(house: CopyHouse) -> None:
    house.table("a integer, b varchar(5), c numeric(8,2)")
    path = house.file("p.parquet", "")
    pq.write_table(pa.table({"z": [1, None], "y": ["x", "yy"], "x": [1.5, 2.25]}), path)
    house.run("COPY t FROM 'p.parquet' PARQUET")
    assert house.run("SELECT * FROM t ORDER BY b") == [(1, "x", Decimal("1.50")), (None, "yy", Decimal("2.25"))]


@pytest.mark.parametrize(
    ("columns", "values", "message"),
    [
        ("a integer", {"a": [1], "b": [2]}, "has 2 columns where 1 are loaded"),
        ("a smallint", {"a": [70000]}, 'value(s) of column "a" do not fit'),
        ("a varchar(2)", {"a": ["xxx"]}, 'value(s) of column "a" do not fit'),
        ("a char(4)", {"a": ["é"]}, 'value(s) of column "a" do not fit'),
        ("a integer NOT NULL", {"a": [1, None]}, "NOT NULL"),
        ("a integer, b integer", {"a": [1]}, "has 1 columns where 2 are loaded"),
    ],
)
def test_parquet_that_does_not_fit_is_refused(house: CopyHouse, columns: str, values: dict, message: str) -> None:
    house.table(columns)
    pq.write_table(pa.table(values), house.file("p.parquet", ""))
    failure = house.fails("COPY t FROM 'p.parquet' PARQUET")
    assert message in str(failure)
    assert house.run("SELECT count(*) FROM t") == [(0,)]


def test_a_parquet_file_written_again_is_read_again(house: CopyHouse) -> None:
    for value in range(12):
        house.table("a integer")
        pq.write_table(pa.table({"a": [value]}), house.file("again.parquet", ""))
        house.run("COPY t FROM 'again.parquet' PARQUET")
        assert house.run("SELECT a FROM t") == [(value,)]


def test_parquet_may_lack_last_columns_where_asked(house: CopyHouse) -> None:
    house.table("a integer, b integer")
    pq.write_table(pa.table({"a": [1]}), house.file("p.parquet", ""))
    house.run("COPY t FROM 'p.parquet' PARQUET FILLRECORD")
    assert house.run("SELECT * FROM t") == [(1, None)]


def test_a_local_file_that_changes_while_it_is_read_fails_the_load(
    house: CopyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.table("a integer")
    path = house.file("moving", "1\n")
    read = Load._load_file

    def read_and_rewrite(load: Load, stage: object, file: object) -> None:
        read(load, stage, file)  # type: ignore[arg-type]
        path.unlink()
        path.write_text("22\n")

    monkeypatch.setattr(Load, "_load_file", read_and_rewrite)
    assert "changed while it was read" in str(house.fails("COPY t FROM 'moving'"))
    monkeypatch.undo()
    assert house.run("SELECT count(*) FROM t") == [(0,)]


def test_spooled_files_are_gone_after_loads_that_fail(house: CopyHouse) -> None:
    house.table("a integer")
    for part in range(4):
        house.file(f"spool/{part}", gzip.compress(b"x\n"))
    house.fails("COPY t FROM 'spool/' GZIP")
    assert not list((house.lake.parent / "tmp").glob("copy-*"))
