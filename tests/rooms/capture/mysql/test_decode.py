"""The decoder by itself: rows written by an encoder of the tests' own, MySQL's events that no server here can send, and
frames damaged in every way."""

from __future__ import annotations

import json
import os
import struct
import uuid
import zlib
from datetime import datetime, timedelta
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.capture.mysql.log import batch_of

from boathouse.capture.mysql.decode.columns import Column, Kind, ZeroDates
from boathouse.capture.mysql.decode.decoder import Decoder, Rows, RowsKind
from boathouse.capture.mysql.decode.events import Gtid, Query, Xid
from boathouse.capture.mysql.decode.frames import CHECKSUM_CRC32, CHECKSUM_OFF, MalformedEvent, Type
from boathouse.capture.mysql.decode.json_binary import normalise_json, read_json
from boathouse.capture.mysql.decode.row_plan import RowPlan
from boathouse.capture.mysql.decode.table_map import TableMap
from boathouse.capture.mysql.decode.values import images_batch
from boathouse.contracts.errors import BoathouseError, FeatureNotSupported
from boathouse.contracts.source_errors import SourceGap

# -- rows, written by hand ---------------------------------------------------------------------------------------------


def packed_decimal(value: Decimal, precision: int, scale: int) -> bytes:
    """As the server's manual describes it, digit by digit."""
    widths = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4]
    text = f"{value.copy_abs():.{scale}f}".replace(".", "").rjust(precision, "0")[-precision:]
    whole, fraction = text[: precision - scale], text[precision - scale :]
    lead = len(whole) % 9
    groups = ([whole[:lead]] if lead else []) + [whole[i : i + 9] for i in range(lead, len(whole), 9)]
    groups += [fraction[i : i + 9] for i in range(0, len(fraction), 9)]
    content = bytearray(b"".join(int(group).to_bytes(widths[len(group)], "big") for group in groups))
    content[0] |= 0x80
    if value < 0:
        content = bytearray(byte ^ 0xFF for byte in content)
    return bytes(content)


def packed_datetime(value: datetime) -> bytes:
    months = value.year * 13 + value.month
    number = ((months << 5 | value.day) << 17) | value.hour << 12 | value.minute << 6 | value.second
    return (number + 0x8000000000).to_bytes(5, "big") + value.microsecond.to_bytes(3, "big")


def printed_time(value: timedelta) -> str:
    size = abs(value)
    seconds = size.days * 86400 + size.seconds
    sign = "-" if value < timedelta() else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{size.microseconds:06}"


