"""Messages from the server, byte by byte: PostgreSQL documentation, chapter "Message Formats"."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.clients.raw_client import Message

from boathouse.contracts.answers import Field
from boathouse.contracts.types import BIGINT, SUPER, TYPE_OF_OID, char, numeric, varchar
from boathouse.wire.postgres import messages as m


def taken_apart(data: bytes) -> Message:
    assert int.from_bytes(data[1:5], "big") == len(data) - 1
    return Message(data[:1], data[5:])


@pytest.mark.parametrize(
    ("built", "expected"),
    [
        (m.authentication_ok(), b"R\0\0\0\x08\0\0\0\0"),
        (m.authentication_sasl(["SCRAM-SHA-256"]), b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"),
        (m.authentication_digest(b"ab", b"c"), b"R\0\0\0\x17\0\0\0\x0d\0\0\0\0\0\0\0\2ab\0\0\0\1c"),
        (m.backend_key_data(1, -1), b"K\0\0\0\x0c\0\0\0\1\xff\xff\xff\xff"),
        (m.parameter_status("a", "b"), b"S\0\0\0\x08a\0b\0"),
        (m.negotiate_protocol_version(["_pq_.x"]), b"v\0\0\0\x13\0\3\0\0\0\0\0\1_pq_.x\0"),
        (m.ready_for_query("T"), b"Z\0\0\0\5T"),
        (m.command_complete("SELECT 1"), b"C\0\0\0\x0dSELECT 1\0"),
        (m.parameter_description([23, 25]), b"t\0\0\0\x0e\0\2\0\0\0\x17\0\0\0\x19"),
        (m.copy_in_response("text", 2), b"G\0\0\0\x0b\0\0\2\0\0\0\0"),
        (m.copy_out_response("binary", 1), b"H\0\0\0\x09\1\0\1\0\1"),
        (m.copy_data_head(3) + b"abc", b"d\0\0\0\7abc"),
        (m.PARSE_COMPLETE, b"1\0\0\0\4"),
        (m.EMPTY_QUERY_RESPONSE, b"I\0\0\0\4"),
        (m.PORTAL_SUSPENDED, b"s\0\0\0\4"),
    ],
)
def test_each_message_has_its_documented_bytes(built: bytes, expected: bytes) -> None:
    assert built == expected


def test_a_row_description_shows_oid_size_typmod_and_format() -> None:
    fields = [
        Field("n", BIGINT),
        Field("price", numeric(10, 2)),
        Field("name", varchar(20)),
        Field("c", char(3)),
        Field("s", SUPER),
    ]
    body = m.row_description(fields, [1, 0, 0, 0, 0])[5:]
    assert body[:2] == b"\0\5"
    assert body[2:22] == b"n\0" + struct.pack("!ihihih", 0, 0, 20, 8, -1, 1)
    shown = taken_apart(m.row_description(fields, [1, 0, 0, 0, 0])).columns
    assert shown == [("n", 20, 1), ("price", 1700, 0), ("name", 1043, 0), ("c", 1042, 0), ("s", 4000, 0)]
    assert struct.pack("!i", (10 << 16 | 2) + 4) in body
    assert struct.pack("!i", 24) in body


def test_an_error_always_has_severity_code_and_message_and_shows_the_rest_where_known() -> None:
    bare = taken_apart(m.error_response("no", "42601")).fields
    assert bare == {"S": "ERROR", "V": "ERROR", "C": "42601", "M": "no"}
    full = taken_apart(m.error_response("no", "42601", severity="FATAL", detail="d", hint="h", position=7)).fields
    assert full == {"S": "FATAL", "V": "FATAL", "C": "42601", "M": "no", "D": "d", "H": "h", "P": "7"}
    assert m.error_response("no", "42601").endswith(b"\0\0")


@given(st.text())
def test_no_text_can_break_out_of_its_string(text: str) -> None:
    assert len(taken_apart(m.error_response(text, "XX000")).body.split(b"\0")) == 6
    assert m.command_complete(text).count(b"\0", 5) == 1


def test_every_type_of_the_wire_can_be_described() -> None:
    for oid, kind in TYPE_OF_OID.items():
        ((_, shown, _),) = taken_apart(m.row_description([Field("x", kind)], [0])).columns
        assert shown == oid
