"""pgoutput, protocol version 1: messages of the log become columnar batches.

Receives the payloads of XLogData messages in order; `drain` hands on what has gathered. Values stay the bytes that the
server sent until a batch is made: then each column is converted at once. Pure.

Source: PostgreSQL documentation, "Logical Replication Message Formats".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from struct import Struct, unpack_from
from typing import TypeAlias

import pyarrow as pa

from boathouse.capture.changes import (
    DELETE,
    INSERT,
    MOVED,
    UPDATE,
    ChangeBatch,
    Column,
    LogItem,
    Mark,
    Reached,
    SchemaChanged,
    TableFailed,
    TablePath,
    TableSchema,
    Transaction,
    Truncated,
    require_sizes,
)
from boathouse.capture.postgres.position import Lsn
from boathouse.capture.postgres.types import canonical, warehouse_type
from boathouse.contracts.source_errors import SourceRefused

PREFIX = b"boathouse"
"""Of our logical messages."""
EPOCH_US = 946_684_800_000_000
"""PostgreSQL's times count from 2000."""
_BEGIN, _COMMIT, _LENGTH, _COLUMN = Struct("!qqI"), Struct("!bqqq"), Struct("!I"), Struct("!Ii")
_WRAP = 1 << 32

Tuple: TypeAlias = list[bytes | None]
_UNCHANGED = b"\x00unchanged"
"""Stands in a tuple for a value that was not sent; told apart by identity."""


@dataclass
class _Table:
    """A relation of the log and the rows of it that have gathered.

    Attributes:
        refusal: why its rows cannot be told; empty where they can.
    """

    schema: TableSchema
    full: bool
    refusal: str = ""
    values: list[Tuple] = field(default_factory=list)
    ops: list[int] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    transaction: list[int] = field(default_factory=list)
    ordinals: list[int] = field(default_factory=list)
    patterns: dict[frozenset[int], int] = field(default_factory=lambda: {frozenset(): 0})
    pattern: list[int] = field(default_factory=list)


