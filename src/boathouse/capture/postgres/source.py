"""A PostgreSQL as a `capture.source.Source`: a slot and a publication of its own, and watermarks in its log.

Receives a secret and the tables; see the modules beside it for each part.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import psycopg

from boathouse.capture.changes import Chunk, LogItem, Mark, Position, Reached, TablePath, TableSchema, Visibility
from boathouse.capture.formats.fitting import STRICT, Lenient
from boathouse.capture.postgres import chunks
from boathouse.capture.postgres.catalog import Catalog, SourceTable
from boathouse.capture.postgres.check import (
    check_publication,
    check_server,
    check_slot,
    require_roots,
)
from boathouse.capture.postgres.connect import Row, connect, connect_replication, cut, execute, rows, texts
from boathouse.capture.postgres.decode import Decoder
from boathouse.capture.postgres.layouts import Look, has_moved, look, writers
from boathouse.capture.postgres.position import Log, Lsn, parse_lsn
from boathouse.capture.postgres.publication import publish, published, renew, tells_all
from boathouse.capture.postgres.replication import SILENT_SECONDS_MAX, Replication, Untold, log_behind
from boathouse.capture.postgres.watch import Watch
from boathouse.capture.postgres.watermarks import TABLE, Watermarks, kind_wanted
from boathouse.capture.settings import MEMORY_BYTES
from boathouse.capture.source import Finding, LogSkipped, Only, Shares, Standing, Wanted
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.source_errors import SourceGap, SourceRefused

_IDLE_SECONDS = 0.2
_BATCH_ROWS = 50_000
_FAILOVER_VERSION = 170_000
"""From 17 on a standby can keep a copy of a slot that is made for it."""
_GATHER_SECONDS = 0.2
"""How long small transactions are gathered into one batch while more of them are there already."""
_BETWEEN_SECONDS = 0.01
"""Between two batches of a stream of small transactions: a batch costs about a millisecond however few they are."""


class PostgresSource:
    """See `capture.source.Source`.

    Args:
        name: the integration's; slot and publication are named after it.
        tables: those to capture, see `capture.source.Wanted`.
        memory_bytes_max: what it may hold, see `capture.source.Shares`.
        silent_seconds: after which a server that says nothing is given up.
        lenient: what becomes of texts that do not fit.
    """

    def __init__(
        self,
        name: str,
        secret: Mapping[str, str],
        tables: Sequence[TablePath] | None,
        memory_bytes_max: int = MEMORY_BYTES,
        silent_seconds: float | None = None,
        lenient: Lenient = STRICT,
    ) -> None:
        self._secret, self._wanted, self._shares = dict(secret), Wanted(tables), Shares(memory_bytes_max)
        self._lenient = lenient
        self._silent_seconds = SILENT_SECONDS_MAX if silent_seconds is None else silent_seconds
        self.slot = self.publication = slot_name(name)
        self._watermarks = Watermarks(self.slot, kind_wanted(self._secret))
        self._sql: dict[int, psycopg.Connection[Row]] = {}
        self._shapes: dict[TablePath, chunks.Shape] = {}
        self._stream: Replication | None = None
        self._watching: Watch | None = None
        self._made_slot = False
        self._renewed: dict[tuple[TablePath, int], int] = {}

    @property
    def reads_aside(self) -> bool:
        """See `Source`."""
        return True

    @property
    def _connection(self) -> psycopg.Connection[Row]:
        """One for each thread that asks: a chunk's transaction is nobody else's."""
        known = self._sql.get(threading.get_ident())
        if known is None or known.closed:
            known = self._sql[threading.get_ident()] = connect(self._secret)
        return known

    def check(self) -> list[Finding]:
        """See `Source`."""
        _, findings = Catalog(self._connection).read(self._wanted)
        return [
            *check_server(self._connection, self.slot),
            *self._watermarks.check(self._connection),
            *check_slot(self._connection, self.slot),
            *check_publication(self._connection, self.publication),
            *findings,
        ]

    def tables(self) -> list[TableSchema]:
        """See `Source`."""
        return [table.schema for table in Catalog(self._connection).read(self._wanted)[0].values()]

    def database(self) -> str:
        """See `Source`."""
        return texts(self._connection, "SELECT current_database()")[0][0]

    def include(self) -> None:
        """See `Source`."""
        self._publish()

    def prepare(self) -> Lsn:
        """See `Source`. The slot is made after the publication, so that it never decodes without."""
        connection = self._connection
        self._publish()
        found = self._slot()
        if found is None:
            more = ", failover => true" if connection.info.server_version >= _FAILOVER_VERSION else ""
            made = f"SELECT pg_create_logical_replication_slot(slot_name => %s::name, plugin => 'pgoutput'{more})"
            rows(connection, made, (self.slot,), waits=True)
            found, self._made_slot = self._slot(), True
        assert found is not None
        return found

    def _publish(self) -> None:
        marks = self._watermarks.in_table(self._connection)
        self._watermarks.make(self._connection)
        publish(
            self._connection, self.publication, {table.path for table in self.tables()}, {TABLE} if marks else set()
        )

    def _slot(self) -> Lsn | None:
        found = texts(
            self._connection,
            "SELECT coalesce(confirmed_flush_lsn::text, ''), coalesce(to_jsonb(s)->>'wal_status', ''), plugin, "
            "coalesce(database, '') = current_database() FROM pg_replication_slots s WHERE slot_name = %s",
            (self.slot,),
        )
        if not found:
            return None
        confirmed, status, plugin, ours = found[0]
        if status in ("lost", "unreserved") and not confirmed:
            raise SourceGap(f'the slot "{self.slot}" was invalidated: the log that it needs is gone')
        if status == "lost":
            raise SourceGap(f'the slot "{self.slot}" has lost the log that it needs')
        if plugin != "pgoutput" or ours != "t":
            raise SourceRefused(f'the slot "{self.slot}" is not one of ours')
        return parse_lsn(confirmed)

    def position(self, text: str) -> Lsn:
        """See `Source`."""
        return parse_lsn(text)

    def stream(self, after: Position, layouts: Mapping[TablePath, str] | None = None) -> Iterator[LogItem]:
        """See `Source`."""
        assert isinstance(after, Lsn)
        slot = self._slot()
        if slot is None:
            raise SourceGap(f'the slot "{self.slot}" is gone')
        if not slot <= after:
            raise SourceGap(f'the slot "{self.slot}" is at {slot}, ahead of {after}, where the capture stands')
        watch = self._watching = self._watch(layouts or {})
        first = list(watch.begin())
        catalog = Catalog(self._connection)
        known = catalog.read(self._wanted)[0]
        decoder = Decoder(
            frozenset((*published(self._connection, self.publication), *self._wanted.named)) - {TABLE},
            lambda path: _key_names(catalog, known, path),
            catalog.base_of,
            chunks.current_snapshot(self._connection).xmax,
            watch.parts,
            self.slot,
            self._lenient,
        )
        connection = connect_replication(self._secret)
        try:
            log = log_behind(connection.pgconn, after)
        except BaseException:
            connection.close()
            raise
        self._stream = stream = Replication(
            connection,
            self.slot,
            self.publication,
            after.value,
            self._shares.log_bytes,
            self._silent_seconds,
            self._broke,
        )
        try:
            yield from first
            yield from _items(stream, decoder, Lsn(after.value, log), self._shares, watch)
        except Untold as failure:
            raise self._skipped(failure, log) from None
        finally:
            stream.close()

    def _skipped(self, failure: Untold, log: Log) -> BoathouseError:
        """Let the publication tell all again, and say from where on it does."""
        self._sql.pop(threading.get_ident()).close()  # it was cut
        if not tells_all(self._connection) and not self._watermarks.in_table(self._connection):
            return failure
        self._publish()
        ((now,),) = texts(self._connection, "SELECT pg_current_wal_insert_lsn()::text")
        return LogSkipped(failure.message, Lsn(parse_lsn(now).value, log))

    def _watch(self, known: Mapping[TablePath, str]) -> Watch:
        """Over the captured tables.

        Raises:
            SourceRefused: the publication tells changes of partitions as such.
        """
        paths = [schema.path for schema in self.tables()] if self._wanted.is_open else list(self._wanted.named)

        def look_now() -> Look:
            own = [TABLE] if self._watermarks.in_table(self._connection) else []
            found = look(self._connection, self.publication, [*paths, *own])
            if own and ((marks := found.layouts.pop(TABLE, None)) is None or not marks.told):
                self._publish()
            if found.parts:
                require_roots(self._connection, self.publication)
            return found

        def refusal(path: TablePath) -> str:
            found = Catalog(self._connection).read(Only([path]))[1]
            return f"{found[0].subject}: {found[0].message}" if found else ""

        return Watch(
            known,
            look_now,
            lambda before, now, path: has_moved(self._connection, before, now, path),
            self._publish,
            refusal,
            self.mark,
            from_slot=self._made_slot,
        )

    def _broke(self, failure: BoathouseError) -> None:
        """The log's connection is gone; whoever waits at another one would wait for as long as nobody tells."""
        for connection in list(self._sql.values()):
            if not connection.closed:
                cut(connection, failure)

    def acknowledge(self, position: Position) -> None:
        """See `Source`."""
        assert isinstance(position, Lsn)
        if self._stream is not None:
            self._stream.acknowledge(position.value)

    def standing(self, position: Position) -> Standing:
        """See `Source`. The slot keeps the log."""
        assert isinstance(position, Lsn)
        ((end, *kept),) = texts(
            self._connection,
            "SELECT pg_current_wal_flush_lsn()::text, coalesce(restart_lsn::text, ''), coalesce(to_jsonb(s)->>'wal_status', "
            "CASE WHEN NOT to_jsonb(s) ? 'wal_status' THEN 'reserved' END, '') FROM (SELECT) AS one "
            "LEFT JOIN pg_replication_slots s ON slot_name = %s",
            (self.slot,),
        )
        now, start = parse_lsn(end), parse_lsn(kept[0]) if kept[0] else None
        held = now.value - (now if start is None else start).value
        return Standing(now, max(now.value - position.value, 0), None, kept[0], held, kept[1] or "gone")

    def mark(self, token: str) -> None:
        """See `Source`."""
        self._watermarks.write(self._connection, token)

    def snapshot(self) -> Visibility:
        """See `Source`."""
        return chunks.current_snapshot(self._connection)

    def waits_for(self, path: TablePath) -> str:
        """See `Source`."""
        layout = None if self._watching is None else self._watching.layout(path)
        if layout is None or not layout.ceiling:
            return ""
        connection, key = self._connection, (path, layout.ceiling)
        others = writers(connection, replace(layout, ceiling=self._renewed.get(key, layout.ceiling)))
        if (
            not others
            and key not in self._renewed
            and not tells_all(connection)
            and self._watermarks.in_table(connection)
        ):
            renew(connection, self.publication, TABLE)
            self._renewed[key] = chunks.current_snapshot(connection).xmax
            return self.waits_for(path)
        return ", ".join(others)

    def last_key(self, path: TablePath) -> tuple[str, ...] | None:
        """See `Source`."""
        return chunks.last_key(self._connection, Catalog(self._connection).require(path))

    def rows_about(self, path: TablePath) -> int | None:
        """See `Source`."""
        return chunks.rows_about(self._connection, Catalog(self._connection).require(path))

    def read_chunk(self, path: TablePath, after: tuple[str, ...] | None, upto: tuple[str, ...], rows: int) -> Chunk:
        """See `Source`."""
        return chunks.read_chunk(self._connection, path, self._shapes, after, upto, rows, self._lenient)

    def read_keys(self, path: TablePath, keys: Sequence[tuple[str, ...]]) -> Chunk:
        """See `Source`."""
        return chunks.read_keys(self._connection, path, self._shapes, keys, self._lenient)

    def drop(self) -> None:
        """See `Source`."""
        self.close()
        connection = self._connection
        rows(
            connection,
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s",
            (self.slot,),
        )
        execute(connection, f'DROP PUBLICATION IF EXISTS "{self.publication}"')
        self._watermarks.drop(connection)

    def close(self) -> None:
        """See `Source`."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
        while self._sql:
            self._sql.popitem()[1].close()


def slot_name(name: str) -> str:
    """Of an integration; slots take lower-case letters, digits and underscores, 63 bytes."""
    return "boathouse_" + "".join(char if char.isascii() and char.isalnum() else "_" for char in name.lower())[:53]


def _key_names(catalog: Catalog, known: dict[TablePath, SourceTable], path: TablePath) -> tuple[str, ...] | None:
    """The columns of a table's key today; None where it has none any more: the log then says what it had."""
    if path not in known:
        try:
            known[path] = catalog.require(path)
        except SourceRefused:
            return None
    schema = known[path].schema
    return tuple(schema.columns[index].name for index in schema.key)


