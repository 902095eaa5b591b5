"""The house's own event: one JSON object a change. Documented in docs/capture-outputs.md; its members do not change.

Receives changes; hands on a message for each, or a body that is a JSON array of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from boathouse.capture.changes import DELETE, MOVED, ChangeBatch
from boathouse.capture.formats.formatter import OPERATIONS, Changes, Message, Place, rows_told
from boathouse.capture.formats.values import iso, object_of, quoted_text, tokens


class EventFormatter:
    """See `Formatter`."""

    content_type = "application/json"
    per_change = True
    mixes_tables = True

    def body(self, changes: Sequence[Changes]) -> bytes:
        """See `Formatter`."""
        return b"[" + b",".join(message.value for one in changes for message in self.messages(one)) + b"]"

    def messages(self, changes: Changes) -> Iterator[Message]:
        """See `Formatter`."""
        schema, table = changes.path
        head = (
            f'{{"integration":{quoted_text(changes.integration)},"schema":{quoted_text(schema)},'
            f'"table":{quoted_text(table)},"version":{changes.version},"entry":{changes.first.entry},"number":'
        )
        told = rows_told(changes)
        times = [f'"{text}Z"' for text in iso(told.column("_record_time")).to_pylist()]
        where = zip(
            [_text_or_null(one) for one in told.column("_record_position").to_pylist()],
            ["null" if one is None else one for one in told.column("_record_ordinal").to_pylist()],
            times,
            strict=True,
        )
        if changes.batch is None:
            position, ordinal, time = next(where)
            value = (
                f'{head}{changes.first.number},"operation":"truncate","key":null,"after":null,"position":{position},'
                f'"ordinal":{ordinal},"time":{time}}}'
            )
            yield Message(changes.path, changes.first, None, value.encode(), False)
            return
        batch = changes.batch
        keys, states, unchanged = key_objects(batch), states_after(batch), _unchanged(batch)
        ops, number = batch.ops.to_pylist(), changes.first.number
        for index, (op, (position, ordinal, time)) in enumerate(zip(ops, where, strict=True)):
            more = unchanged[index]
            if op == MOVED and index:
                more += f',"moved_from":{keys[index - 1]}'
            value = (
                f'{head}{number + index},"operation":"{OPERATIONS[op]}","key":{keys[index]},"after":{states[index]},'
                f'"position":{position},"ordinal":{ordinal},"time":{time}{more}}}'
            )
            place = Place(changes.first.entry, number + index)
            yield Message(changes.path, place, keys[index].encode(), value.encode(), op == DELETE)


def key_objects(batch: ChangeBatch) -> list[str]:
    """Each row's key as a JSON object."""
    columns = [batch.schema.columns[index] for index in batch.schema.key]
    values = [tokens(batch.schema.columns[index].type, batch.rows.column(index)) for index in batch.schema.key]
    return object_of([column.name for column in columns], values)


def states_after(batch: ChangeBatch) -> list[str]:
    """Each row after its change as a JSON object, without the columns that the source did not tell; null of a deleted one."""
    columns = batch.schema.columns
    values = [tokens(column.type, batch.rows.column(index)) for index, column in enumerate(columns)]
    found = object_of([column.name for column in columns], values)
    for row, pattern in enumerate(() if batch.pattern is None else batch.pattern.to_pylist()):
        if pattern:
            there = [index for index in range(len(columns)) if index not in batch.patterns[pattern]]
            found[row] = object_of([columns[index].name for index in there], [[values[index][row]] for index in there])[
                0
            ]
    return ["null" if op == DELETE else state for op, state in zip(batch.ops.to_pylist(), found, strict=True)]


def _unchanged(batch: ChangeBatch) -> list[str]:
    if batch.pattern is None:
        return [""] * len(batch)
    names = [
        ",".join(quoted_text(batch.schema.columns[index].name) for index in sorted(pattern))
        for pattern in batch.patterns
    ]
    return [f',"unchanged":[{names[one]}]' if one else "" for one in batch.pattern.to_pylist()]


def _text_or_null(text: str | None) -> str:
    return "null" if text is None else quoted_text(text)