class Decoder:
    """See the module.

    Args:
        tables: those that are captured; rows of others are passed over.
        key_of: a table's key columns in key order, and None where they are the ones that the log flags.
        base_of: for a type oid that is not built in, the (oid, typmod) that it is a domain over, else itself.
        xid_near: a recent transaction number with its epoch; the log's have 32 bits.
    """

    def __init__(
        self,
        tables: frozenset[TablePath],
        key_of: Callable[[TablePath], tuple[str, ...] | None],
        base_of: Callable[[int, int], tuple[int, int]],
        xid_near: int,
    ) -> None:
        self._tables, self._key_of, self._base_of, self._xid = tables, key_of, base_of, xid_near
        self._relations: dict[int, _Table | None] = {}
        self._out: list[LogItem] = []
        self._now: Transaction | None = None
        self._ordinal = 0
        self.rows = 0
        """Rows that have gathered since the last `drain`."""
        self.bytes = 0
        self.reached: Lsn | None = None
        """The place behind the last whole transaction; None inside of one."""
        self._handlers: dict[int, Callable[[bytes], None]] = {
            ord("B"): self._begin, ord("C"): self._commit, ord("R"): self._relation, ord("I"): self._insert,
            ord("U"): self._update, ord("D"): self._delete, ord("T"): self._truncate, ord("M"): self._message,
            ord("Y"): lambda message: None, ord("O"): lambda message: None,
        }  # fmt: skip

    def feed(self, message: bytes) -> None:
        """One message.

        Raises:
            SourceRefused: of a kind that is not known, or not readable: nothing may be passed over.
        """
        handler = self._handlers.get(message[0])
        if handler is None:
            raise SourceRefused(f"the source's log has a message of the unknown kind {message[:1]!r}")
        try:
            handler(message)
        except (IndexError, ValueError, KeyError) as failure:
            raise SourceRefused(f"a message of kind {message[:1]!r} of the source's log cannot be read") from failure
        self.bytes += len(message)

    def drain(self) -> list[LogItem]:
        """What has gathered; with `Reached` at its end outside of a transaction."""
        for table in self._relations.values():
            if table is not None:
                self._flush(table)
        out, self._out = self._out, []
        self.rows = self.bytes = 0
        if self.reached is not None:
            out.append(Reached(self.reached))
        return out

    @property
    def in_transaction(self) -> bool:
        """True between a transaction's begin and its end."""
        return self._now is not None

    # -- transactions ----------------------------------------------------------------------------------------

    def _begin(self, message: bytes) -> None:
        lsn, at, xid = _BEGIN.unpack_from(message, 1)
        near = self._xid - self._xid % _WRAP + xid
        self._xid = full = min((near - _WRAP, near, near + _WRAP), key=lambda one: abs(one - self._xid))
        self._now = Transaction(Lsn(lsn), full, at + EPOCH_US)
        self._ordinal = 0
        self.reached = None

    def _commit(self, message: bytes) -> None:
        self.reached = Lsn(_COMMIT.unpack_from(message, 1)[2])
        self._now = None

    def _message(self, message: bytes) -> None:
        end = message.index(b"\x00", 10)
        if message[10:end] != PREFIX:
            return
        length = _LENGTH.unpack_from(message, end + 1)[0]
        reached, self.reached = self.reached, None
        before = self.drain()
        self._out = [*before, Mark(message[end + 5 : end + 5 + length].decode("ascii", "replace"))]
        self.reached = reached

    # -- relations -------------------------------------------------------------------------------------------

    def _relation(self, message: bytes) -> None:
        oid = _LENGTH.unpack_from(message, 1)[0]
        schema_end = message.index(b"\x00", 5)
        name_end = message.index(b"\x00", schema_end + 1)
        path = (message[5:schema_end].decode() or "pg_catalog", message[schema_end + 1 : name_end].decode())
        known = self._relations.get(oid)
        if known is not None:
            self._flush(known)
        if path not in self._tables:
            self._relations[oid] = None
            return
        full = message[name_end + 1 : name_end + 2] == b"f"
        count = unpack_from("!H", message, name_end + 2)[0]
        at, columns, flagged = name_end + 4, [], []
        for _ in range(count):
            end = message.index(b"\x00", at + 1)
            name = message[at + 1 : end].decode()
            type_oid, typmod = _COLUMN.unpack_from(message, end + 1)
            columns.append(Column(name, warehouse_type(*self._base_of(type_oid, typmod)), f"{type_oid}:{typmod}"))
            if message[at] & 1:
                flagged.append(name)
            at = end + 9
        key = self._key(path, columns, flagged, full=full)
        schema = TableSchema(*path, tuple(columns), key)
        refusal = (
            "" if key else f"the log does not tell the rows of {path[0]}.{path[1]} apart: it has no primary key there"
        )
        if key and (known is None or known.schema != schema):
            self._out.append(SchemaChanged(schema))
        self._relations[oid] = _Table(schema, full, refusal)

    def _key(self, path: TablePath, columns: list[Column], flagged: list[str], *, full: bool) -> tuple[int, ...]:
        wanted = self._key_of(path)
        names = [column.name for column in columns]
        if wanted is not None and set(wanted) <= set(names) and (full or set(wanted) == set(flagged)):
            return tuple(names.index(name) for name in wanted)
        return () if full else tuple(names.index(name) for name in flagged)

    # -- rows ------------------------------------------------------------------------------------------------

    def _insert(self, message: bytes) -> None:
        table = self._relations[_LENGTH.unpack_from(message, 1)[0]]
        if table is not None:
            self._add(table, INSERT, _tuple(message, 6)[0])

    def _update(self, message: bytes) -> None:
        table = self._relations[_LENGTH.unpack_from(message, 1)[0]]
        if table is None:
            return
        at, old = 5, None
        if message[at] != ord("N"):
            old, at = _tuple(message, at + 1)
        new = _tuple(message, at + 1)[0]
        if old is None:
            self._add(table, UPDATE, new)
            return
        if table.full:
            new = [before if value is _UNCHANGED else value for value, before in zip(new, old, strict=True)]
        key = table.schema.key
        if all(new[index] is _UNCHANGED or new[index] == old[index] for index in key):
            self._add(table, UPDATE, [old[i] if i in key else value for i, value in enumerate(new)])
            return
        self._add(table, DELETE, old)
        self._add(table, MOVED, [old[i] if i in key and value is _UNCHANGED else value for i, value in enumerate(new)])

    def _delete(self, message: bytes) -> None:
        table = self._relations[_LENGTH.unpack_from(message, 1)[0]]
        if table is not None:
            self._add(table, DELETE, _tuple(message, 6)[0])

    def _truncate(self, message: bytes) -> None:
        count = _LENGTH.unpack_from(message, 1)[0]
        assert self._now is not None
        for oid in unpack_from(f"!{count}I", message, 6):
            table = self._relations[oid]
            if table is not None:
                self._flush(table)
                self._out.append(Truncated(table.schema.path, self._now))

    def _add(self, table: _Table, op: int, row: Tuple) -> None:
        assert self._now is not None
        if not table.transactions or table.transactions[-1] is not self._now:
            table.transactions.append(self._now)
        unchanged = frozenset(i for i, value in enumerate(row) if value is _UNCHANGED) if _UNCHANGED in row else None
        if unchanged:
            row = [None if value is _UNCHANGED else value for value in row]
        table.pattern.append(table.patterns.setdefault(unchanged, len(table.patterns)) if unchanged else 0)
        table.values.append(row)
        table.ops.append(op)
        table.transaction.append(len(table.transactions) - 1)
        table.ordinals.append(self._ordinal)
        self._ordinal += 1
        self.rows += 1

    def _flush(self, table: _Table) -> None:
        if not table.values:
            return
        try:
            if table.refusal:
                raise SourceRefused(table.refusal)
            self._out.append(_batch(table))
        except SourceRefused as failure:
            xids = frozenset(transaction.xid for transaction in table.transactions)
            self._out.append(TableFailed(table.schema.path, failure.message, xids))
        vars(table).update(vars(_Table(table.schema, table.full, table.refusal)))