def packed_time(text: str) -> bytes:
    hours, minutes, rest = text.removeprefix("-").split(":")
    size = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(rest[:2]), microseconds=int(rest[3:]))
    value = -size if text.startswith("-") else size
    seconds, microsecond = size.days * 86400 + size.seconds, size.microseconds
    number = (seconds // 3600 << 12 | seconds // 60 % 60 << 6 | seconds % 60) << 24 | microsecond
    return ((0x800000 << 24) + (number if value >= timedelta() else -number)).to_bytes(6, "big")


def exact(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    top = 10**precision - 1
    return st.integers(-top, top).map(lambda n: Decimal(n).scaleb(-scale, Context(prec=80)))


_TIME = timedelta(hours=838, minutes=59, seconds=59)
_SHAPES: list[tuple[Column, st.SearchStrategy[Any], Any]] = [
    (Column("x", Kind.INT, size=1, width=1), st.integers(-128, 127), lambda v: struct.pack("<b", v)),
    (Column("x", Kind.INT, size=3, width=3), st.integers(-(2**23), 2**23 - 1), lambda v: struct.pack("<i", v)[:3]),
    (
        Column("x", Kind.INT, size=3, is_unsigned=True, width=3),
        st.integers(0, 2**24 - 1),
        lambda v: v.to_bytes(3, "little"),
    ),
    (Column("x", Kind.INT, size=8, width=8), st.integers(-(2**63), 2**63 - 1), lambda v: struct.pack("<q", v)),
    (
        Column("x", Kind.INT, size=8, is_unsigned=True, width=8),
        st.integers(0, 2**64 - 1),
        lambda v: struct.pack("<Q", v),
    ),
    (
        Column("x", Kind.DOUBLE, width=8),
        st.floats(allow_nan=False, allow_infinity=False),
        lambda v: struct.pack("<d", v),
    ),
    (
        Column("x", Kind.DATETIME, scale=6, width=8),
        st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)),
        packed_datetime,
    ),
    (
        Column("x", Kind.DATE, width=3),
        st.dates(),
        lambda v: (v.year << 9 | v.month << 5 | v.day).to_bytes(3, "little"),
    ),
    (
        Column("x", Kind.TIME, scale=6, width=6),
        st.timedeltas(-_TIME, _TIME).map(printed_time),
        packed_time,
    ),
    (
        Column("x", Kind.TEXT, codec="utf8", prefix=2),
        st.text(max_size=300, alphabet=st.characters(codec="utf-8")),
        lambda v: len(v.encode()).to_bytes(2, "little") + v.encode(),
    ),
    (Column("x", Kind.BINARY, prefix=1), st.binary(max_size=200), lambda v: bytes((len(v),)) + v),
    (
        Column("x", Kind.SET, labels=("p", "q", "r"), width=1),
        st.integers(0, 7).map(lambda n: ",".join(label for i, label in enumerate("pqr") if n >> i & 1)),
        lambda v: bytes((sum(1 << "pqr".index(label) for label in v.split(",") if label),)),
    ),
    *(
        (
            Column("x", Kind.DECIMAL, size=p, scale=s, width=len(packed_decimal(Decimal(0), p, s))),
            exact(p, s),
            lambda v, p=p, s=s: packed_decimal(v, p, s),
        )
        for p, s in ((1, 0), (5, 5), (10, 2), (18, 9), (19, 0), (27, 18), (38, 10), (38, 38))
    ),
]
_TABLES = st.lists(st.sampled_from(_SHAPES), min_size=1, max_size=11)


@settings(max_examples=60)
@given(st.data())
def test_a_plan_reads_what_the_encoder_wrote(data: st.DataObject) -> None:
    """Any columns in any order, NULL anywhere, unused bits of the bitmap set or not."""
    shapes = data.draw(_TABLES)
    columns = tuple(
        Column(f"c{i}", **{f: getattr(s[0], f) for f in Column.__slots__ if f != "name"}) for i, s in enumerate(shapes)
    )
    plan = RowPlan(columns)
    rows = data.draw(st.lists(st.tuples(*(st.none() | shape[1] for shape in shapes)), max_size=6))
    unused = data.draw(st.booleans())
    content = b"before"
    for row in rows:
        bits = sum(1 << i for i, value in enumerate(row) if value is None)
        if unused:
            bits |= -1 << len(row) & (1 << 8 * plan.bitmap_bytes) - 1
        content += bits.to_bytes(plan.bitmap_bytes, "little")
        content += b"".join(shape[2](value) for shape, value in zip(shapes, row, strict=True) if value is not None)
    images = plan.images()
    assert plan.read(content, 6, images) == len(rows)
    batch = images_batch(plan, images, ZeroDates.REFUSE)
    batch.validate(full=True)
    decimals = {i for i, column in enumerate(columns) if column.is_unsigned and column.size == 8}
    assert [tuple(row.values()) for row in batch.to_pylist()] == [
        tuple(Decimal(value) if i in decimals and value is not None else value for i, value in enumerate(row))
        for row in rows
    ]
    if rows and any(value is not None for value in rows[-1]):
        with pytest.raises(MalformedEvent):
            plan.read(content[:-1], 6, images)
        assert len(images) == len(rows)


# -- JSON --------------------------------------------------------------------------------------------------------------


