"""COPY data from clients: any portions give the same rows, and what we write we read."""

from __future__ import annotations

import itertools

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boathouse.contracts.answers import CopyOut, Field, Rows
from boathouse.contracts.errors import BoathouseError, DataError
from boathouse.contracts.types import INTEGER, VARCHAR, arrow_type
from boathouse.endpoints.postgres.encode_copy import CopyEncoder
from boathouse.wire.postgres.decode_copy import copy_decoder

A_B = (Field("a", VARCHAR), Field("b", VARCHAR))
COPY_PAGE = "https://www.postgresql.org/docs/current/sql-copy.html"

cell = (
    st.none()
    | st.text(st.sampled_from("ab\\N.\t\n\r,\"\x0b'é;| "), max_size=6)
    | st.sampled_from(["", "\\N", "\\.", "NULL"])
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    borders = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in itertools.pairwise(borders)]


def rows_of(decoder, portions) -> list[tuple]:
    rows = [row for portion in portions for row in decoder.feed(portion)]
    return rows + decoder.finish()


def payloads(stream: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(stream):
        assert stream[at : at + 1] == b"d"
        end = at + 1 + int.from_bytes(stream[at + 1 : at + 5], "big")
        found.append(stream[at + 5 : end])
        at = end
    return found


def encoded(rows: list[tuple], fields, form: str, **options) -> list[bytes]:
    arrays = [pa.array([row[place] for row in rows], arrow_type(field.type)) for place, field in enumerate(fields)]
    batch = pa.record_batch(arrays, names=[field.name for field in fields])
    defaults = {"text": {}, "csv": {"delimiter": ",", "null": ""}, "binary": {}}[form]
    encoder = CopyEncoder(CopyOut(Rows(tuple(fields), iter([batch])), form, **{**defaults, **options}))
    stream = b"".join(bytes(chunk) for chunk in encoder.chunks())
    assert encoder.rows == len(rows)
    return payloads(stream)


OPTIONS = [
    ("text", {}),
    ("text", {"delimiter": "|", "null": "NULL", "header": True}),
    ("text", {"delimiter": ",", "null": ""}),
    ("csv", {}),
    ("csv", {"header": True, "null": "\\N"}),
    ("csv", {"quote": "'", "escape": "\\", "delimiter": ";"}),
    ("binary", {}),
]


@pytest.mark.parametrize(("form", "options"), OPTIONS)
@settings(max_examples=150)
@given(rows=st.lists(st.tuples(cell, cell), max_size=8), places=st.lists(st.integers(0, 400), max_size=12))
def test_what_copy_writes_copy_reads_in_any_portions(form, options, rows, places):
    if options.get("null") == "" and form == "text":
        rows = [tuple(None if value == "" else value for value in row) for row in rows]
    if options.get("null") == "NULL" and form == "text":
        rows = [tuple(None if value == "NULL" else value for value in row) for row in rows]
    data = b"".join(encoded(rows, A_B, form, **options))
    decoder = copy_decoder(form, A_B, **options)
    assert rows_of(decoder, cut(data, places)) == rows


@pytest.mark.parametrize("form", ["text", "csv"])
@settings(max_examples=100)
@given(rows=st.lists(st.tuples(cell), max_size=8))
def test_a_single_column_keeps_its_end_marks_and_empty_lines(form, rows):
    fields = A_B[:1]
    data = b"".join(encoded(rows, fields, form))
    assert rows_of(copy_decoder(form, fields), [data]) == rows


def test_each_row_is_a_message_of_its_own():
    assert encoded([("x", None), ("y", "z")], A_B, "text") == [b"x\t\\N\n", b"y\tz\n"]
    assert len(encoded([("x", None), ("y", "z")], A_B, "binary")) == 3


def test_csv_quotes_what_it_must():
    rows = [("", None), ('say "hi"', "a,b"), ("line\nbreak", "\\.")]
    assert encoded(rows, A_B, "csv", header=True) == [
        b"a,b\n",
        b'"",\n',
        b'"say ""hi""","a,b"\n',
        b'"line\nbreak",\\.\n',
    ]


def test_an_empty_binary_copy_has_a_header_and_a_trailer():
    (message,) = encoded([], A_B, "binary")
    assert message == b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\xff\xff"
    assert rows_of(copy_decoder("binary", A_B), [message]) == []


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (rb"a\tb" + b"\t" + rb"\N", ("a\tb", None)),
        (rb"\\N" + b"\t" + rb"\x41\102", ("\\N", "AB")),
        (rb"\303\251" + b"\t" + rb"\q", ("é", "q")),
        (b"a\\\nb\tc", ("a\nb", "c")),
        (b"a\\\tb\tc", ("a\tb", "c")),
    ],
)
def test_text_escapes_are_those_of_the_copy_page(line, row):
    assert rows_of(copy_decoder("text", A_B), [line + b"\n"]) == [row]


@pytest.mark.parametrize("form", ["text", "csv"])
def test_the_end_mark_ends_the_data(form):
    data = b"a,b\n\\.\nrubbish\n"
    assert rows_of(copy_decoder(form, A_B, delimiter=","), [data]) == [("a", "b")]


def test_windows_line_ends_are_no_data():
    assert rows_of(copy_decoder("csv", A_B), [b"a,b\r\n", b'"x\r\ny",\r\n']) == [("a", "b"), ("x\r\ny", None)]


@pytest.mark.parametrize(
    ("form", "data", "sqlstate", "message", "line"),
    [
        ("text", b"a\tb\na\n", "22P04", 'missing data for column "b"', "line 2"),
        ("text", b"a\tb\tc\n", "22P04", "extra data after last expected column", "line 1"),
        ("csv", b"a,b\n1,2\n1,2,3\n", "22P04", "extra data after last expected column", "line 3"),
        ("csv", b'a,"b\n', "22P04", "unterminated CSV quoted field", "line 1"),
        ("text", b"a\t\xff\n", "22021", 'invalid byte sequence for encoding "UTF8": 0xff', "line 1"),
        ("text", b"a\t\\377\n", "22021", 'invalid byte sequence for encoding "UTF8": 0xff', "line 1"),
        ("binary", b"PGCOPX\n\xff\r\n\0" + bytes(8), "22P04", "COPY file signature not recognized", None),
        ("binary", b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\0\3", "22P04", "row field count is 3, expected 2", "row 1"),
        ("binary", b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\0\2\0", "22P04", "unexpected EOF in COPY data", "row 1"),
    ],
)
def test_broken_data_is_refused_with_its_place(form, data, sqlstate, message, line):
    with pytest.raises(DataError) as caught:
        rows_of(copy_decoder(form, A_B), [data])
    assert (caught.value.sqlstate, caught.value.message) == (sqlstate, message)
    assert line is None or line in caught.value.detail


def test_a_binary_field_of_the_wrong_length_names_its_column():
    data = b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\0\1\0\0\0\3abc"
    with pytest.raises(BoathouseError) as caught:
        copy_decoder("binary", [Field("n", INTEGER)]).feed(data)
    assert caught.value.sqlstate == "22P03"
    assert 'column "n"' in caught.value.detail
