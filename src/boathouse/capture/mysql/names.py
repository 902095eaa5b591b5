"""Names for a log that has none: without `binlog_row_metadata = FULL` a row's columns are only numbered, and what they are called
is known from the tables themselves, as they are now.

Receives TABLE_MAPs with the place they stand at; hands them to `follow` with names, signs, character sets, labels and keys. A
table's shape of today is that of a place where no definition of the table stands between the two in the log: `Definitions` looks.
Where one does, nobody knows any more how the rows before it are to be read: they are passed over, and the table is dumped again,
with watermarks that stand behind that definition.

Source: MySQL Reference Manual, `binlog_row_metadata`; MariaDB documentation, "Binary Log System Variables".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

from pymysql.connections import Connection

from boathouse.capture.changes import TablePath
from boathouse.capture.mysql.connect import name, rows
from boathouse.capture.mysql.decode.charsets import BINARY, collation_of
from boathouse.capture.mysql.decode.columns import Column, Kind, column_of
from boathouse.capture.mysql.decode.decoder import Decoder
from boathouse.capture.mysql.decode.events import Gtid, MariaGtid, Query, Xid
from boathouse.capture.mysql.decode.frames import Type
from boathouse.capture.mysql.decode.table_map import RawColumn, TableMap
from boathouse.capture.mysql.gtids import GtidSet, GtidVector
from boathouse.capture.mysql.statements import Act, effects_of, meant
from boathouse.capture.mysql.types import Table, read_table
from boathouse.contracts.errors import FeatureNotSupported, UndefinedTable
from boathouse.contracts.source_errors import SourceRefused, SourceUnavailable

Place = GtidSet | GtidVector
SILENT_SECONDS_MAX = 30.0
"""For what the server has executed and does not send."""
_WAIT_SECONDS = 1.0
_UTF8 = collation_of("utf8mb4")
_READ = frozenset(
    map(
        int,
        (Type.FORMAT_DESCRIPTION, Type.GTID, Type.MARIADB_GTID, Type.QUERY, Type.QUERY_COMPRESSED, Type.XID),
    )
)
"""Events that say where transactions begin and end, and what is defined; a compressed transaction defines nothing."""
_HEARTBEATS = (Type.HEARTBEAT, Type.HEARTBEAT_V2)


class Log(Protocol):
    """What `Definitions` reads, see `binlog.BinlogStream`."""

    checksum: int

    def read(self, seconds: float, /) -> list[bytes]:
        """The next events."""
        ...


class Names:
    """What is known of the tables of one reading of the log."""

    def __init__(self, connection: Callable[[], Connection], definitions: Definitions) -> None:
        """`connection`: on which the tables are looked at."""
        self._connection, self._definitions = connection, definitions
        self._known: dict[TablePath, Table | FeatureNotSupported | None] = {}

    def of(self, table: TableMap, place: Place) -> TableMap | None:
        """The table with its names; None where they are not to be known at this place.

        Raises:
            SourceRefused: the rows are not of the shape that the table has.
            FeatureNotSupported: the table has a shape that is not captured.
        """
        if table.columns[0].name:
            return table
        path = (table.schema, table.table)
        if path not in self._known:
            self._known[path] = self._look(path, place)
        known = self._known[path]
        if isinstance(known, FeatureNotSupported):
            raise known
        try:
            return None if known is None else with_names(table, known)
        except SourceRefused:
            del self._known[path]  # the next rows may be of the shape that it has now
            raise

    def forget(self, path: TablePath) -> None:
        """A definition of the table was read; of all of a database's, where it has no name."""
        for one in meant(path, self._known):
            del self._known[one]

    def _look(self, path: TablePath, place: Place) -> Table | FeatureNotSupported | None:
        found: Table | FeatureNotSupported | UndefinedTable
        try:
            try:
                found = read_table(self._connection(), *path)
            except FeatureNotSupported as error:
                found = error
            # Waits for a definition that is under way: what was just read may be its work, and is in the log by then.
            rows(self._connection(), f"SELECT 1 FROM {name(*path)} LIMIT 0")
        except (UndefinedTable, SourceRefused) as error:
            found = UndefinedTable(error.message)
        if self._definitions.is_redefined(path, place):
            return None
        if isinstance(found, UndefinedTable):
            raise SourceRefused(
                f'the log has rows of "{".".join(path)}" without names of columns, and the table is gone',
                hint="SET GLOBAL binlog_row_metadata = FULL; definitions must not be kept out of the log (sql_log_bin).",
            ) from found
        return found


