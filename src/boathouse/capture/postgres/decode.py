"""pgoutput, protocol version 1: messages of the log become columnar batches.

Receives the payloads of XLogData messages in order; `drain` hands on what has gathered. Values stay the bytes that the
server sent until a batch is made: then each column is converted at once. Pure.

Source: PostgreSQL documentation, "Logical Replication Message Formats".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from struct import Struct, unpack_from
from struct import error as StructError  # noqa: N812 - its own name says nothing

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
)
from boathouse.capture.formats.fitting import STRICT, Lenient, fitted
from boathouse.capture.postgres.position import Lsn
from boathouse.capture.postgres.tuples import UNCHANGED, Tuple, columns_of, tuple_at
from boathouse.capture.postgres.types import Values, canonical, warehouse_type
from boathouse.capture.postgres.watermarks import PREFIX, TABLE
from boathouse.contracts.source_errors import SourceRefused

EPOCH_US = 946_684_800_000_000
"""PostgreSQL's times count from 2000."""
_BEGIN, _COMMIT, _LENGTH, _COLUMN = Struct("!qqI"), Struct("!bqqq"), Struct("!I"), Struct("!Ii")
_WRAP = 1 << 32
_NO_PARTS: Mapping[TablePath, TablePath] = {}


@dataclass
class _Table:
    """A relation of the log and the rows of it that have gathered.

    Attributes:
        refusal: why its rows cannot be told; empty where they can.
        messages, starts: a row each: its message, and where in it the TupleData begins.
        rows: what the row is, where the message's new values are not the whole of it.
    """

    schema: TableSchema
    full: bool
    refusal: str = ""
    messages: list[bytes] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    rows: dict[int, Tuple] = field(default_factory=dict)
    ops: list[int] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    transaction: list[int] = field(default_factory=list)
    ordinals: list[int] = field(default_factory=list)


