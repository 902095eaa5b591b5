"""Follows the log: transactions whole and in order, changes of captured tables gathered into batches, tables that change
their shape, are emptied or replaced.

Receives the decoder's events, hands `LogItem`s to `source`. It holds what was gathered since the last `flush`, and knows
when it stands between transactions. Pure: what a table looks like now is asked of a function that the source gives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from boathouse.capture.changes import (
    LogItem,
    Mark,
    Reached,
    Rearranged,
    SchemaChanged,
    TableFailed,
    TablePath,
    TableSchema,
    Transaction,
    Truncated,
)
from boathouse.capture.formats.fitting import STRICT, Lenient
from boathouse.capture.mysql.collect import Collector
from boathouse.capture.mysql.decode.columns import ZeroDates
from boathouse.capture.mysql.decode.decoder import Event, Rows
from boathouse.capture.mysql.decode.events import Gtid, MariaGtid, Passed, Query, Xid
from boathouse.capture.mysql.decode.frames import Header, MalformedEvent, Type
from boathouse.capture.mysql.decode.table_map import TableMap
from boathouse.capture.mysql.gtids import GtidSet, GtidVector
from boathouse.capture.mysql.statements import Act, Effects, effects_of, meant
from boathouse.contracts.errors import BoathouseError, DataError, FeatureNotSupported
from boathouse.contracts.source_errors import SourceGap, SourceRefused

Place = GtidSet | GtidVector
ROW_BYTES = 300
"""What a row costs beside its bytes while it is held, about."""
_TRANSACTION_BYTES = 600
"""And a transaction, with its place."""
_UNTOLD = (SourceRefused, DataError, FeatureNotSupported)
"""What is wrong with one table's changes alone."""
Describe = Callable[[TablePath], TableSchema | None]
"""A captured table's shape now; None where it is gone."""


class Naming(Protocol):
    """Where the log does not name its columns, see `names.Names`."""

    def of(self, table: TableMap, place: Place, /) -> TableMap | None:
        """The table with its names; None where they are not to be known."""
        ...

    def forget(self, path: TablePath, /) -> None:
        """A definition of the table was read."""
        ...


@dataclass(slots=True)
class _Group:
    """A transaction being read.

    Args:
        begun: a BEGIN was read, or implied by MariaDB's GTID; else a single statement follows.
        changes: captured changes so far; their number is the next ordinal.
        marks: watermarks in it, told at its end.
    """

    transaction: Transaction
    place: Place
    begun: bool
    is_xa: bool = False
    changes: int = 0
    marks: tuple[str, ...] = ()


def _failed(path: TablePath, error: BoathouseError) -> TableFailed:
    name, why = f"{path[0]}.{path[1]}", error.detail or error.message
    return TableFailed(path, why if name in why else f"{name}: {why}")