def with_names(table: TableMap, known: Table) -> TableMap:
    """What the log tells, completed by the table that is there, of which all that it tells must be true.

    Raises:
        SourceRefused: it is not.
    """
    fits = len(table.columns) == len(known.columns)
    if fits:
        pairs = enumerate(zip(table.columns, known.columns, strict=True))
        charsets = {index: charset for index, (charset, _) in known.collations.items()}
        columns = tuple(_completed(raw, column, charsets.get(index, "")) for index, (raw, column) in pairs)
        fits = tuple(map(column_of, columns)) == known.columns
    if not fits:
        raise SourceRefused(
            f'rows of "{table.schema}.{table.table}" were logged in another shape than the table has, and without names',
            hint="SET GLOBAL binlog_row_metadata = FULL; definitions must not be kept out of the log (sql_log_bin).",
        )
    return replace(table, columns=columns, key=known.key)


def _completed(raw: RawColumn, column: Column, charset: str) -> RawColumn:
    made = replace(raw, name=column.name)
    if column.kind in (Kind.ENUM, Kind.SET):
        return replace(made, collation=_UTF8, labels=tuple(label.encode() for label in column.labels))
    if raw.collation is None and column.kind is Kind.BINARY:
        return replace(made, collation=BINARY)
    if raw.collation is None and column.kind is Kind.TEXT:
        return replace(made, collation=collation_of(charset))
    return replace(made, is_unsigned=column.is_unsigned) if raw.is_unsigned is None else made


class Definitions:
    """Those that stand in the log between a place and its end by now, found on a stream of their own."""

    def __init__(
        self,
        executed: Callable[[], Place],
        read: Callable[[Place], AbstractContextManager[Log]],
        is_closed: Callable[[], bool],
    ) -> None:
        """`executed`: the log's end; `read`: opens the log behind a place; `is_closed`: nobody wants the answer any more."""
        self._executed, self._read, self._is_closed = executed, read, is_closed
        self._upto: Place | None = None
        self._found: list[tuple[Place, tuple[TablePath, ...]]] = []  # each place is of the one transaction alone

    def is_redefined(self, path: TablePath, place: Place) -> bool:
        """True where a statement behind `place` gave the table another shape, or may have."""
        self._found = [one for one in self._found if not one[0] <= place]
        self._look(place if self._upto is None or not place <= self._upto else self._upto)
        return any(meant(one, (path,)) for _, paths in self._found for one in paths)

    def _look(self, place: Place) -> None:
        end = self._executed()
        if end <= place:
            return
        with self._read(place) as log:
            decoder, alone, is_begun, heard = Decoder(log.checksum), place, False, time.monotonic()
            while not self._is_closed():
                frames = log.read(_WAIT_SECONDS)
                if any(frame[4] not in _HEARTBEATS for frame in frames):
                    heard = time.monotonic()
                elif time.monotonic() - heard > SILENT_SECONDS_MAX:
                    raise SourceUnavailable("the server does not send all that it has executed")
                for frame in frames:
                    if frame[4] == Type.TRANSACTION_PAYLOAD:
                        is_ended = True
                    elif frame[4] in _READ:
                        ((_, event),) = decoder.decode(frame)
                        is_ended = isinstance(event, Xid)
                        if isinstance(event, (Gtid, MariaGtid)):
                            place, alone = place.after(event), type(place)().after(event)  # type: ignore[arg-type]
                            is_begun = isinstance(event, MariaGtid) and not event.is_standalone
                        elif isinstance(event, Query):
                            effects = effects_of(event.text, event.schema)
                            if effects.reshaped:
                                self._found.append((alone, effects.reshaped))
                            is_begun = is_begun or effects.act is Act.BEGIN
                            is_ended = effects.act in (Act.COMMIT, Act.ROLLBACK) or not is_begun
                    else:
                        is_ended = frame[4] == Type.XA_PREPARE
                    if is_ended and end <= place:
                        self._upto = place
                        return