class Decoder:
    """See the module.

    Args:
        tables: those that are captured; rows of others are passed over.
        key_of: a table's key columns in key order, and None where they are the ones that the log flags.
        base_of: for a type oid that is not built in, the (oid, typmod) that it is a domain over, else itself.
        xid_near: a recent transaction number with its epoch; the log's have 32 bits.
        parts: the captured table that a partition is of, by the partition's name; it may grow.
        capture: whose row of the table of watermarks is ours.
        lenient: what becomes of texts that do not fit.

    Attributes:
        met_stranger: the log has named a table that is neither captured nor known as a partition.
    """

    def __init__(
        self,
        tables: frozenset[TablePath],
        key_of: Callable[[TablePath], tuple[str, ...] | None],
        base_of: Callable[[int, int], tuple[int, int]],
        xid_near: int,
        parts: Mapping[TablePath, TablePath] = _NO_PARTS,
        capture: str = "",
        lenient: Lenient = STRICT,
    ) -> None:
        self._tables, self._key_of, self._base_of, self._xid = tables, key_of, base_of, xid_near
        self._relations: dict[int, _Table | None] = {}
        self._parts, self._capture, self._lenient = parts, capture.encode(), lenient
        self.met_stranger = False
        self._own: dict[int, TablePath] = {}  # tables that are not captured
        self._out: list[LogItem] = []
        self._now: Transaction | None = None
        self._ordinal = 0
        self.rows = 0
        """Rows that have gathered since the last `drain`."""
        self.bytes = 0
        self._end: int | None = None
        self._handlers: dict[int, Callable[[bytes], None]] = {
            ord("B"): self._begin, ord("C"): self._commit, ord("R"): self._relation, ord("I"): self._insert,
            ord("U"): self._update, ord("D"): self._delete, ord("T"): self._truncate, ord("M"): self._message,
            ord("Y"): lambda message: None, ord("O"): lambda message: None,
        }  # fmt: skip

    def feed(self, *messages: bytes) -> None:
        """Messages, in their order.

        Raises:
            SourceRefused: of a kind that is not known, or not readable: nothing may be passed over.
        """
        handlers = self._handlers
        for message in messages:
            handler = handlers.get(message[0]) if message else None
            if handler is None:
                raise SourceRefused(f"the source's log has a message of the unknown kind {message[:1]!r}")
            try:
                handler(message)
            except (IndexError, ValueError, KeyError, StructError) as failure:
                raise SourceRefused(
                    f"a message of kind {message[:1]!r} of the source's log cannot be read"
                ) from failure
        self.bytes += sum(map(len, messages))

    def drain(self) -> list[LogItem]:
        """What has gathered; with `Reached` at its end outside of a transaction."""
        for table in self._relations.values():
            if table is not None:
                self._flush(table)
        out, self._out = self._out, []
        self.rows = self.bytes = 0
        if self._end is not None:
            out.append(Reached(Lsn(self._end)))
        return out

    @property
    def in_transaction(self) -> bool:
        """True between a transaction's begin and its end."""
        return self._now is not None

    # -- transactions ----------------------------------------------------------------------------------------

    def _begin(self, message: bytes) -> None:
        lsn, at, xid = _BEGIN.unpack_from(message, 1)
        half = _WRAP >> 1
        self._xid = full = self._xid + (xid - self._xid + half) % _WRAP - half  # the nearest with these 32 bits
        self._now = Transaction(Lsn(lsn), full, at + EPOCH_US)
        self._ordinal = 0
        self._end = None

    def _commit(self, message: bytes) -> None:
        self._end = _COMMIT.unpack_from(message, 1)[2]
        self._now = None

    def _transaction(self) -> Transaction:
        if self._now is None:
            raise ValueError("a change stands outside of a transaction")
        return self._now

    def _message(self, message: bytes) -> None:
        end = message.index(b"\x00", 10)
        if message[10:end] == PREFIX.encode():
            length = _LENGTH.unpack_from(message, end + 1)[0]
            self._mark(message[end + 5 : end + 5 + length])

    def _mark(self, token: bytes) -> None:
        reached, self._end = self._end, None
        before = self.drain()
        self._out = [*before, Mark(token.decode("ascii", "replace"))]
        self._end = reached

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
            self._relations[oid], self._own[oid] = None, path
            self.met_stranger |= path not in self._parts and path != TABLE
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
        self._add(self._relations[_LENGTH.unpack_from(message, 1)[0]], INSERT, message, 6)

    def _update(self, message: bytes) -> None:
        table = self._relations[_LENGTH.unpack_from(message, 1)[0]]
        if table is None or message[5] == ord("N"):
            self._add(table, UPDATE, message, 6)
            return
        old, at = tuple_at(message, 6)
        new, row, key = tuple_at(message, at + 1)[0], None, table.schema.key
        if UNCHANGED in new:
            known = range(len(new)) if table.full else key
            new = row = [old[i] if value is UNCHANGED and i in known else value for i, value in enumerate(new)]
        if all(new[index] == old[index] for index in key):
            self._add(table, UPDATE, message, at + 1, row)
            return
        self._add(table, DELETE, message[:at], 6)
        self._add(table, MOVED, message, at + 1, row)

    def _delete(self, message: bytes) -> None:
        self._add(self._relations[_LENGTH.unpack_from(message, 1)[0]], DELETE, message, 6)

    def _truncate(self, message: bytes) -> None:
        count = _LENGTH.unpack_from(message, 1)[0]
        transaction = self._transaction()
        for oid in unpack_from(f"!{count}I", message, 6):
            table = self._relations[oid]
            if table is not None:
                self._flush(table)
                self._out.append(Truncated(table.schema.path, transaction))
            else:
                self._pass(oid)

    def _add(self, table: _Table | None, op: int, message: bytes, at: int, row: Tuple | None = None) -> None:
        """One row; `row` where it is not what the message's TupleData at this place says."""
        if table is None:
            oid = _LENGTH.unpack_from(message, 1)[0]
            if self._own[oid] == TABLE and op != DELETE:
                capture, token = tuple_at(message, at)[0]
                if capture == self._capture and isinstance(token, bytes):
                    self._mark(token)
            else:
                self._pass(oid)
            return
        transaction = self._now or self._transaction()
        if (message[at] << 8) | message[at + 1] != len(table.schema.columns):
            raise ValueError("a row has another number of values than its table has columns")
        if not table.transactions or table.transactions[-1] is not transaction:
            table.transactions.append(transaction)
        if row is not None:
            table.rows[len(table.messages)] = row
        table.messages.append(message)
        table.starts.append(at)
        table.ops.append(op)
        table.transaction.append(len(table.transactions) - 1)
        table.ordinals.append(self._ordinal)
        self._ordinal += 1
        self.rows += 1

    def _pass(self, oid: int) -> None:
        """A change of a table that is not captured: but a partition's are its root's, and come under the root's name."""
        root = self._parts.get(self._own[oid])
        if root is not None:
            reason = (
                f"the publication tells changes of {'.'.join(root)} as those of its partitions; "
                "ALTER PUBLICATION … SET (publish_via_partition_root = true)"
            )
            self._out.append(TableFailed(root, reason, frozenset((self._transaction().xid,))))

    def _flush(self, table: _Table) -> None:
        if not table.messages:
            return
        try:
            columns, patterns, pattern = _taken_apart(table)
        except (IndexError, ValueError, StructError) as failure:
            where = f"{table.schema.schema}.{table.schema.name}"
            raise SourceRefused(f"rows of {where} in the source's log cannot be read") from failure
        try:
            if table.refusal:
                raise SourceRefused(table.refusal)
            self._out.append(_batch(table, columns, patterns, pattern, self._lenient))
        except SourceRefused as failure:
            xids = frozenset(transaction.xid for transaction in table.transactions)
            self._out.append(TableFailed(table.schema.path, failure.message, xids))
        vars(table).update(vars(_Table(table.schema, table.full, table.refusal)))