def binary_json(value: Any) -> tuple[int, bytes]:
    """Type and content of a document, in the small format or, from 64 KiB on, the large one."""
    if value is None or isinstance(value, bool):
        return 4, bytes(((None, True, False).index(value),))
    if isinstance(value, int):
        for kind, layout, low, high in (
            (5, "<h", -(2**15), 2**15),
            (7, "<i", -(2**31), 2**31),
            (9, "<q", -(2**63), 2**63),
        ):
            if low <= value < high:
                return kind, struct.pack(layout, value)
        return 10, struct.pack("<Q", value)
    if isinstance(value, float):
        return 11, struct.pack("<d", value)
    if isinstance(value, Decimal):
        packed = bytes((20, 5)) + packed_decimal(value, 20, 5)
        return 15, bytes((246, len(packed))) + packed
    if isinstance(value, str):
        content = value.encode()
        size, length = len(content), b""
        while size > 127:
            length, size = length + bytes((size & 127 | 128,)), size >> 7
        return 12, length + bytes((size,)) + content
    for large in (False, True):
        found = _container(value, large)
        if found is not None:
            return found
    raise AssertionError(value)


def _container(value: Any, large: bool) -> tuple[int, bytes] | None:
    width = 4 if large else 2
    keys = [key.encode() for key in value] if isinstance(value, dict) else []
    items = list(value.values()) if isinstance(value, dict) else value
    at = 2 * width + len(keys) * (width + 2) + len(items) * (1 + width)
    heads, tail = b"", b""
    for key in keys:
        heads += (at + len(tail)).to_bytes(width, "little") + len(key).to_bytes(2, "little")
        tail += key
    for item in items:
        kind, content = binary_json(item)
        if kind in (4, 5) or (large and kind == 7):
            heads += bytes((kind,)) + content.ljust(width, b"\0")
        else:
            heads += bytes((kind,)) + (at + len(tail)).to_bytes(width, "little")
            tail += content
    if not large and at + len(tail) > 0xFFFF:
        return None
    sizes = len(items).to_bytes(width, "little") + (at + len(tail)).to_bytes(width, "little")
    return (0 if isinstance(value, dict) else 2) + large, sizes + heads + tail


