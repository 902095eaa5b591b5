"""Text files to records, precisely; facts from "Data format parameters" and "Data conversion parameters"."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from boathouse.lake.copy.options import load_options
from boathouse.lake.copy.readers.raw_fields import field_start, utf8_error
from boathouse.lake.copy.readers.records import Chunk, read_chunks
from boathouse.sql.statements import CopyFrom, Credentials, QualifiedName


def _statement(options: Mapping[str, Any]) -> CopyFrom:
    return CopyFrom(
        text="COPY t FROM 'part'",
        table=QualifiedName("t"),
        columns=(),
        source="part",
        credentials=Credentials(),
        options={"FORMAT": "text", **options},
    )


def _read(folder: Path, content: bytes, columns: int, **options: Any) -> Chunk:
    path = folder / "part"
    path.write_bytes(content)
    (chunk,) = read_chunks(path, columns, load_options(_statement(options)), 1 << 20)
    return chunk


def test_a_quote_that_never_closes_is_a_row_error_with_removequotes(tmp_path: Path) -> None:
    chunk = _read(tmp_path, b'"a|b\n"c"|d\n', 1 + 1, REMOVEQUOTES=True)
    assert chunk.rows == [["c", "d"]]
    assert [(one.line, one.code) for one in chunk.bad] == [(1, 1216)]


def test_bad_bytes_in_an_escaped_records_first_line_are_found(tmp_path: Path) -> None:
    chunk = _read(tmp_path, b"\xff\\\nx|1\ny|2\n", 2, ESCAPE=True)
    assert chunk.rows == [["y", "2"]]
    assert [(one.code, one.fields, one.told) for one in chunk.bad] == [(1220, ("?\nx",), "ff (error 3)")]


def test_too_many_and_too_few_fields_have_their_own_codes(tmp_path: Path) -> None:
    chunk = _read(tmp_path, b"1|2|3\n1\n1|2\n", 2)
    assert chunk.rows == [["1", "2"]]
    assert [(one.line, one.code, one.fields) for one in chunk.bad] == [(1, 1202, ()), (2, 1214, ("1",))]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"plain \xc3\xa9", ""),
        (b"\xa4", "a4 (error 3)"),
        (b"\xff\xfe", "ff (error 3)"),
        (b"\xf8\x88\x80\x80", "f8 (error 1)"),
        (b"caf\xe9", "e9 (error 2)"),
        (b"\xe2\x82", "e2 82 (error 2)"),
        (b"\xe9t\xe9", "e9 74 (error 4)"),
        (b"\xe2\x82x", "e2 82 78 (error 4)"),
        (b"\xed\xa0\x80", "ed a0 80 (error 5)"),
        (b"\xc0\xaf", "c0 af (error 6)"),
        (b"\xf4\x90\x80\x80", "f4 90 80 80 (error 6)"),
    ],
)
def test_bytes_that_are_no_utf8_are_told_in_hexadecimal(text: bytes, told: str) -> None:
    assert utf8_error(text) == told


@pytest.mark.parametrize(
    ("raw", "options", "starts"),
    [
        ("a|bc||d", {}, [0, 2, 5, 6]),
        ("a\\|b|c", {"ESCAPE": True}, [0, 5]),
        ('"a|b"|c', {"REMOVEQUOTES": True}, [0, 6]),
        ('x, "a,""b" ,c', {"FORMAT": "csv"}, [0, 2, 12]),
        ('x,a"b,c', {"FORMAT": "csv"}, [0, 2, 6]),
        ("abcdef", {"FORMAT": "fixedwidth", "FIXEDWIDTH": "a:1,b:3,c:2"}, [0, 1, 4]),
        ('{"a": 1}', {"FORMAT": "json"}, [0, 0]),
    ],
)
def test_fields_are_found_in_their_raw_line(raw: str, options: dict[str, Any], starts: list[int]) -> None:
    found = load_options(_statement(options))
    assert [field_start(raw, place, found) for place in range(len(starts))] == starts
