"""MySQL and MariaDB as a source of changes: the log by GTID, chunks by key, watermarks by a row.

Receives a secret and the tables, is called by `capture.run` through `capture.source.Source`. It keeps no state between runs.

One connection serves what is asked (checks, chunks, watermarks), for each thread that asks, another one the log; a broken one is
opened again at the next call, the log's by the next `stream`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Literal

from boathouse.capture.changes import (
    Chunk,
    LogItem,
    Position,
    Reached,
    SeesAll,
    TablePath,
    TableSchema,
)
from boathouse.capture.formats.fitting import STRICT, Lenient, fitted
from boathouse.capture.mysql import chunks
from boathouse.capture.mysql.binlog import BinlogStream, patience, replica_number
from boathouse.capture.mysql.brackets import Brackets, MariaDbBrackets, MySqlBrackets
from boathouse.capture.mysql.check import check_server, is_mariadb, variables
from boathouse.capture.mysql.collect import table_schema
from boathouse.capture.mysql.connect import Connections, connect, name, rows, server_of, text
from boathouse.capture.mysql.decode.columns import ZeroDates
from boathouse.capture.mysql.decode.decoder import Decoder
from boathouse.capture.mysql.follow import Follower, Place
from boathouse.capture.mysql.gtids import GtidSet, GtidVector
from boathouse.capture.mysql.names import Definitions, Names
from boathouse.capture.mysql.standing import FilePlace, behind, standing
from boathouse.capture.mysql.statements import is_left_over
from boathouse.capture.mysql.types import Table, read_table
from boathouse.capture.mysql.watermarks import Watermarks
from boathouse.capture.settings import MEMORY_BYTES
from boathouse.capture.source import Finding, Shares, Standing, Wanted
from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue, UndefinedTable
from boathouse.contracts.source_errors import SourceGap, SourceRefused, SourceUnavailable

LOOK_SECONDS = 10.0
"""Of silence in the log after which the server is asked whether it is still the log that is read."""
_SYSTEM = frozenset(("mysql", "information_schema", "performance_schema", "sys"))
_ENGINES = frozenset(("InnoDB", "ROCKSDB"))
_SHAPE_TRIES = 5


class MySqlSource:
    """See `capture.source.Source`.

    Args:
        name: the integration's, its row among the watermarks; at most 64 characters of ASCII.
        secret: address, user and TLS, see `connect.server_of`.
        tables: those to capture, see `capture.source.Wanted`.
        zero_dates: what becomes of dates that no calendar has.
        watermark_schema: the database for the table of watermarks.
        memory_bytes_max: what it may hold, see `capture.source.Shares`.
        lenient: what becomes of texts that do not fit.
    """

    def __init__(
        self,
        name: str,
        secret: Mapping[str, str],
        tables: Sequence[TablePath] | None,
        zero_dates: ZeroDates = ZeroDates.REFUSE,
        watermark_schema: str = "boathouse",
        memory_bytes_max: int = MEMORY_BYTES,
        lenient: Lenient = STRICT,
    ) -> None:
        if not name.isascii() or not 0 < len(name) <= 64:
            raise InvalidParameterValue("the name of a capture has 1 to 64 characters of ASCII")
        self._name, self._server, self._zero_dates = name, server_of(secret), zero_dates
        self._wanted, self._lenient = Wanted(tables), lenient
        self._watermarks = Watermarks(watermark_schema, name)
        self._brackets: Brackets | None = None
        self._follower: Follower | None = None
        self._at: FilePlace = (0, 0)
        self._held_bytes_max = Shares(memory_bytes_max).rows_bytes
        self._connection = Connections(self._server)
        self._log: BinlogStream | None = None
        self._maria: bool | None = None
        self._closed = False

    @property
    def reads_aside(self) -> bool:
        """See `Source`. A read under a mark that nobody wrote must see all that the stream tells before it: that one waits."""
        return bool(self._server.watermarks)

    # -- what is there -------------------------------------------------------------------------------------------------

    def check(self) -> list[Finding]:
        """All that stands in the way, settings first, then each table; where all tables are wanted, one that cannot be
        captured is only a warning."""
        found = list(check_server(self._connection(), self._watermarks if self._server.watermarks else None))
        paths = self._paths()
        for path in sorted(self._wanted.named - {path for path, _ in paths}):
            gone = "the source has no such table, or its user may not see it"
            found.append(Finding("error", ".".join(path), gone, passes=True, table=path))
        for path, obstacle in paths:
            try:
                if obstacle:
                    raise FeatureNotSupported(obstacle)
                self._described(path)
                rows(self._connection(), f"SELECT 1 FROM {name(*path)} LIMIT 0")
            except (FeatureNotSupported, UndefinedTable, SourceRefused) as error:
                level: Literal["error", "warning"] = "error" if path in self._wanted.named else "warning"
                found.append(Finding(level, ".".join(path), error.message, error.hint or "", table=path))
        return found

    def tables(self) -> list[TableSchema]:
        """The captured tables' shapes; those that `check` refuses are left out."""
        found = []
        for path, obstacle in self._paths():
            try:
                if not obstacle:
                    found.append(self._described(path)[1])
            except (FeatureNotSupported, UndefinedTable, SourceRefused):
                continue
        return found

    def _paths(self) -> list[tuple[TablePath, str]]:
        """The tables that are wanted, each with what forbids it whatever its columns."""
        listed = rows(
            self._connection(),
            "SELECT table_schema, table_name, table_type, engine FROM information_schema.tables "
            "WHERE table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys') ORDER BY 1, 2",
        )
        found = []
        for values in listed:
            schema, table, kind, engine = ((value or b"").decode() for value in values)
            if self._is_wanted((schema, table)):
                obstacle = "" if kind == "BASE TABLE" else f"a {kind.lower()} is not captured"
                if not obstacle and engine not in _ENGINES:
                    obstacle = f"a table of engine {engine}, which has no transactions, is not captured"
                found.append(((schema, table), obstacle))
        return found

    def _is_wanted(self, path: TablePath) -> bool:
        if path in self._wanted.named:
            return True
        return (
            self._wanted.covers(path)
            and path[0] not in _SYSTEM
            and path != self._watermarks.path
            and not is_left_over(path[1])
        )

    def _described(self, path: TablePath) -> tuple[Table, TableSchema]:
        table = read_table(self._connection(), *path)
        if self._lenient.replaces:
            columns = (replace(one, replaces=i not in table.key) for i, one in enumerate(table.columns))
            table = replace(table, columns=tuple(columns))
        return table, table_schema(*path, table.columns, table.key, self._zero_dates)

    def database(self) -> str:
        """The databases of the captured tables."""
        return ", ".join(sorted({path[0] for path, obstacle in self._paths() if not obstacle}))

    def include(self) -> None:
        """Nothing: the log has every table."""

    # -- the log -------------------------------------------------------------------------------------------------------

    def prepare(self) -> Position:
        """Make the table of watermarks where it is missing; the log's end now."""
        if self._server.watermarks:
            self._watermarks.make(self._connection())
        return self._executed()

    def position(self, written: str, /) -> Position:
        """A position from its text."""
        return self._place(written)

    def _place(self, written: str) -> Place:
        maria = "-" in written and ":" not in written if written else self._is_mariadb()
        return GtidVector.parse(written) if maria else GtidSet.parse(written)

    def _executed(self) -> Place:
        variable = "gtid_binlog_pos" if self._is_mariadb() else "gtid_executed"
        ((value,),) = rows(self._connection(), f"SELECT @@global.{variable}")
        return self._place((value or b"").decode())

    def _is_mariadb(self) -> bool:
        if self._maria is None:
            self._maria = is_mariadb(variables(self._connection()))
        return self._maria

    def stream(self, after: Position, layouts: Mapping[TablePath, str] | None = None) -> Iterator[LogItem]:
        """The log from just behind `after`, until `close` or an error. It tells of partitions itself."""
        place = self._place(str(after))
        self._reachable(place)
        connection = connect(self._server)
        if not self._server.watermarks:
            self._unwritten().begin(connection)
        try:
            with BinlogStream(connection, self._number(), place, self._name) as log:
                self._log = log
                yield from self._told(log, place)
        except SourceUnavailable:
            if not self._closed:
                raise
        finally:
            self._log = None

    def _told(self, log: BinlogStream, place: Place) -> Iterator[LogItem]:
        decoder = Decoder(log.checksum)
        mark = (self._watermarks.path, self._name)
        captured = [schema.path for schema in self.tables()] if self._wanted.is_open else self._wanted.named
        named = not self._wanted.is_open
        names = Names(self._connection, Definitions(self._executed, self._once_more, lambda: self._closed))
        follower = Follower(
            place, captured, mark, self._shape_now, self._zero_dates, named=named, names=names, lenient=self._lenient
        )
        self._follower = follower
        heard = came = time.monotonic()
        while not self._closed:
            yield from self._met(follower)
            frames = log.read(0 if follower.bytes_held else patience(time.monotonic() - came))
            for frame in frames:
                decoded = decoder.decode(frame)
                for header, event in decoded:
                    yield from follower.feed(header, event)
                if follower.between or frame is frames[-1]:
                    self._at = behind(frame, decoded, self._at)
                    yield from self._met(follower)
                if follower.bytes_held > self._held_bytes_max:
                    yield from follower.flush()
            if frames:
                heard = came = time.monotonic()
            elif time.monotonic() - heard > LOOK_SECONDS:
                self._reachable(follower.place)
                heard = time.monotonic()
            if not frames or not follower.bytes_held:
                yield from follower.flush()
                if follower.between:
                    yield Reached(follower.place)  # a pause between commits, where a chunk may be read under load too

    def _number(self) -> int:
        return replica_number(self._connection(), self._name)

    def _once_more(self, place: Place) -> BinlogStream:
        """The log once more, as another replica than the one that follows it."""
        return BinlogStream(connect(self._server), self._number() ^ 3 << 30, place, self._name)

    def _met(self, follower: Follower) -> Iterator[LogItem]:
        """The marks that nobody wrote and that the stream has come to."""
        if self._brackets is not None and follower.between:
            marks = self._brackets.met(follower.place, self._at)
            if marks:
                yield from follower.flush()
                yield from marks

    def _reachable(self, place: Place) -> None:
        """A server that has not come as far as we are is another one, or lags behind the one that we knew."""
        executed = self._executed()
        if isinstance(place, GtidVector) and isinstance(executed, GtidVector):
            is_known = place.last.keys() <= executed.last.keys()
        elif isinstance(place, GtidSet) and isinstance(executed, GtidSet):
            # A replica that lags behind may have nothing yet of the one that writes now.
            is_known = not place.intervals.keys().isdisjoint(executed.intervals)
        else:
            raise SourceGap("the position is another kind of server's")
        if place <= executed:
            return
        if self._was_written_by(place, executed):
            raise SourceGap("the server's log began anew: it lacks transactions that the server had written itself")
        if not is_known:
            raise SourceGap("the server's log knows nothing of the transactions before the stored position")
        raise SourceUnavailable("the server has not yet the transactions before the stored position")

    def _was_written_by(self, place: Place, executed: Place) -> bool:
        """What the server lacks is its own: no replica that lags behind, but a log that was reset, or an older copy of it."""
        own = "server_id" if isinstance(place, GtidVector) else "server_uuid"
        ((value,),) = rows(self._connection(), f"SELECT @@global.{own}")
        server = (value or b"").decode().lower()
        if isinstance(place, GtidVector):
            there = executed.last if isinstance(executed, GtidVector) else {}
            lacking = {str(by) for domain, (by, number) in place.last.items() if there.get(domain, (0, -1))[1] < number}
        else:
            lacking = {one for one, seen in place.intervals.items() if not GtidSet({one: seen}) <= executed}
        return server in lacking

    def _shape_now(self, path: TablePath) -> TableSchema | None:
        try:
            return self._described(path)[1]
        except UndefinedTable:
            return None
        except FeatureNotSupported as error:
            raise SourceRefused(
                f'table "{path[0]}.{path[1]}" has a shape that is not captured', detail=error.message, hint=error.hint
            ) from error

    def acknowledge(self, position: Position) -> None:
        """Nothing: the server keeps its log by time, not for us."""

    def standing(self, position: Position) -> Standing:
        """See `Source`. The server keeps its log by time; what is behind in bytes is behind the stream."""
        return standing(self._connection(), self._executed(), self._place(str(position)), self._at)

    def mark(self, token: str) -> None:
        """Write a watermark."""
        if not token.isascii() or len(token) > 100:
            raise InvalidParameterValue("a watermark has at most 100 characters of ASCII")
        if self._server.watermarks:
            self._watermarks.write(self._connection(), token)
        else:
            self._unwritten().note(self._connection(), token)

    def _view(self) -> AbstractContextManager[None]:
        """What a read of rows is done in: where no watermark was committed before it, a view that sees as much."""
        if self._server.watermarks:
            return nullcontext()
        told = None if self._follower is None else self._follower.place
        return self._unwritten().view(self._connection(), told)

    def _unwritten(self) -> Brackets:
        if self._brackets is None:
            self._brackets = MariaDbBrackets() if self._is_mariadb() else MySqlBrackets()
        return self._brackets

    def snapshot(self) -> SeesAll:
        """The server commits in the order of its log (`binlog_order_commits`): a read sees all that stands before it."""
        return SeesAll()

    # -- chunks ----------------------------------------------------------------------------------------------------------

    def waits_for(self, path: TablePath) -> str:
        """Nobody's: the log has every table."""
        return ""

    def last_key(self, path: TablePath) -> tuple[str, ...] | None:
        """The greatest key now."""
        with self._view():
            return chunks.highest_key(self._connection(), self._described(path)[0])

    def rows_about(self, path: TablePath) -> int | None:
        """What the storage engine thinks."""
        where = f"table_schema = {text(path[0])} AND table_name = {text(path[1])}"
        found = rows(self._connection(), f"SELECT table_rows FROM information_schema.tables WHERE {where}")
        return int(found[0][0]) if found and found[0][0] is not None else None

    def read_chunk(self, path: TablePath, after: tuple[str, ...] | None, upto: tuple[str, ...], rows: int) -> Chunk:
        """The next rows by key."""

        def read(table: Table) -> chunks.Rows:
            return chunks.read_chunk(self._connection(), table, after, upto, rows, self._zero_dates)

        return self._marked(self._read(path, read))

    def read_keys(self, path: TablePath, keys: Sequence[tuple[str, ...]]) -> Chunk:
        """The rows with these keys."""

        def read(table: Table) -> chunks.Rows:
            return chunks.Rows(chunks.read_keys(self._connection(), table, keys, self._zero_dates), None)

        chunk = self._read(path, read)
        return self._marked(replace(chunk, absent=chunks.absent_keys(self._described(path)[0], chunk, keys)))

    def _marked(self, chunk: Chunk) -> Chunk:
        if self._brackets is not None:
            self._brackets.read()
        return chunk

    def _read(self, path: TablePath, read: Callable[[Table], chunks.Rows]) -> Chunk:
        """Rows and the shape they were read in: described before and after, until both are the same."""
        for _ in range(_SHAPE_TRIES):
            table, schema = self._described(path)
            try:
                with self._view():
                    found = read(table)
            except SourceRefused:
                if self._described(path)[0] == table:
                    raise
                continue
            if self._described(path)[0] == table:
                return Chunk(schema, fitted(schema, found.batch, self._lenient), SeesAll(), found.last)
        raise SourceUnavailable(f'the shape of "{".".join(path)}" changes faster than its rows can be read')

    # -- the end -----------------------------------------------------------------------------------------------------------

    def drop(self) -> None:
        """Remove the capture's watermark."""
        if self._server.watermarks:
            self._watermarks.drop(self._connection())

    def close(self) -> None:
        """End the stream and the connection."""
        self._closed = True
        if self._log is not None:
            self._log.close()
        self._connection.close()