class Follower:
    """One reading of the log from a place on."""

    def __init__(
        self,
        after: Place,
        captured: Collection[TablePath],
        watermark: tuple[TablePath, str],
        describe: Describe,
        zero_dates: ZeroDates = ZeroDates.REFUSE,
        *,
        named: bool = True,
        names: Naming,
        lenient: Lenient = STRICT,
    ) -> None:
        """`watermark`: the table of watermarks, and the capture whose row is ours. `named`: the tables were named one by
        one; else they are all that could be captured, and one that could not at some time is passed over until then.
        `names`: of columns, where the log has none. `lenient`: what becomes of texts that do not fit."""
        self.place = after
        self.bytes_held = 0
        self._captured = set(captured)
        self._named = named
        self._watermark, self._capture = watermark
        self._describe = describe
        self._zero_dates, self._names, self._lenient = zero_dates, names, lenient
        self._group: _Group | None = None
        self._collectors: dict[TablePath, Collector] = {}
        self._told: dict[TablePath, str] = {}  # fingerprints
        self._takes: dict[type, Callable[[Header, Any], Iterable[LogItem]]] = {
            Rows: self._rows,
            TableMap: self._announced,
            MariaGtid: self._begin,
            Gtid: self._begin,
            Xid: self._end,
            Query: self._statement,
            Passed: self._passed,
        }
        self._passed_over: set[TablePath] = set()  # whose rows lack names, until their next definition

    @property
    def between(self) -> bool:
        """True between transactions: the only places that a capture may stand at."""
        return self._group is None

    def flush(self) -> Iterator[LogItem]:
        """All that was gathered; between transactions also how far the log was read."""
        yield from self._flush_tables()
        if self.between:
            yield Reached(self.place)

    def feed(self, header: Header, event: Event) -> Iterable[LogItem]:
        """One event; what it leads to is to be taken before the next one.

        Raises:
            FeatureNotSupported, SourceRefused: a change that cannot be told; nothing may be told any more.
            SourceGap: the log is another one than it was.
        """
        take = self._takes.get(event.__class__)
        return () if take is None else take(header, event)

    def _passed(self, header: Header, event: Passed) -> Iterable[LogItem]:
        if event.type != Type.XA_PREPARE:
            return ()
        self._group_now().is_xa = True
        return self._end(header, event)

    # -- transactions ---------------------------------------------------------------------------------------------------

    def _begin(self, header: Header, gtid: Gtid | MariaGtid) -> Iterable[LogItem]:
        if self._group is not None:
            raise MalformedEvent("a transaction begins inside another one")
        if isinstance(gtid, MariaGtid) and isinstance(self.place, GtidVector):
            server, number = self.place.last.get(gtid.domain, (0, -1))
            if server == gtid.server and number >= gtid.sequence:
                raise SourceGap("the server's log began anew: its transactions have numbers that were there before")
            place: Place = self.place.after(gtid)
            begun, is_xa = not gtid.is_standalone, gtid.is_xa
        elif isinstance(gtid, Gtid) and isinstance(self.place, GtidSet):
            if not gtid.number:
                raise SourceRefused(
                    "the binlog holds a transaction without GTID", hint="SET GLOBAL gtid_mode = ON, by its four steps."
                )
            place, begun, is_xa = self.place.after(gtid), False, False
        else:
            raise MalformedEvent("the binlog is another kind of server's than the position")
        self._group = _Group(Transaction(place, 0, header[0] * 1_000_000), place, begun, is_xa)
        return ()

    def _group_now(self) -> _Group:
        if self._group is None:
            raise MalformedEvent("a change stands outside of a transaction")
        return self._group

    def _end(self, header: Header, event: Event) -> Iterable[LogItem]:
        group = self._group_now()
        if group.is_xa and group.changes:
            raise FeatureNotSupported(
                "an XA transaction changed captured tables; it may still be rolled back, and is not captured",
                hint="Leave tables that XA transactions change out of the source's tables.",
            )
        self.place = group.place
        self._group = None
        return self._marked(group.marks) if group.marks else ()

    def _marked(self, tokens: tuple[str, ...]) -> Iterator[LogItem]:
        yield from self._flush_tables()
        yield from map(Mark, tokens)

    def _statement(self, header: Header, query: Query) -> Iterator[LogItem]:
        effects = effects_of(query.text, query.schema)
        group = self._group_now()
        if effects.act is Act.BEGIN:
            group.begun = True
        elif effects.act is Act.COMMIT:
            yield from self._end(header, query)
        elif effects.act in (Act.ROLLBACK, Act.UNDO):
            if group.changes:
                raise FeatureNotSupported(
                    "a transaction that was rolled back in part stands in the binlog and changed captured tables",
                    hint="Tables of engines without transactions were changed together with captured ones.",
                )
            if effects.act is Act.ROLLBACK:
                yield from self._end(header, query)
        elif effects.act is Act.CHANGE:
            raise SourceRefused(
                f"a change was logged as a statement, not by row: {query.text.split(None, 1)[0].upper()} ...",
                hint="SET GLOBAL binlog_format = ROW; no session may set it otherwise.",
            )
        elif effects.act is Act.OTHER:
            yield from self._defined(effects)
            if not group.begun:
                yield from self._end(header, query)

    # -- tables -----------------------------------------------------------------------------------------------------------

    def _defined(self, effects: Effects) -> Iterator[LogItem]:
        """DDL: emptied tables are told; of replaced ones the rows are not in the log, which nobody can tell."""
        transaction = self._group_now().transaction
        for path in effects.reshaped:
            self._names.forget(path)
            self._passed_over.difference_update(meant(path, self._passed_over))
        for path in (*effects.emptied, *effects.altered, *effects.replaced, *effects.rearranged):
            for known in meant(path, self._collectors):
                yield from self._flush_tables()
                del self._collectors[known]
        for path in effects.emptied:
            for table in [path] if path[1] else meant(path, self._told):
                if table in self._captured:
                    yield from self._flush_tables()
                    yield Truncated(table, transaction)
        for path in effects.rearranged:
            if path in self._captured:
                yield Rearranged(path, "", dump=True)
        for path in effects.replaced:
            if path in self._captured:
                yield TableFailed(
                    path,
                    f"the rows of {path[0]}.{path[1]} were replaced by another table's, which the binlog does not tell row by "
                    "row",
                )
        for path in effects.altered:
            try:
                schema = self._describe(path) if path in self._captured else None
            except _UNTOLD as error:
                yield _failed(path, error)
                continue
            if schema is not None:
                yield from self._shaped(schema)

    def _flush_tables(self) -> Iterator[LogItem]:
        for path, collector in self._collectors.items():
            if len(collector):
                try:
                    yield collector.batch()
                except _UNTOLD as error:
                    yield _failed(path, error)
        self.bytes_held = 0

    def _shaped(self, schema: TableSchema) -> Iterator[LogItem]:
        if self._told.get(schema.path) != schema.fingerprint:
            yield from self._flush_tables()
            self._told[schema.path] = schema.fingerprint
            yield SchemaChanged(schema)

    def _announced(self, header: Header, table: TableMap) -> Iterable[LogItem]:
        path = (table.schema, table.table)
        if path == self._watermark or path not in self._captured:
            return ()
        collector = self._collectors.get(path)
        if collector is not None and (collector.table is table or collector.table == table):
            return ()
        return self._shown(path, table)

    def _shown(self, path: TablePath, table: TableMap) -> Iterator[LogItem]:
        try:
            named = self._names.of(table, self._group_now().place)
            made = None if named is None else Collector(table, self._zero_dates, named, self._lenient)
        except (FeatureNotSupported, SourceRefused) as error:
            if isinstance(error, FeatureNotSupported) and not self._named and path not in self._told:
                return
            yield from self._flush_tables()
            self._collectors.pop(path, None)
            yield _failed(path, error)
            return
        if made is None:
            yield from self._flush_tables()
            self._collectors.pop(path, None)
            if path not in self._passed_over:
                self._passed_over.add(path)
                yield Rearranged(path, "", dump=True)
            return
        yield from self._shaped(made.schema)
        yield from self._flush_tables()
        self._collectors[path] = made

    def _rows(self, header: Header, rows: Rows) -> Iterable[LogItem]:
        group = self._group_now()
        path = (rows.table.schema, rows.table.table)
        if path == self._watermark:
            group.marks = (*group.marks, *self._tokens(rows))
        elif path in self._captured:
            collector = self._collectors.get(path)
            if collector is None:
                return ()  # passed over when it was announced
            try:
                count = collector.add(rows, group.transaction, group.changes)
            except _UNTOLD as error:
                return (_failed(path, error),)
            self.bytes_held += len(rows.content) + count * ROW_BYTES + (0 if group.changes else _TRANSACTION_BYTES)
            group.changes += count
        return ()

    def _tokens(self, rows: Rows) -> list[str]:
        """Watermarks of this capture, from the rows' new images."""
        group = self._group_now()
        named = self._names.of(rows.table, group.place)
        if named is None:
            return []  # marks of another time: the table was made anew since
        collector = Collector(rows.table, self._zero_dates, named)
        collector.add(rows, group.transaction, 0)
        batch = collector.batch()
        return [
            str(row["token"])
            for row, op in zip(batch.rows.to_pylist(), batch.ops.to_pylist(), strict=True)
            if row.get("capture") == self._capture and op in (1, 2)
        ]
