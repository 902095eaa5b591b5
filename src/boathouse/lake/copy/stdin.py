"""COPY … FROM STDIN: rows that a client sends, into a table.

Receives the client's data in any portions; decodes them by PostgreSQL's rules, converts them as an INSERT would, and
fills the table in the transaction that the journey opened. Memory is bounded by one chunk of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import cast

import pyarrow as pa

from boathouse.contracts.answers import Answer, CopyFormat, CopyIn, Field
from boathouse.contracts.errors import FeatureNotSupported, StringTooLong
from boathouse.contracts.house import House
from boathouse.contracts.relations import Column, Relation
from boathouse.contracts.session import Session
from boathouse.contracts.types import arrow_type
from boathouse.lake.copy.lent import Lent
from boathouse.lake.copy.target import load_columns, load_target
from boathouse.sql.redshift.types import duckdb_type
from boathouse.sql.statements import CopyStdin
from boathouse.wire.postgres.decode_copy import copy_decoder

CHUNK_ROWS = 20_000
_OPTIONS = {"format", "header", "delimiter", "null", "quote", "escape", "encoding"}
_numbers = count()


def copy_stdin(house: House, session: Session, statement: CopyStdin) -> Answer:
    """COPY table FROM STDIN; see the module."""
    unknown = set(statement.options) - _OPTIONS
    if unknown:
        raise FeatureNotSupported(f'COPY FROM STDIN option "{min(unknown)}" is not supported')
    target = load_target(session, statement.table)
    columns = load_columns(target, statement.columns, explicit_ids=True)
    filler = _Filler(session, statement, target, columns)
    form = cast(CopyFormat, statement.options.get("format", "text"))
    return CopyIn(form, len(columns), filler.write, filler.finish, filler.fail)


class _Filler:
    """Collects decoded rows and inserts them by chunks."""

    def __init__(self, session: Session, statement: CopyStdin, target: Relation, columns: Sequence[Column]) -> None:
        options = statement.options
        form = cast(CopyFormat, options.get("format", "text"))
        self._binary = form == "binary"
        self._decoder = copy_decoder(
            form,
            [Field(column.name, column.type) for column in columns],
            delimiter=cast(str | None, options.get("delimiter")),
            null=cast(str | None, options.get("null")),
            header=bool(options.get("header", False)),
            quote=str(options.get("quote", '"')),
            escape=cast(str | None, options.get("escape")),
        )
        self._session = session
        self._target = target
        self._columns = columns
        self._name = f"copy_stdin_{next(_numbers)}"
        self._lent = Lent(session.engine, self._name)
        self._waiting: list[tuple[object, ...]] = []
        self._rows = 0

    def write(self, data: bytes) -> None:
        """One CopyData payload."""
        self._session.check_cancelled()
        self._waiting += self._decoder.feed(data)
        if len(self._waiting) >= CHUNK_ROWS:
            self._insert()

    def finish(self) -> str:
        """CopyDone: the rest goes in; the tag counts the rows."""
        self._waiting += self._decoder.finish()
        self._insert()
        self._lent.end()
        if self._rows:
            self._session.relation_changed(self._target)
        return f"COPY {self._rows}"

    def fail(self, reason: str) -> None:
        """CopyFail: nothing more goes in; the transaction is rolled back by whoever holds it."""
        self._waiting.clear()

    def _insert(self) -> None:
        if not self._waiting:
            return
        rows, self._waiting = self._waiting, []
        arrays = [
            self._array(column, values) for column, values in zip(self._columns, zip(*rows, strict=True), strict=True)
        ]
        names = [f"c{place}" for place in range(len(arrays))]
        with self._lent.holding(pa.table(arrays, names=names)):
            self._check_lengths()
            listed = ", ".join('"' + column.name.replace('"', '""') + '"' for column in self._columns)
            values = ", ".join(self._value(column, name) for column, name in zip(self._columns, names, strict=True))
            self._rows += self._session.engine.execute(
                f"INSERT INTO {self._target.engine_name} ({listed}) SELECT {values} FROM {self._name}"
            )

    def _array(self, column: Column, values: tuple[object, ...]) -> pa.Array:
        wanted = arrow_type(column.type)
        # What Python's calendar lacks (infinity, 24:00:00) comes as text even from binary data: then all goes as text.
        if self._binary and wanted != pa.string() and not any(isinstance(value, str) for value in values):
            return pa.array(values, wanted)
        return pa.array([None if value is None else _text(value) for value in values], pa.string())

    @staticmethod
    def _value(column: Column, name: str) -> str:
        if column.type.name == "super":
            return f"memory.rs.json_parse({name})"
        if column.type.name == "character":
            return f"rtrim({name}, ' ')"
        return f"CAST({name} AS {duckdb_type(column.type)})"

    def _check_lengths(self) -> None:
        limited = [
            (column, f"c{place}")
            for place, column in enumerate(self._columns)
            if column.type.is_text and column.type.length is not None
        ]
        if not limited:
            return
        # Blanks at the end of a CHAR do not count.
        texts = [f"rtrim({name}, ' ')" if column.type.name == "character" else name for column, name in limited]
        longest = ", ".join(f"max(strlen({text}))" for text in texts)
        found = self._session.engine.fetch(f"SELECT {longest} FROM {self._name}")[0]
        for (column, _), length in zip(limited, found, strict=True):
            if length is not None and int(str(length)) > (column.type.length or 0):
                raise StringTooLong(f"value too long for type {column.type}", detail=f'Column "{column.name}".')


def _text(value: object) -> str:
    """A value as the engine's casts read it."""
    if isinstance(value, timedelta):
        return f"{value // timedelta(microseconds=1)} microseconds"
    return str(value)