_Patterns = dict[frozenset[int], int]


def _taken_apart(table: _Table) -> tuple[Sequence[Values], _Patterns, list[int]]:
    """The columns; sets of columns whose values were not sent, and which of them each row has."""
    count, patterns = len(table.schema.columns), {frozenset[int](): 0}
    columns = None if table.rows else columns_of(table.messages, table.starts, count)
    if columns is not None:
        return columns, patterns, []
    rows, pattern = [], []
    for place, (message, at) in enumerate(zip(table.messages, table.starts, strict=True)):
        row = table.rows[place] if place in table.rows else tuple_at(message, at)[0]
        unsent = (
            frozenset(i for i, value in enumerate(row) if value is UNCHANGED) if UNCHANGED in row else frozenset[int]()
        )
        pattern.append(patterns.setdefault(unsent, len(patterns)))
        rows.append([None if value is UNCHANGED else value for value in row] if unsent else row)
    return [*zip(*rows, strict=True)], patterns, pattern


def _batch(
    table: _Table, columns: Sequence[Values], patterns: _Patterns, pattern: list[int], lenient: Lenient
) -> ChangeBatch:
    """The rows that have gathered.

    Raises:
        SourceRefused: a value that the warehouse's type cannot hold.
    """
    schema = table.schema
    where = f"{schema.schema}.{schema.name}."
    arrays = [
        canonical(values, column.type, where + column.name, replaces=lenient.replaces and index not in schema.key)
        for index, (values, column) in enumerate(zip(columns, schema.columns, strict=True))
    ]
    rows = fitted(schema, pa.RecordBatch.from_arrays(arrays, schema=schema.arrow), lenient)
    return ChangeBatch(
        schema,
        rows,
        pa.array(table.ops, pa.int8()),
        tuple(table.transactions),
        pa.array(table.transaction, pa.int32()),
        pa.array(table.ordinals, pa.int64()),
        tuple(patterns),
        pa.array(pattern, pa.int32()) if len(patterns) > 1 else None,
    )