_WORDS = st.text(max_size=140, alphabet=st.characters(codec="utf-8"))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False) | _WORDS
    | exact(20, 5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def _as_printed(value: Any) -> str:
    """As a server's SELECT prints a document: other digits and escapes than ours, the same values."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)} : {_as_printed(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_as_printed, value)) + "]"
    return f"{value:E}" if isinstance(value, Decimal) else json.dumps(value)


@settings(max_examples=60)
@given(_JSON)
def test_json_is_the_same_from_the_log_and_from_a_select(value: Any) -> None:
    kind, content = binary_json(value)
    assert read_json(bytes((kind,)) + content) == normalise_json(_as_printed(value))


def test_json_keeps_what_sql_put_into_it() -> None:
    moment = (2015 * 13 + 1) << 22 | 15 << 17 | 23 << 12 | 24 << 6 | 25
    packed = (moment << 24 | 120).to_bytes(8, "little")
    assert read_json(b"\x0f\x0c\x08" + packed) == '"2015-01-15 23:24:25.000120"'
    assert read_json(b"\x0f\x0a\x08" + packed) == '"2015-01-15"'
    assert read_json(b"\x0f\xfc\x03abc") == '"base64:type252:YWJj"'
    assert read_json(b"\0" + binary_json({"a": 1.0})[1]) == '{"a": 1}'


@pytest.mark.parametrize(
    "bomb",
    [
        b"\x02" + struct.pack("<HH", 1, 7) + b"\x02\x00\x00",  # an array that holds itself
        b"\x02" + struct.pack("<HH", 400, 2000) + (b"\x02" + struct.pack("<H", 0)) * 400,
        b"\x02"
        + struct.pack("<HH", 1000, 5000)
        + (b"\x0c" + struct.pack("<H", 3004)) * 1000
        + b"\xf8\x07"
        + b"x" * 1016,
        b"\x03" + struct.pack("<II", 2**32 - 1, 2**32 - 1),
        b"\x0c\xff\xff\xff\xff\xff\xff",
        b"\x99",
        b"",
    ],
)
def test_a_json_bomb_is_an_error_soon(bomb: bytes) -> None:
    with pytest.raises(MalformedEvent):
        read_json(bomb)


# -- what only MySQL sends ---------------------------------------------------------------------------------------------


def frame(kind: int, body: bytes, *, checksum: bool = False, flags: int = 0) -> bytes:
    size = 19 + len(body) + 4 * checksum
    content = struct.pack("<IBIIIH", 1_700_000_000, kind, 5, size, 0, flags) + body
    return content + struct.pack("<I", zlib.crc32(content)) if checksum else content


QUERY = struct.pack("<IIBHH", 1, 0, 1, 0, 0) + b"d\0BEGIN"
TABLE = (
    struct.pack("<IHH", 77, 0, 1) + b"\x01d\0\x01t\0\x02" + b"\x03\x0f" + b"\x02\x28\x00" + b"\x02"
    + b"\x01\x01\x00" + b"\x02\x01\x2d" + b"\x04\x05\x02id\x01n" + b"\x08\x01\x00"
)  # fmt: skip
ROWS = struct.pack("<IHHH", 77, 0, 1, 2) + b"\x02\x03" + b"\xfc\x01\x00\x00\x00\x01a" + b"\xfe\x02\x00\x00\x00"
TRANSACTION = (
    frame(Type.QUERY, QUERY)
    + frame(Type.TABLE_MAP, TABLE)
    + frame(Type.WRITE_ROWS, ROWS)
    + frame(Type.XID, b"\x09" + bytes(7))
)


def _payload(method: int, content: bytes, plain: int) -> bytes:
    body = b"\x02" + (b"\x01\x00" if method == 0 else b"\x03\xfc\xff\x00")
    body += b"\x03\x03\xfc" + struct.pack("<H", plain) + b"\x01\x03\xfc" + struct.pack("<H", len(content)) + b"\0"
    return frame(Type.TRANSACTION_PAYLOAD, body + content, checksum=True)


@pytest.mark.parametrize("method", [0, 255])
def test_a_compressed_transaction_of_mysql_is_its_events(method: int) -> None:
    content = pa.compress(TRANSACTION, codec="zstd", asbytes=True) if method == 0 else TRANSACTION
    values = [value for _, value in Decoder(CHECKSUM_CRC32).decode(_payload(method, content, len(TRANSACTION)))]
    query, table, rows, xid = values
    assert query == Query("d", "BEGIN") and xid == Xid(9)
    assert isinstance(table, TableMap) and table.key == (0,)
    assert isinstance(rows, Rows) and rows.kind is RowsKind.INSERT
    assert batch_of(rows).to_pylist() == [{"id": 1, "n": "a"}, {"id": 2, "n": None}]


def test_a_gtid_of_mysql() -> None:
    source = uuid.UUID("3e11fa47-71ca-11e1-9e33-c80aa9429562")
    body = b"\x01" + source.bytes + struct.pack("<q", 23) + b"\x02" + bytes(16)
    ((_, value),) = Decoder(CHECKSUM_OFF).decode(frame(Type.GTID, body))
    assert value == Gtid(str(source), 23)


@pytest.mark.parametrize(
    ("kind", "flags", "error"),
    [
        (Type.INCIDENT, 0, SourceGap),
        (Type.GTID_TAGGED, 0, FeatureNotSupported),
        (Type.EXECUTE_LOAD_QUERY, 0, FeatureNotSupported),
        (199, 0, FeatureNotSupported),
        (199, 0x80, None),
        (Type.ROWS_QUERY, 0, None),
    ],
)
def test_nothing_that_may_carry_rows_is_passed_over(kind: int, flags: int, error: type[BoathouseError] | None) -> None:
    decoder = Decoder(CHECKSUM_OFF)
    if error is None:
        assert list(decoder.decode(frame(kind, b"", flags=flags)))
        return
    with pytest.raises(error):
        list(decoder.decode(frame(kind, b"", flags=flags)))


@pytest.mark.parametrize(("kind", "bitmap"), [(Type.WRITE_ROWS, b"\x01"), (Type.PARTIAL_UPDATE_ROWS, b"\x03\x03")])
def test_rows_that_are_not_whole_say_so(kind: int, bitmap: bytes) -> None:
    decoder = Decoder(CHECKSUM_OFF)
    list(decoder.decode(frame(Type.TABLE_MAP, TABLE)))
    ((_, rows),) = decoder.decode(frame(kind, struct.pack("<IHHH", 77, 0, 1, 2) + b"\x02" + bitmap))
    assert isinstance(rows, Rows) and rows.refusal


def test_a_wrong_checksum_is_an_error() -> None:
    damaged = bytearray(frame(Type.XID, bytes(8), checksum=True))
    damaged[20] ^= 1
    with pytest.raises(MalformedEvent, match="checksum"):
        list(Decoder(CHECKSUM_CRC32).decode(bytes(damaged)))


EXAMPLES = int(os.environ.get("BOATHOUSE_FUZZ_EXAMPLES", "60"))
# -- damaged frames ----------------------------------------------------------------------------------------------------

CAPTURED = [bytes.fromhex(line) for line in (Path(__file__).parent / "frames.hex").read_text().split()]
"""Events of a MariaDB 10.11: every type, inserts, updates and deletes, plain and with log_bin_compress."""


def _read_all(frames: list[bytes], *, verify: bool) -> int:
    decoder, count = Decoder(CHECKSUM_CRC32, verify=verify), 0
    for one in frames:
        for _, value in decoder.decode(one):
            if isinstance(value, Rows):
                count += batch_of(value, ZeroDates.NULL).num_rows
    return count


def test_captured_frames_are_read() -> None:
    assert _read_all(CAPTURED, verify=True) == 20


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_damaged_frames_are_clean_errors_or_values(data: st.DataObject) -> None:
    """Without the checksum's help: cut, stretched, bytes changed; never another error, never a hang."""
    index = data.draw(st.integers(0, len(CAPTURED) - 1))
    one = bytearray(CAPTURED[index])
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.integers(5, max(5, len(one) - 1)))
        kind = data.draw(st.sampled_from(["cut", "set", "insert"]))
        if kind == "cut":
            del one[where:]
        elif kind == "set" and where < len(one):
            one[where] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFB, 0xFC, 0xFE, 0xFF]) | st.integers(0, 255))
        else:
            one[where:where] = data.draw(st.binary(min_size=1, max_size=9))
    if data.draw(st.booleans()) and len(one) >= 13:
        one[9:13] = struct.pack("<I", len(one))
    decoder = Decoder(CHECKSUM_CRC32, verify=False)
    for before in CAPTURED[:index]:
        list(decoder.decode(before))
    try:
        for after in (bytes(one), *CAPTURED[index + 1 : index + 3]):
            for _, value in decoder.decode(after):
                if isinstance(value, Rows):
                    batch_of(value, ZeroDates.NULL)
    except BoathouseError:
        return


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(list(Type)), st.binary(max_size=120))
def test_bytes_by_chance_are_clean_errors_or_values(kind: Type, body: bytes) -> None:
    decoder = Decoder(CHECKSUM_OFF)
    list(decoder.decode(frame(Type.TABLE_MAP, TABLE)))
    try:
        for _, value in decoder.decode(frame(kind, body)):
            if isinstance(value, Rows) and not value.refusal:
                batch_of(value, ZeroDates.NULL)
    except BoathouseError:
        return
