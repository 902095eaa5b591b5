"""Text files to records, precisely; facts from "Data format parameters" and "Data conversion parameters"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from boathouse.lake.copy.options import load_options
from boathouse.lake.copy.readers.records import Chunk, read_chunks
from boathouse.sql.statements import CopyFrom, Credentials, QualifiedName


def _read(folder: Path, content: bytes, columns: int, **options: Any) -> Chunk:
    path = folder / "part"
    path.write_bytes(content)
    statement = CopyFrom(
        text="COPY t FROM 'part'",
        table=QualifiedName("t"),
        columns=(),
        source="part",
        credentials=Credentials(),
        options={"FORMAT": "text", **options},
    )
    (chunk,) = read_chunks(path, columns, load_options(statement), 1 << 20)
    return chunk


def test_a_quote_that_never_closes_is_a_row_error_with_removequotes(tmp_path: Path) -> None:
    chunk = _read(tmp_path, b'"a|b\n"c"|d\n', 1 + 1, REMOVEQUOTES=True)
    assert chunk.rows == [["c", "d"]]
    assert [(line, code) for line, _, code in chunk.bad] == [(1, 1216)]


def test_bad_bytes_in_an_escaped_records_first_line_are_found(tmp_path: Path) -> None:
    chunk = _read(tmp_path, b"\xff\\\nx|1\ny|2\n", 2, ESCAPE=True)
    assert chunk.rows == [["y", "2"]]
    assert [code for *_, code in chunk.bad] == [1220]


def test_too_many_and_too_few_fields_have_their_own_codes(tmp_path: Path) -> None:
    chunk = _read(tmp_path, b"1|2|3\n1\n1|2\n", 2)
    assert chunk.rows == [["1", "2"]]
    assert [(line, code) for line, _, code in chunk.bad] == [(1, 1202), (2, 1203)]
