"""What a table is, whichever way it is stored, and the statements by which it is made again elsewhere.

Received from what reads an older or another warehouse (`past_file`, `past_lake`); the statements are those that our own DDL
sends, so that each storage's session does them in its way. What the engine cannot say of a column stands in its note.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from boathouse.contracts.engine import Stored
from boathouse.sql.redshift.notes import read_note
from boathouse.sql.redshift.types import quoted
from boathouse.sql.targets.ddl_columns import ordered

Place = tuple[str, str]
"""Schema and name."""
Fetch = Callable[..., Sequence[tuple[object, ...]]]
"""Runs a query: SQL, and the values of its parameters."""

_NUMBERED = re.compile(r"(?:nextval|lake_next)\('((?:[^']|'')+)'\)")


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column: its type and default in the engine's words, and its note."""

    name: str
    type: str
    nullable: bool
    default: str | None
    note: str | None

    @property
    def numbers(self) -> str | None:
        """The sequence that its numbers come from."""
        found = _NUMBERED.search(self.default or "")
        return None if found is None else found[1].replace("''", "'")

    @property
    def sequence(self) -> Place:
        """The schema and the name of that sequence."""
        parts = [part.replace('""', '"') for part in re.findall(r'"((?:[^"]|"")*)"', self.numbers or "")]
        return parts[-2], parts[-1]

    @property
    def step(self) -> int:
        """Between two of its numbers."""
        identity = read_note(self.note).get("identity")
        return int(identity[1]) if identity else 1


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table and its note."""

    place: Place
    columns: tuple[StoredColumn, ...]
    note: str | None


class Past(Protocol):
    """A warehouse that is read and not changed.

    Attributes:
        fetch: asks the engine.
    """

    fetch: Fetch

    def table(self, place: Place) -> StoredTable | None:
        """What a table was; None where there was none."""
        ...

    def rows(self, place: Place) -> str:
        """What stands after FROM to read its rows."""
        ...

    def next_number(self, column: StoredColumn) -> int | None:
        """The number that a column's sequence would give next; None where nobody knows it any more."""
        ...


def made_again(
    past: Past, table: StoredTable, target: Place, database: str, stored: Stored, sequences: Mapping[str, str]
) -> Iterator[str]:
    """The statements that make the table, in order, but for its rows.

    Args:
        stored: what the tables of the target can do.
        sequences: column → the name of the sequence that it takes its numbers from now.
    """
    place = ".".join(map(quoted, (database, *target)))
    columns = []
    for column in table.columns:
        default = column.default
        if column.numbers is not None:
            name = f"{quoted(database)}.{quoted(target[0])}.{quoted(sequences[column.name])}"
            yield _sequence(past, table, column, name)
            default = f"{stored.number_function}({literal(name)})"
        collation = " COLLATE NOCASE" if read_note(column.note).get("insensitive") else ""
        parts = [quoted(column.name), column.type + collation, "" if column.nullable else "NOT NULL"]
        columns.append(" ".join(filter(None, (*parts, f"DEFAULT {default}" if default is not None else ""))))
    yield f"CREATE TABLE {place} ({', '.join(columns)})"
    yield from ordered(place, {column.name: column.note for column in table.columns}, stored)
    if table.note is not None:
        yield f"COMMENT ON TABLE {place} IS {literal(table.note)}"
    for column in table.columns:
        if column.note is not None:
            yield f"COMMENT ON COLUMN {place}.{quoted(column.name)} IS {literal(column.note)}"


def filled(past: Past, table: StoredTable, target: Place, database: str) -> str:
    """The statement that brings the rows, in their order."""
    names = ", ".join(quoted(column.name) for column in table.columns)
    place = ".".join(map(quoted, (database, *target)))
    return f"INSERT INTO {place} ({names}) SELECT {names} FROM {past.rows(table.place)}"


def noted(note: str | None, facts: Mapping[str, object]) -> str:
    """A note with some facts in place of those it had."""
    return json.dumps({**read_note(note), **facts}, ensure_ascii=False, sort_keys=True)


def literal(text: str) -> str:
    """A text as the engine's literal."""
    return "'" + text.replace("'", "''") + "'"


def _sequence(past: Past, table: StoredTable, column: StoredColumn, name: str) -> str:
    step = column.step
    start = past.next_number(column)
    if start is None:
        furthest = "max" if step > 0 else "min"
        ((last,),) = past.fetch(f"SELECT {furthest}({quoted(column.name)}) FROM {past.rows(table.place)}")
        seed = read_note(column.note).get("identity", [1])[0]
        start = int(seed) if last is None else int(str(last)) + step
    least = -(2**63) if step < 0 or start < 1 else 1
    most = 2**63 - 1 if step > 0 or start > 0 else -1
    return f"CREATE SEQUENCE {name} INCREMENT BY {step} MINVALUE {least} MAXVALUE {most} START WITH {start}"