def _batch(table: _Table) -> ChangeBatch:
    """The rows that have gathered.

    Raises:
        SourceRefused: a value that the warehouse's type cannot hold.
    """
    schema = table.schema
    where = f"{schema.schema}.{schema.name}."
    arrays = [
        canonical(values, column.type, where + column.name)
        for values, column in zip(zip(*table.values, strict=True), schema.columns, strict=True)
    ]
    rows = pa.RecordBatch.from_arrays(arrays, schema=schema.arrow)
    require_sizes(schema, rows)
    return ChangeBatch(
        schema,
        rows,
        pa.array(table.ops, pa.int8()),
        tuple(table.transactions),
        pa.array(table.transaction, pa.int32()),
        pa.array(table.ordinals, pa.int64()),
        tuple(table.patterns),
        pa.array(table.pattern, pa.int32()) if len(table.patterns) > 1 else None,
    )


def _tuple(message: bytes, at: int) -> tuple[Tuple, int]:
    """A TupleData and where it ends."""
    count = (message[at] << 8) | message[at + 1]
    at += 2
    row: Tuple = []
    for _ in range(count):
        kind = message[at]
        if kind == 116:  # t: text
            start = at + 5
            at = start + _LENGTH.unpack_from(message, at + 1)[0]
            if at > len(message):
                raise ValueError("a value is cut short")
            row.append(message[start:at])
        elif kind == 110:  # n: null
            row.append(None)
            at += 1
        elif kind == 117:  # u: unchanged
            row.append(_UNCHANGED)
            at += 1
        else:
            raise ValueError("a value of an unknown kind")
    return row, at
