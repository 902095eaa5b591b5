"""A destination for the tests: it applies what a source tells, by the contract's rules, and holds on to its history."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from boathouse.capture.changes import (
    DELETE,
    INSERT,
    MOVED,
    UPDATE,
    ChangeBatch,
    LogItem,
    Mark,
    Reached,
    Rearranged,
    SchemaChanged,
    TableFailed,
    TablePath,
    Truncated,
)
from boathouse.capture.mysql.source import MySqlSource


@dataclass
class Sink:
    """Tables by path, rows by key; `history` has (position, ordinal, op, key) of every change."""

    tables: dict[TablePath, dict[Any, dict[str, Any]]] = field(default_factory=dict)
    history: list[tuple[str, int, int, Any]] = field(default_factory=list)
    shapes: dict[TablePath, list[str]] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    failed: dict[TablePath, str] = field(default_factory=dict)
    rearranged: list[TablePath] = field(default_factory=list)
    position: str = ""
    items: list[str] = field(default_factory=list)

    def take(self, item: LogItem) -> None:
        self.items.append(type(item).__name__)
        if isinstance(item, SchemaChanged):
            self.shapes.setdefault(item.schema.path, []).append(item.schema.fingerprint)
        elif isinstance(item, TableFailed):
            self.failed.setdefault(item.path, item.reason)
        elif isinstance(item, Rearranged):
            self.rearranged.append(item.path)
        elif isinstance(item, Truncated):
            self.tables[item.path] = {}
        elif isinstance(item, Mark):
            self.marks.append(item.token)
        elif isinstance(item, Reached):
            self.position = str(item.position)
        else:
            self._apply(item)

    def _apply(self, batch: ChangeBatch) -> None:
        if batch.schema.path in self.failed:
            return
        assert batch.rows.schema == batch.schema.arrow
        assert self.shapes[batch.schema.path][-1] == batch.schema.fingerprint
        table = self.tables.setdefault(batch.schema.path, {})
        rows = zip(
            batch.keys(),
            batch.rows.to_pylist(),
            batch.ops.to_pylist(),
            batch.transaction.to_pylist(),
            batch.ordinals.to_pylist(),
            strict=True,
        )
        for key, row, op, transaction, ordinal in rows:
            self.history.append((str(batch.transactions[transaction].position), ordinal, op, key))
            if op == DELETE:
                assert key in table
                del table[key]
            else:
                assert (key in table) == (op == UPDATE), (op, key)
                assert op in (INSERT, UPDATE, MOVED)
                table[key] = row


def follow(source: MySqlSource, after: str, until: str | None = None, sink: Sink | None = None) -> Sink:
    """Everything from a place to a watermark that is written now, or to the one given."""
    sink = sink or Sink()
    token = until or f"end-{id(sink)}-{len(sink.items)}"
    if until is None:
        source.mark(token)
    stream = source.stream(source.position(after))
    deadline = time.monotonic() + 60
    for item in stream:
        assert time.monotonic() < deadline, f"the watermark {token} did not come"
        sink.take(item)
        if sink.marks[-1:] == [token]:
            break
    stream.close()
    return sink


def names(items: Iterable[str]) -> list[str]:
    """Kinds of items without the `Reached` between them."""
    return [item for item in items if item != "Reached"]
