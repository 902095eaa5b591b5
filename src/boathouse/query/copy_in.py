"""COPY … FROM STDIN: rows that the client sends, decoded, checked and inserted in portions.

Receives CopyData payloads from the endpoint; `wire.postgres.decode_copy` makes rows of them, each value is checked
against its column's type here, and the engine inserts a portion at a time inside the statement's transaction: all or
nothing, with memory for one portion.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import cast

from boathouse.contracts.answers import Answer, CopyFormat, CopyIn, Field
from boathouse.contracts.errors import (
    BoathouseError,
    DuplicateColumn,
    FeatureNotSupported,
    InvalidParameterValue,
    InvalidText,
    NotNullViolation,
    StringTooLong,
    UndefinedColumn,
    UndefinedTable,
    WrongObjectType,
)
from boathouse.contracts.house import House
from boathouse.contracts.relations import Column, Relation
from boathouse.contracts.session import Session
from boathouse.query.session import QuerySession
from boathouse.sql import statements as s
from boathouse.sql.redshift.types import duckdb_type
from boathouse.wire.postgres.decode_copy import CopyDecoder, Row, copy_decoder
from boathouse.wire.postgres.forms.parse_text import parse_text

PORTION_ROWS = 20_000
"""Rows per INSERT: enough that the statement's own cost vanishes, a few MB of Python values."""

_OPTIONS = frozenset({"format", "header", "delimiter", "null", "quote", "escape", "encoding"})


def copy_in(house: House, session: Session, statement: s.CopyStdin) -> Answer:
    """COPY table [(columns)] FROM STDIN."""
    mine = cast(QuerySession, session)
    relation = _table(mine, statement)
    columns = _columns(relation, statement.columns)
    form = _form(statement.options)
    fields = [Field(column.name, column.type) for column in columns]
    options = statement.options
    decoder = copy_decoder(
        form,
        fields,
        delimiter=cast("str | None", options.get("delimiter")),
        null=cast("str | None", options.get("null")),
        header=options.get("header") in (True, "true", "on", "1"),
        quote=str(options.get("quote", '"')),
        escape=cast("str | None", options.get("escape")),
    )
    loading = _Loading(mine, relation, columns, decoder, form)
    return CopyIn(form, len(columns), loading.write, loading.finish, loading.fail)


def _table(session: QuerySession, statement: s.CopyStdin) -> Relation:
    relation = session.catalog.relation(statement.table.schema, statement.table.name)
    if relation is None:
        raise UndefinedTable(f'relation "{statement.table}" does not exist')
    if relation.kind not in ("table", "temporary"):
        raise WrongObjectType(f'cannot copy to {relation.kind} relation "{relation.name}"')
    return relation


def _columns(relation: Relation, names: Sequence[str]) -> list[Column]:
    if not names:
        return [column for column in relation.columns if not column.hidden and not column.identity]
    columns = []
    for name in names:
        column = relation.by_name.get(name)
        if column is None:
            raise UndefinedColumn(f'column "{name}" of relation "{relation.name}" does not exist')
        if column in columns:
            raise DuplicateColumn(f'column "{name}" specified more than once')
        columns.append(column)
    return columns


def _form(options: dict[str, str | bool]) -> CopyFormat:
    for name in options:
        if name not in _OPTIONS:
            raise FeatureNotSupported(f"COPY option {name} is not supported for data from the client")
    encoding = str(options.get("encoding", "utf8")).lower().replace("-", "")
    if encoding not in ("utf8", "unicode"):
        raise FeatureNotSupported("COPY data from the client must be UTF-8")
    form = str(options.get("format", "text")).lower()
    if form not in ("text", "csv", "binary"):
        raise InvalidParameterValue(f'COPY format "{form}" not recognized')
    return cast(CopyFormat, form)


class _Loading:
    """One COPY under way."""

    def __init__(
        self, session: QuerySession, relation: Relation, columns: list[Column], decoder: CopyDecoder, form: CopyFormat
    ) -> None:
        self._session = session
        self._columns = columns
        self._decoder = decoder
        self._as_text = form != "binary"
        self._timezone = session.setting("timezone")
        self._rows: list[Row] = []
        self._count = 0
        names = ", ".join('"' + column.name.replace('"', '""') + '"' for column in columns)
        values = ", ".join(
            _cast(f"unnest(CAST(CAST(${place} AS JSON) AS VARCHAR[]))", column)
            for place, column in enumerate(columns, 1)
        )
        self._insert = f"INSERT INTO {relation.engine_name} ({names}) SELECT {values}"

    def write(self, data: bytes) -> None:
        """Take one payload; every portion that is full goes to the engine."""
        self._rows += self._decoder.feed(data)
        while len(self._rows) >= PORTION_ROWS:
            self._session.check_cancelled()
            self._send(self._rows[:PORTION_ROWS])
            del self._rows[:PORTION_ROWS]

    def finish(self) -> str:
        """The rest; returns the command tag."""
        self._rows += self._decoder.finish()
        if self._rows:
            self._send(self._rows)
        self._rows = []
        return f"COPY {self._count}"

    def fail(self, reason: str) -> None:
        """Forget what has not been sent; the transaction undoes what has."""
        self._rows = []

    def _send(self, rows: list[Row]) -> None:
        if self._columns:
            lists = [
                [self._value(column, row[place], at) for at, row in enumerate(rows, self._count + 1)]
                for place, column in enumerate(self._columns)
            ]
            # One JSON text per column: the driver binds lists value by value, some hundred times slower.
            self._session.engine.execute(self._insert, [json.dumps(values) for values in lists])
        self._count += len(rows)

    def _value(self, column: Column, value: object, row: int) -> object:
        """A value as text that the engine casts: hexadecimal digits for bytes."""
        try:
            return _checked(column, value, self._as_text, self._timezone)
        except BoathouseError as failure:
            place = f'COPY data, row {row}, column "{column.name}".'
            raise type(failure)(failure.message, detail=place, sqlstate=failure.sqlstate) from None


def _cast(sql: str, column: Column) -> str:
    """Engine SQL that turns what is carried into the column's type; SUPER is parsed from JSON."""
    if column.type.name in ("bytea", "varbyte"):
        return f"unhex({sql})"
    text = f"CAST({sql} AS JSON)" if column.type.name == "super" else sql
    return f"CAST({text} AS {duckdb_type(column.type)})"


def _checked(column: Column, value: object, as_text: bool, timezone: str) -> object:
    sql_type = column.type
    if value is None:
        if not column.nullable:
            raise NotNullViolation(f'null value in column "{column.name}" violates not-null constraint')
        return None
    if sql_type.is_text:
        assert isinstance(value, str)
        return _fitting(value, column)
    if sql_type.is_nested:
        try:
            json.loads(str(value))
        except ValueError:
            raise InvalidText("invalid input syntax for type super: the text is not JSON") from None
        return value
    if as_text:
        value = parse_text(str(value), sql_type, timezone)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        microseconds = value.seconds * 1_000_000 + value.microseconds
        return f"{value.days} days {microseconds} microseconds"
    return str(value)


def _fitting(value: str, column: Column) -> str:
    """The text, if its bytes fit; blanks beyond the length are cut off, as PostgreSQL does."""
    length = column.type.length
    if length is None or len(value.encode()) <= length:
        return value
    cut = value.rstrip(" ")
    if len(cut.encode()) <= length:
        return cut
    raise StringTooLong(f"value too long for type {column.type}")
