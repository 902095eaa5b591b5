"""pgoutput as bytes: damaged messages are clean errors, and what is read is what was written."""

from __future__ import annotations

from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boathouse.capture.changes import ChangeBatch, LogItem, Reached, TableFailed
from boathouse.capture.postgres.decode import Decoder
from boathouse.capture.postgres.tuples import UNCHANGED, columns_of, tuple_at
from boathouse.contracts.source_errors import SourceRefused

OID = 16_400
RELATION = (
    b"R" + pack("!I", OID) + b"public\0t\0d" + pack("!H", 2)
    + b"\1id\0" + pack("!Ii", 23, -1) + b"\0note\0" + pack("!Ii", 25, -1)
)  # fmt: skip


def tuple_of(*values: bytes | None) -> bytes:
    parts = [b"n" if value is None else b"t" + pack("!I", len(value)) + value for value in values]
    return pack("!H", len(values)) + b"".join(parts)


def begin(lsn: int, xid: int) -> bytes:
    return b"B" + pack("!qqI", lsn, 0, xid)


def commit(lsn: int) -> bytes:
    return b"C" + pack("!bqqq", 0, lsn, lsn + 8, 0)


def insert(key: int, note: bytes | None) -> bytes:
    return b"I" + pack("!I", OID) + b"N" + tuple_of(str(key).encode(), note)


def update(old: int, key: int, note: bytes | None) -> bytes:
    return b"U" + pack("!I", OID) + b"K" + tuple_of(str(old).encode(), None) + b"N" + tuple_of(str(key).encode(), note)


def delete(key: int) -> bytes:
    return b"D" + pack("!I", OID) + b"K" + tuple_of(str(key).encode(), None)


LOG = [
    begin(100, 7), RELATION, insert(1, b"one"), insert(2, None), update(1, 3, "drei ü".encode()), commit(100),
    begin(200, 8), delete(2), b"T" + pack("!IbI", 1, 0, OID), insert(4, b""), commit(200),
]  # fmt: skip


def decoder() -> Decoder:
    return Decoder(frozenset({("public", "t")}), lambda path: None, lambda oid, typmod: (oid, typmod), 5)


def decoded(messages: list[bytes]) -> list[LogItem]:
    found = decoder()
    for message in messages:
        found.feed(message)
    return found.drain()


def test_what_is_read_is_what_was_written() -> None:
    items = decoded(LOG)
    rows = [tuple(row.values()) for item in items if isinstance(item, ChangeBatch) for row in item.rows.to_pylist()]
    assert [(row[0], row[1]) for row in rows if row[0] in (3, 4)] == [(3, "drei ü"), (4, "")]
    assert isinstance(items[-1], Reached) and str(items[-1].position) == "0/D0"


VALUES = st.none() | st.binary(max_size=8).filter(lambda value: b"\0" not in value)


@given(
    rows=st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=20),
    front=st.integers(0, 9),
    unsent=st.none() | st.integers(0, 19),
)
@settings(max_examples=200)
def test_many_rows_at_once_are_taken_apart_as_one_by_one(
    rows: list[tuple[bytes | None, ...]], front: int, unsent: int | None
) -> None:
    messages = [b"x" * front + tuple_of(*row) for row in rows]
    if unsent is not None and unsent < len(rows):
        messages[unsent] = b"x" * front + pack("!H", 3) + b"nun"
        assert tuple_at(messages[unsent], front)[0] == [None, UNCHANGED, None]
        assert columns_of(messages, [front] * len(rows), 3) is None
        return
    columns = columns_of(messages, [front] * len(rows), 3)
    assert columns is not None
    alone = [tuple_at(message, front) for message in messages]
    assert [*zip(*(column.to_pylist() for column in columns), strict=True)] == [tuple(row) for row, _ in alone] == rows
    for damaged in (
        messages[-1] + b"n",
        messages[-1][:-1],
        messages[-1][: front + 2] + b"z" + messages[-1][front + 3 :],
    ):
        with pytest.raises(ValueError, match=r"row|value"):
            columns_of([*messages[:-1], damaged], [front] * len(rows), 3)


@given(
    at=st.integers(0, len(LOG) - 1),
    how=st.sampled_from(["cut", "flip", "grow", "lose", "repeat"]),
    place=st.integers(0, 80),
    byte=st.integers(0, 255),
)
@settings(max_examples=300)
def test_damaged_messages_are_clean_errors_or_tables_set_aside(at: int, how: str, place: int, byte: int) -> None:
    """Whatever is damaged: an error that says so, a table that is set aside, or rows of the shape that was declared."""
    log = list(LOG)
    message = bytearray(log[at])
    place %= len(message)
    if how == "cut":
        del message[place:]
    elif how == "flip":
        message[place] ^= byte
    elif how == "grow":
        message.insert(place, byte)
    log[at : at + 1] = {"lose": [], "repeat": [bytes(message)] * 2}.get(how, [bytes(message)])
    try:
        items = decoded(log)
    except SourceRefused:
        return
    for item in items:
        if isinstance(item, ChangeBatch):
            assert item.rows.schema == item.schema.arrow and len(item.ops) == len(item)
        elif isinstance(item, TableFailed):
            assert item.reason


@pytest.mark.parametrize("message", [b"", b"B", insert(1, None), b"Z", commit(1)[:5]])
def test_a_message_that_cannot_stand_there_is_refused(message: bytes) -> None:
    with pytest.raises(SourceRefused):
        decoder().feed(message)
