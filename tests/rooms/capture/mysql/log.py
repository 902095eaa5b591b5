"""Reads a server's log for the tests, from a place to now."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pyarrow as pa
from tests.rooms.capture.mysql.mariadb import MYSQL, MariaDb

from boathouse.capture.mysql.binlog import BinlogStream
from boathouse.capture.mysql.connect import connect
from boathouse.capture.mysql.decode.columns import ZeroDates, column_of
from boathouse.capture.mysql.decode.decoder import Decoder, Event, Rows
from boathouse.capture.mysql.decode.frames import Header
from boathouse.capture.mysql.decode.row_plan import RowPlan
from boathouse.capture.mysql.decode.values import images_batch
from boathouse.capture.mysql.follow import Place
from boathouse.capture.mysql.gtids import GtidSet, GtidVector
from boathouse.capture.mysql.names import with_names
from boathouse.capture.mysql.types import read_table


def here(maria: MariaDb) -> Place:
    """The end of the log now."""
    return (GtidSet if MYSQL else GtidVector).parse(maria.value("SELECT @@gtid_binlog_pos"))


def frames(maria: MariaDb, after: Place) -> tuple[int, list[bytes]]:
    """The checksum and all events from a place to the end of the log now, which a marker's statement shows."""
    marker = f"marker_{time.monotonic_ns()}"
    maria.run("CREATE DATABASE IF NOT EXISTS marks", f"CREATE TABLE marks.{marker} (a INT)")
    found: list[bytes] = []
    with BinlogStream(connect(maria.server), 4711, after) as stream:
        while not any(marker.encode() in frame for frame in found[-8:]):
            got = stream.read(30)
            assert got, "the log's end did not come"
            found += got
    return stream.checksum, [frame for frame in found if marker.encode() not in frame]


def events(maria: MariaDb, after: Place) -> Iterator[tuple[Header, Event]]:
    """Their values."""
    checksum, found = frames(maria, after)
    decoder = Decoder(checksum)
    for frame in found:
        yield from decoder.decode(frame)


def images(
    maria: MariaDb, after: Place, table: str, zero_dates: ZeroDates = ZeroDates.REFUSE
) -> list[tuple[str, pa.RecordBatch]]:
    """Kind and images of each ROWS event of a table."""
    return [
        (value.kind.value, batch_of(value, zero_dates, maria))
        for _, value in events(maria, after)
        if isinstance(value, Rows) and value.table.table == table
    ]


def batch_of(rows: Rows, zero_dates: ZeroDates = ZeroDates.REFUSE, maria: MariaDb | None = None) -> pa.RecordBatch:
    """`maria`: where names are to be had that the log has not."""
    shape = rows.table
    if maria is not None and not shape.columns[0].name:
        with connect(maria.server) as connection:
            shape = with_names(shape, read_table(connection, shape.schema, shape.table))
    plan = RowPlan(tuple(map(column_of, shape.columns)))
    found = plan.images()
    plan.read(rows.content, rows.start, found)
    batch = images_batch(plan, found, zero_dates)
    batch.validate(full=True)
    return batch
