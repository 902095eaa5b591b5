"""COPY of delimited text and CSV through a whole house.

Facts: Redshift Developer Guide, pages "Data format parameters", "Data conversion parameters", "Data load operations",
"Load error reference".
"""

from __future__ import annotations

import bz2
import gzip
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from copy_house import CopyHouse

BOTH = pytest.mark.parametrize("path", ["fast", "precise"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CopyHouse]:
    made = CopyHouse(tmp_path_factory.mktemp("copy") / "home")
    yield made
    made.close()


def test_plain_text_is_split_at_pipes(house: CopyHouse) -> None:
    assert house.load("1|x\n2|y\n") == [("1", "x"), ("2", "y")]


def test_the_last_line_needs_no_end(house: CopyHouse) -> None:
    assert house.load("1|x\n2|y") == [("1", "x"), ("2", "y")]


@pytest.mark.parametrize("content", ["1|x|\n2|y|\n", "1|x|\n2|y\n"])
def test_one_delimiter_at_a_lines_end_is_no_column(house: CopyHouse, content: str) -> None:
    assert house.load(content) == [("1", "x"), ("2", "y")]


@pytest.mark.parametrize("content", ["1|x\r\n2|y\r\n", "1|x\r\n2|y\n", "1|x\n2|y\r\n", "1|x\r\n2|y"])
def test_line_ends_may_be_of_either_kind_and_mixed(house: CopyHouse, content: str) -> None:
    assert house.load(content) == [("1", "x"), ("2", "y")]


def test_a_carriage_return_inside_a_field_is_data(house: CopyHouse) -> None:
    assert house.load("1|x\ry\n2|z\n") == [("1", "x\ry"), ("2", "z")]


def test_a_byte_order_mark_is_no_data(house: CopyHouse) -> None:
    assert house.load(b"\xef\xbb\xbf1|x\n") == [("1", "x")]
    assert house.load(b"\xef\xbb\xbf1|x\\\n\n", "ESCAPE") == [("1", "x\n")]


@pytest.mark.parametrize(("written", "mark"), [(",", ","), ("\\t", "\t"), ("\\001", "\x01"), (";", ";")])
def test_the_delimiter_may_be_any_ascii_character(house: CopyHouse, written: str, mark: str) -> None:
    assert house.load(f"1{mark}x\n", f"DELIMITER '{written}'") == [("1", "x")]


def test_headers_are_left_out_of_every_file(house: CopyHouse) -> None:
    house.table("a integer")
    for part in range(3):
        house.file(f"headed/{part}", f"a\nunit\n{part}\n")
    house.run("COPY t FROM 'headed/' IGNOREHEADER 2")
    assert house.run("SELECT a FROM t ORDER BY a") == [(0,), (1,), (2,)]


@pytest.mark.parametrize("content", ["", "a|b\n"])
def test_a_file_without_rows_loads_nothing(house: CopyHouse, content: str) -> None:
    assert house.load(content, "IGNOREHEADER 1") == []


def test_blank_lines_are_errors_unless_ignored(house: CopyHouse) -> None:
    assert [row[2] for row in house.refused("1|x\n\n2|y\n")] == [1211]
    assert house.load("\n1|x\n\n2|y\n\n", "IGNOREBLANKLINES") == [("1", "x"), ("2", "y")]


def test_a_blank_line_is_an_empty_value_of_one_column(house: CopyHouse) -> None:
    assert house.load("x\n\ny\n", columns="a varchar(5)") == [("x",), ("",), ("y",)]


def test_escaped_delimiters_line_ends_and_backslashes_are_data(house: CopyHouse) -> None:
    content = "1|a\\|b\n2|a\\\nb\n3|a\\\\\n4|\\N\n5|\\\\N\n6|plain\n"
    assert house.load(content, "ESCAPE") == [
        ("1", "a|b"), ("2", "a\nb"), ("3", "a\\"), ("4", None), ("5", None), ("6", "plain"),
    ]  # fmt: skip


def test_without_escape_a_backslash_is_data(house: CopyHouse) -> None:
    assert house.load("1|a\\b\n") == [("1", "a\\b")]


def test_surrounding_quotes_are_removed_where_asked(house: CopyHouse) -> None:
    assert house.load('"1"|\'a|b\'\n2|"a"b"\n', "REMOVEQUOTES") == [("1", "a|b"), ("2", 'a"b')]
    assert house.load('"1"|x\n') == [('"1"', "x")]


def test_csv_keeps_quotes_delimiters_and_line_ends_of_quoted_fields(house: CopyHouse) -> None:
    content = '1,"a,b"\n2,"say ""hi"""\n3,"two\nlines"\n4,"blank\n\nline"\n5,""\n6,\n'
    assert house.load(content, "CSV") == [
        ("1", "a,b"), ("2", 'say "hi"'), ("3", "two\nlines"), ("4", "blank\n\nline"), ("5", ""), ("6", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("more", ["", "\n"])
def test_csv_ignores_blanks_around_quoted_fields(house: CopyHouse, more: str) -> None:
    rows = house.load(f'1, "a" \n"2" ,b\n{more}', "CSV IGNOREBLANKLINES" if more else "CSV")
    assert rows == [("1", "a"), ("2", "b")]


def test_csv_takes_another_quote(house: CopyHouse) -> None:
    assert house.load("1,%a,b%\n", "CSV QUOTE '%'") == [("1", "a,b")]


def test_a_csv_line_end_of_two_characters_inside_quotes_is_kept(house: CopyHouse) -> None:
    assert house.load('1,"a\r\nb"\r\n', "CSV") == [("1", "a\r\nb")]
    assert house.load('1,"a\r\nb"\n', "CSV") == [("1", "a\r\nb")]


def test_an_unclosed_csv_quote_is_a_row_in_error(house: CopyHouse) -> None:
    assert [row[2] for row in house.refused('1,"a\n2,b\n', "CSV")] == [1216]


@BOTH
def test_null_marker_and_empty_fields_by_type(house: CopyHouse, path: str) -> None:
    columns = "a varchar(9), b integer, c date, d char(3), e boolean, f numeric(8,2)"
    more = "ESCAPE" if path == "precise" else ""
    assert house.load("|||||\n\\N|\\N|\\N|\\N|\\N|\\N\n", more, columns) == [
        ("", None, None, "   ", None, None), (None,) * 6,
    ]  # fmt: skip
    assert house.load("|||||\n", f"EMPTYASNULL {more}", columns) == [(None,) * 6]
    assert house.load("  |  |  |  |  |  \n", f"BLANKSASNULL {more}", columns) == [(None,) * 6]
    assert house.load("-1|-1|-1|-1|-1|-1\n", f"NULL AS '-1' {more}", columns) == [(None,) * 6]


def test_the_default_null_marker_is_backslash_n(house: CopyHouse) -> None:
    assert house.load("\\N|x\n") == [(None, "x")]
    assert house.load("\\N|x\n", "NULL AS ''") == [("\\N", "x")]


def test_trailing_blanks_go_where_asked(house: CopyHouse) -> None:
    assert house.load("a  |b\n") == [("a  ", "b")]
    assert house.load("a  |b\n", "TRIMBLANKS") == [("a", "b")]


@BOTH
def test_too_long_texts_are_errors_or_cut_by_bytes(house: CopyHouse, path: str) -> None:
    columns = "a varchar(3), b char(2)"
    more = "ESCAPE" if path == "precise" else ""
    assert house.refused("abcd|x\n", more, columns)[0][1:3] == ("a", 1204)
    assert house.refused("ééé|x\n", more, columns)[0][1:3] == ("a", 1204)
    assert house.load("abcd|xyz\nééé|x\n", f"TRUNCATECOLUMNS {more}", columns) == [("abc", "xy"), ("é", "x ")]


def test_multibyte_characters_are_refused_in_char(house: CopyHouse) -> None:
    assert house.refused("é|x\n", "", "a char(4), b varchar(2)")[0][1:3] == ("a", 1220)


def test_missing_fields_are_errors_or_filled(house: CopyHouse) -> None:
    columns = "a integer, b varchar(9), c integer"
    assert house.refused("1\n", "", columns)[0][2] == 1214
    assert house.load("1\n2|x\n3|y|4\n", "FILLRECORD", columns) == [(1, "", None), (2, "x", None), (3, "y", 4)]
    assert house.load("1\n", "FILLRECORD EMPTYASNULL", columns) == [(1, None, None)]


def test_extra_fields_are_errors(house: CopyHouse) -> None:
    assert house.refused("1|x|more\n")[0][2] == 1202


def test_wrong_utf8_is_an_error_or_replaced_byte_by_byte(house: CopyHouse) -> None:
    assert house.refused(b"1|a\xff\xfeb\n")[0][2] == 1220
    assert house.load(b"1|a\xff\xfeb\n", "ACCEPTINVCHARS") == [("1", "a??b")]
    assert house.load(b"1|a\xff\xfeb\n", "ACCEPTINVCHARS AS '^'") == [("1", "a^^b")]


@BOTH
def test_integers_are_digits_and_nothing_else(house: CopyHouse, path: str) -> None:
    more = "ESCAPE" if path == "precise" else ""
    assert house.load("1\n-2\n+3\n007\n 4 \n", more, "a integer") == [(1,), (-2,), (3,), (7,), (4,)]
    for wrong in ("1.5", "1e3", "1_0", "0x1", "x"):
        assert house.refused(f"{wrong}\n", more, "a integer")[0][1:3] == ("a", 1207), wrong
    assert house.refused("2147483648\n", more, "a integer")[0][2] == 1222


@BOTH
def test_decimals_are_cut_unless_rounded(house: CopyHouse, path: str) -> None:
    more = "ESCAPE" if path == "precise" else ""
    assert house.load("20.259\n-20.259\n1\n.5\n", more, "a numeric(8,2)") == [
        (Decimal("20.25"),), (Decimal("-20.25"),), (Decimal("1.00"),), (Decimal("0.50"),),
    ]  # fmt: skip
    assert house.load("20.259\n", f"ROUNDEC {more}", "a numeric(8,2)") == [(Decimal("20.26"),)]
    assert house.refused("x\n", more, "a numeric(8,2)")[0][2] == 1209
    assert house.refused("1234567.1\n", more, "a numeric(8,2)")[0][2] == 1209


def test_booleans_floats_and_their_errors(house: CopyHouse) -> None:
    assert house.load("t|1.5\nno|1e3\n", "", "a boolean, b double precision") == [(True, 1.5), (False, 1000.0)]
    assert house.refused("maybe\n", "", "a boolean")[0][2] == 1210
    assert house.refused("x\n", "", "a double precision")[0][2] == 1208


@pytest.mark.parametrize(
    ("options", "text"),
    [("", "2020-02-29"), ("DATEFORMAT 'DD/MM/YYYY'", "29/02/2020"), ("DATEFORMAT 'auto'", "29 Feb, 2020"),
     ("DATEFORMAT 'auto'", "2/29/2020"), ("DATEFORMAT 'auto'", "20200229")],
)  # fmt: skip
def test_dates_by_format(house: CopyHouse, options: str, text: str) -> None:
    assert house.load(f"{text}\n", options, "a date") == [(date(2020, 2, 29),)]


def test_wrong_dates_are_errors_or_null(house: CopyHouse) -> None:
    assert house.refused("2020-02-30\n", "", "a date")[0][2] == 1205
    assert house.load("2020-02-30\n", "ACCEPTANYDATE DATEFORMAT 'YYYY-MM-DD'", "a date") == [(None,)]
    assert house.refused("2020-02-30\n", "ACCEPTANYDATE", "a date NOT NULL")[0][2] == 1213


@pytest.mark.parametrize(
    ("options", "text", "found"),
    [
        ("", "2020-02-29 13:14:15.5", datetime(2020, 2, 29, 13, 14, 15, 500000)),
        ("TIMEFORMAT 'MM.DD.YYYY HH:MI:SS'", "02.29.2020 13:14:15", datetime(2020, 2, 29, 13, 14, 15)),
        ("TIMEFORMAT 'auto'", "2020-02-29T13:14:15", datetime(2020, 2, 29, 13, 14, 15)),
        ("TIMEFORMAT 'auto'", "Feb 29 13:14:15 2020", datetime(2020, 2, 29, 13, 14, 15)),
        ("TIMEFORMAT 'epochsecs'", "1582982055", datetime(2020, 2, 29, 13, 14, 15)),
        ("TIMEFORMAT 'epochmillisecs'", "1582982055250", datetime(2020, 2, 29, 13, 14, 15, 250000)),
    ],
)
def test_timestamps_by_format(house: CopyHouse, options: str, text: str, found: datetime) -> None:
    assert house.load(f"{text}\n", options, "a timestamp") == [(found,)]
    (((instant),),) = house.load(f"{text}\n", options, "a timestamptz")
    assert instant == found.replace(tzinfo=UTC)


def test_wrong_timestamps_are_errors(house: CopyHouse) -> None:
    assert house.refused("yesterday\n", "", "a timestamp")[0][2] == 1206
    assert house.refused("99999999999999999999\n", "TIMEFORMAT 'epochsecs'", "a timestamp")[0][2] == 1206


def test_super_and_varbyte_from_text(house: CopyHouse) -> None:
    house.load('{"a": [1, 2]}|ff00\n', "", "a super, b varbyte(4)")
    assert house.run("SELECT a.a[1]::integer, b FROM t") == [(2, b"\xff\x00")]
    assert house.refused("{|00\n", "", "a super, b varbyte(4)")[0][1:3] == ("a", 1224)


@pytest.mark.parametrize("name", ["gzip", "bzip2", "zstd"])
def test_compressed_files_are_read(house: CopyHouse, name: str) -> None:
    plain = b"1|x\n2|y\n"
    packed = {
        "gzip": gzip.compress(b"1|x\n") + gzip.compress(b"2|y\n"),
        "bzip2": bz2.compress(plain),
        "zstd": pa.Codec("zstd").compress(plain, asbytes=True),
    }[name]
    assert house.load(packed, name) == [("1", "x"), ("2", "y")]


@pytest.mark.parametrize("content", [gzip.compress(b"1|x\n" * 1000, mtime=0)[:-9], b"1|x\n"])
def test_a_file_that_is_not_whole_or_not_compressed_is_refused(house: CopyHouse, content: bytes) -> None:
    house.table("a varchar(9), b varchar(9)")
    house.file("load/part", content)
    assert "is not a whole gzip file" in str(house.fails("COPY t FROM 'load/part' GZIP"))
    assert house.run("SELECT count(*) FROM t") == [(0,)]


def test_a_line_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    house = CopyHouse(tmp_path / "home", {"lake": {"copy_raw_line_bytes_max": 1000}})
    house.table("a varchar(65535)")
    house.file("long", "x" * 2000 + "\n")
    assert "line 1 is longer than 1000 bytes" in str(house.fails("COPY t FROM 'long' ESCAPE"))
    house.close()