def _items(stream: Replication, decoder: Decoder, after: Lsn, shares: Shares, watch: Watch) -> Iterator[LogItem]:
    """What the decoder makes of the stream: gathered where much comes at once, at once where little does; and what the watch
    notices beside it."""
    reached, gathering, told = after, time.monotonic(), 0.0
    rows_max, bytes_max = min(_BATCH_ROWS, shares.rows), shares.rows_bytes
    pause = _IDLE_SECONDS
    while True:
        handed, pause = stream.take(pause), _IDLE_SECONDS
        if handed is not None:
            decoder.feed(*handed[0])
        in_transaction, now = decoder.in_transaction, time.monotonic()
        if handed is not None and handed[1] is not None and not in_transaction and Lsn(handed[1]) > reached:
            reached = Lsn(handed[1], after.of)
        if decoder.rows < rows_max and decoder.bytes < bytes_max:
            if stream.is_waiting and now - gathering < _GATHER_SECONDS:
                continue
            gathering = now
            if in_transaction:
                continue
            if decoder.rows and now - told < _BETWEEN_SECONDS:
                pause = told + _BETWEEN_SECONDS - now
                continue
            told = now if decoder.rows else told
        for item in decoder.drain():
            if isinstance(item, Reached):
                assert isinstance(item.position, Lsn)
                reached = max(reached, Lsn(item.position.value, after.of))
            elif isinstance(item, Mark):
                yield item
                yield from watch.met(item.token)
            else:
                yield item
        if in_transaction:
            continue
        met, decoder.met_stranger = decoder.met_stranger, False
        yield from watch.again(soon=met)
        yield Reached(reached)
